// A feed, read by a plain EventSource in Chromium, through a network that is cut.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { launch } from "../support/chat.mjs";
import { clients, target } from "../support/client.mjs";
import { Cutter } from "../support/cutter.mjs";
import { bundled } from "../support/generated.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const server = serverForFile({ before, after });

/** Reads with nothing but the browser. */
function plain(query) {
  const source = new EventSource(`/fed/feed${query}`);
  source.onopen = () => globalThis.read("open", null);
  source.onerror = () => globalThis.read("error", source.readyState);
  for (const name of ["Receive", "hubs:missed"]) {
    source.addEventListener(name, (event) => globalThis.read(name, JSON.parse(event.data)));
  }
}

/** Reads with what `cargo hubs` generates. */
async function generated(query) {
  const { openFeed, register } = await import("/generated.mjs");
  const feed = openFeed(`/fed/feed${query}`, { onMissed: (reason) => globalThis.read("hubs:missed", { reason }) });
  feed.source.onopen = () => globalThis.read("open", null);
  feed.source.onerror = () => globalThis.read("error", feed.source.readyState);
  const registered = register(feed, { Receive: (text) => globalThis.read("Receive", [text]) });
  globalThis.dispose = () => registered.dispose();
  globalThis.call = () => feed.invoke("Echo", "text").catch((error) => error.message);
  globalThis.state = () => feed.state;
}

/** A page that reads the feed of a group. What it reads is in `read`, in order: `[event, data]`. */
async function reading(context, query = "?group=a", how = plain) {
  const cutter = await Cutter.start(context, server().url);
  const browser = await launch();
  context.after(() => browser.close());
  const page = await browser.newPage();
  const read = new Inbox();
  await page.exposeFunction("read", (name, data) => {
    read.push([name, data]);
  });
  await page.goto(`${cutter.url}/control/stats`);
  const body = await readFile(await bundled());
  await page.route("**/generated.mjs", (route) => route.fulfill({ contentType: "text/javascript", body }));
  await page.evaluate(how, query);
  const client = await clients(context)(`${server().url}/fed`);
  return { cutter, page, read, client };
}

const next = (read, name) => within(read.find(([found]) => found === name, `the event ${name}`), `the event ${name}`);

test("an EventSource gets what its group and all clients get, as names and arrays of arguments", async (context) => {
  const { read, client } = await reading(context);
  await next(read, "open");
  await client.invoke("Push", target("group", { names: "b" }), "for others");
  await client.invoke("Push", target("group", { names: "a" }), 'for "a"\n');
  await client.invoke("Push", target("all"), "for all");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ['for "a"\n']]);
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["for all"]]);
});

test("an EventSource that is cut goes on by itself, and misses nothing", async (context) => {
  const { cutter, read, client } = await reading(context);
  await next(read, "open");
  await client.invoke("Push", target("group", { names: "a" }), "before");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["before"]]);
  cutter.isOpen = false;
  cutter.cutAll();
  await next(read, "error");
  await client.invoke("Push", target("group", { names: "a" }), "meanwhile");
  await client.invoke("Push", target("group", { names: "b" }), "for others");
  for (const number of [0, 1, 2]) {
    await client.invoke("Push", target("all"), `${number}`);
  }
  cutter.isOpen = true;
  await next(read, "open");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["meanwhile"]]);
  for (const number of [0, 1, 2]) {
    assert.deepEqual(await next(read, "Receive"), ["Receive", [`${number}`]]);
  }
  await client.invoke("Push", target("all"), "live");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["live"]]);
  assert.equal(read.items.filter(([name]) => name === "hubs:missed").length, 0);
});

test("an EventSource that was away for too long is told", async (context) => {
  const { cutter, read, client } = await reading(context);
  await next(read, "open");
  await client.invoke("Push", target("all"), "before");
  await next(read, "Receive");
  cutter.isOpen = false;
  cutter.cutAll();
  await next(read, "error");
  await Promise.all(Array.from({ length: 150 }, () => client.invoke("Push", target("all"), "meanwhile")));
  cutter.isOpen = true;
  assert.deepEqual(await next(read, "hubs:missed"), ["hubs:missed", { reason: "expired" }]);
  await client.invoke("Push", target("all"), "live");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["live"]], "and nothing of what was sent meanwhile");
});

test("an EventSource that is refused gives up", async (context) => {
  const { read } = await reading(context, "?refuse=yes");
  const CLOSED = 2;
  assert.deepEqual(await next(read, "error"), ["error", CLOSED]);
});

test("the generated reader gives arguments to handlers, goes on, and says what was missed", async (context) => {
  const { cutter, page, read, client } = await reading(context, "?group=a", generated);
  await next(read, "open");
  assert.equal(await page.evaluate(() => globalThis.state()), "Connected");
  await client.invoke("Push", target("group", { names: "a" }), "typed");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["typed"]]);
  cutter.isOpen = false;
  cutter.cutAll();
  await next(read, "error");
  await Promise.all(Array.from({ length: 150 }, () => client.invoke("Push", target("all"), "meanwhile")));
  cutter.isOpen = true;
  assert.deepEqual(await next(read, "hubs:missed"), ["hubs:missed", { reason: "expired" }]);
  await client.invoke("Push", target("all"), "live");
  assert.deepEqual(await next(read, "Receive"), ["Receive", ["live"]]);
  assert.equal(await page.evaluate(() => globalThis.call()), "A feed calls nothing.");
  await page.evaluate(() => globalThis.dispose());
  await page.evaluate(() => {
    const other = new EventSource("/fed/feed");
    other.onopen = () => globalThis.read("other", null);
    other.addEventListener("Receive", () => globalThis.read("other", null));
  });
  await next(read, "other");
  await client.invoke("Push", target("all"), "has no handler");
  await next(read, "other");
  assert.equal(read.items.filter(([name]) => name === "Receive").length, 0);
});
