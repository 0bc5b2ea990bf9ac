// Resumable streams with the generated TypeScript in Node, through a network that is cut.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import WebSocket from "ws";

import { Cutter } from "../support/cutter.mjs";
import { generated } from "../support/generated.mjs";
import { GAP, isToldOfAGap, mistakes, readsThroughCuts } from "../support/resumed.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const server = serverForFile({ before, after });

const { OfficialLink, resumable, stream } = await generated();

async function through(context) {
  const cutter = await Cutter.start(context, server().url);
  return { OfficialLink, resumable, url: cutter.url, http: { WebSocket }, cut: () => cutter.cutAll() };
}

test("1 000 items through ten cuts: each comes once, in order", async (context) => {
  const read = await within(readsThroughCuts(await through(context)), "the stream ends", 60_000);
  assert.deepEqual(mistakes(read), []);
});

test("a history that is too short is said, not hidden", async (context) => {
  const { error } = await within(isToldOfAGap(await through(context)), "the stream ends", 60_000);
  assert.deepEqual(error, GAP);
});

test("leaving the loop ends the stream on the server, also over the next connection", async (context) => {
  const setup = await through(context);
  const link = new OfficialLink(`${setup.url}/interop`, { retry: () => 10, http: { WebSocket } }, () => {});
  context.after(() => link.stop());
  await within(link.start(), "the link starts");
  const items = new Inbox();
  const subscription = resumable(link.connection, "Ticks", 1_000_000).subscribe({
    next: (item) => items.push(item),
    error: (error) => items.push(error),
    complete: () => items.push("complete"),
  });
  await items.next("the first item");
  setup.cut();
  await items.find((item) => item > 50, "items after the cut");
  subscription.dispose();
  await within(kept(0), "the server keeps no stream");
  assert.equal(items.drain().includes("complete"), false);
});

test("a plain stream fails with its connection, as before", async (context) => {
  const setup = await through(context);
  const link = new OfficialLink(`${setup.url}/interop`, { retry: () => 10, http: { WebSocket } }, () => {});
  context.after(() => link.stop());
  await within(link.start(), "the link starts");
  const read = (async () => {
    for await (const item of stream(link.connection, "Ticks", 1_000_000)) {
      if (item === 10) setup.cut();
    }
  })();
  await assert.rejects(within(read, "the stream fails"), { name: "HubCallError", reason: "lost" });
});

/** Waits until the server keeps so many streams. */
async function kept(count) {
  for (;;) {
    const { hub } = await (await fetch(`${server().url}/control/census`)).json();
    if (hub.resumableStreams === count) return;
  }
}
