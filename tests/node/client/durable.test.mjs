// Durable messages with the generated TypeScript, through a network that is cut: what was missed comes before the page is
// told, and stateful reconnect goes on counting.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { JsonHubProtocol, LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import WebSocket from "ws";

import { Cutter } from "../support/cutter.mjs";
import { generated } from "../support/generated.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const { Logs, OfficialLink, invokeIdempotent } = await generated();

let groups = 0;

/** A member of a group, with all that its page sees, in order. */
async function member(context, url, group, protocol, options = {}) {
  const seen = new Inbox();
  const all = [];
  const note = (what) => {
    all.push(what);
    seen.push(what);
  };
  const logs = new Logs({ onRecovered: note, onGap: note });
  const link = new OfficialLink(
    `${url}/durable`,
    {
      http: { WebSocket },
      retry: () => 20,
      configure: (builder) => builder.withHubProtocol(protocol()).configureLogging(LogLevel.None),
      ...options,
    },
    () => link.connection.invoke("Join", group),
    logs,
  );
  link.connection.on("Receive", (why, text) => note(text));
  context.after(() => link.stop());
  await within(link.start(), "the member connects");
  return { link, seen, all, say: (text) => within(invokeIdempotent(link.connection, "SayToGroup", group, text), text) };
}

for (const [name, protocol] of [
  ["JSON", () => new JsonHubProtocol()],
  ["MessagePack", () => new MessagePackHubProtocol()],
]) {
  test(`a page gets what it has missed, and is told after that, over ${name}`, async (context) => {
    const group = `members ${groups++}`;
    const cutter = await Cutter.start(context, server().url);
    const page = await member(context, cutter.url, group, protocol);
    const other = await member(context, server().url, group, protocol);
    await other.say("before");
    assert.equal(await page.seen.next(), "before");
    cutter.isOpen = false;
    cutter.cutAll();
    for (const text of ["one", "two", "three"]) await other.say(text);
    cutter.isOpen = true;
    await page.seen.find((what) => what.messages !== undefined, "the page is told that it has missed nothing");
    await other.say("after");
    await page.seen.find((what) => what === "after", "it reads on");
    assert.deepEqual(page.all, ["before", "one", "two", "three", { group, messages: 3 }, "after"]);
  });

  test(`with stateful reconnect the connection stays, and each message comes once, over ${name}`, async (context) => {
    const group = `members ${groups++}`;
    const cutter = await Cutter.start(context, server().url);
    const page = await member(context, cutter.url, group, protocol, { statefulReconnect: true });
    const other = await member(context, server().url, group, protocol);
    const id = page.link.connection.connectionId;
    const expected = [];
    for (let round = 0; round < 4; round++) {
      for (let number = 0; number < 5; number++) {
        expected.push(`${round}:${number}`);
        await other.say(expected.at(-1));
        if (number === 2) cutter.cutOpen();
      }
      await page.seen.find((what) => what === expected.at(-1), "it reads on");
    }
    assert.deepEqual(page.all, expected);
    assert.equal(page.link.connection.connectionId, id, "it is the same connection");
  });
}
