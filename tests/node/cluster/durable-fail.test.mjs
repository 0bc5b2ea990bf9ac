// Durable messages under fire: Redis and nodes are killed under a steady load, and every message that its sender was told is
// recorded reaches every reader once and in order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { Client, newGroup, reader, underLoad, until } from "./durable-load.mjs";
import { clusterForFile } from "../support/cluster.mjs";
import { Inbox, within } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const ROUNDS = IS_LONG ? 20 : 1;
/** How long Redis is away in the long form, as one that is started again by a supervisor. */
const AWAY = 3_000;
const READERS = 6;

const cluster = clusterForFile({ before, after, redis: { keeps: true } });

const through = (count) => Array.from({ length: count }, () => cluster().url);
const direct = () => cluster().nodes.map(({ url }) => url);

test(`Redis is killed under load and loses nothing that was recorded: ${ROUNDS} rounds`, async () => {
  const accounts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const account = await underLoad([...direct(), ...through(READERS)], direct(), async () => {
      await cluster().redis.kill();
      await new Promise((resolve) => setTimeout(resolve, IS_LONG ? AWAY : 300));
      await cluster().redis.restart();
    });
    accounts.push({ round, ...account });
  }
  console.table(accounts);
});

test(`a node is killed under load, and its clients miss nothing: ${ROUNDS} rounds`, async () => {
  const accounts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const victim = round % 3;
    const others = direct().filter((url) => url !== cluster().nodes[victim].url);
    const account = await underLoad(through(READERS), [...others, cluster().url], async ({ readers, more }) => {
      const before = readers.reduce((sum, { recovered }) => sum + recovered.length, 0);
      await cluster().kill(victim);
      await more(10);
      const after = () => readers.reduce((sum, { recovered }) => sum + recovered.length, 0);
      await until(() => after() > before, "the clients of the node are told that they missed nothing");
    });
    await cluster().restart(victim);
    accounts.push({ round, ...account });
  }
  console.table(accounts);
});

test("a page that was away for longer than the log is kept is told so, and gets nothing in part", async () => {
  const [north, south, east] = direct();
  const group = newGroup();
  const away = await reader(north, group, { hub: "durable-short" });
  const speaker = await Client.start(south, { hub: "durable-short" });
  await within(speaker.call("SayToGroup", group, "a:1"), "it is recorded");
  assert.equal(await away.inbox.next(), "a:1");
  await away.stop();
  for (let number = 2; number < 10; number++) {
    await within(speaker.call("SayToGroup", group, `a:${number}`), "it is recorded");
  }
  // To a node that remembers nothing of the group itself.
  const back = await reader(east, group, { hub: "durable-short", known: away.logs });
  await within(speaker.call("SayToGroup", group, "a:10"), "it is recorded");
  assert.equal(await back.inbox.next(), "a:10");
  assert.deepEqual(away.gaps, [{ group, reason: "trimmed" }]);
  await Promise.all([back.stop(), speaker.stop()]);
});

for (const [name, protocol] of [
  ["JSON", () => new signalR.JsonHubProtocol()],
  ["MessagePack", () => new MessagePackHubProtocol()],
]) {
  test(`a late member gets the last messages, over ${name}`, async () => {
    const [north, south] = direct();
    const group = newGroup();
    const speaker = await Client.start(south, { protocol: protocol() });
    for (let number = 1; number < 6; number++) {
      await within(speaker.call("SayToGroup", group, `a:${number}`), "it is recorded");
    }
    const late = await reader(north, group, { protocol: protocol(), join: "JoinWithHistory", args: [3] });
    for (const expected of ["a:3", "a:4", "a:5"]) {
      assert.equal(await late.inbox.next(), expected);
    }
    await Promise.all([late.stop(), speaker.stop()]);
  });

  test(`the official client without any of this gets durable messages once, over ${name}`, async () => {
    const group = newGroup();
    const plain = await Promise.all(
      direct().map(async (url) => {
        const connection = new signalR.HubConnectionBuilder()
          .withUrl(`${url}/durable`, { transport: signalR.HttpTransportType.WebSockets })
          .withHubProtocol(protocol())
          .configureLogging(signalR.LogLevel.None)
          .build();
        const inbox = new Inbox();
        connection.on("Receive", (why, text) => inbox.push(text));
        await within(connection.start(), "it connects");
        await within(connection.invoke("Join", group), "it joins");
        return { connection, inbox };
      }),
    );
    for (const text of ["one", "two", "three"]) {
      await within(plain[0].connection.invoke("SayToGroup", group, text), "it is recorded");
      for (const { inbox } of plain) {
        assert.equal(await inbox.next(), text);
      }
    }
    await Promise.all(plain.map(({ connection }) => within(connection.stop(), "it stops")));
  });
}
