// Durable messages under fire: Redis and nodes are killed under a steady load, and every message that its sender was told is
// recorded reaches every reader once and in order. Readers and senders are what `cargo hubs generate` writes.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { clusterForFile } from "../support/cluster.mjs";
import { generated } from "../support/generated.mjs";
import { Inbox, LIMIT, until, within } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const ROUNDS = IS_LONG ? 20 : 1;
/** How long Redis is away in the long form, as one that is started again by a supervisor. */
const AWAY = 3_000;
const READERS = 6;
/** How long it may take until all is recorded, read or told. */
const PATIENCE = 4 * LIMIT;

const cluster = clusterForFile({ before, after, redis: { keeps: true } });
const { Logs, OfficialLink, invokeIdempotent } = await generated();

let groups = 0;

/** A client that is kept alive. */
class Client {
  recovered = [];
  gaps = [];

  static async start(url, { group, protocol, hub = "durable", join = "Join", args = [], received = () => {}, known } = {}) {
    const client = new Client();
    client.logs = known ?? new Logs({ onRecovered: (event) => client.recovered.push(event), onGap: (gap) => client.gaps.push(gap) });
    const options = {
      http: { transport: signalR.HttpTransportType.WebSockets },
      retry: () => 50 + Math.random() * 100,
      configure: (builder) => {
        builder.configureLogging(signalR.LogLevel.None);
        return protocol === undefined ? builder : builder.withHubProtocol(protocol);
      },
    };
    const enter = async () => {
      // A node that has just lost Redis lets no one in: the next try, or the next node, does.
      while (group !== undefined && client.link.connection.state === signalR.HubConnectionState.Connected) {
        try {
          return await client.link.connection.invoke(join, group, ...args);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    };
    client.link = new OfficialLink(`${url}/${hub}`, options, enter, client.logs);
    client.link.connection.on("Receive", (why, text) => received(text));
    await within(client.link.start(), "a client connects");
    return client;
  }

  call(method, ...args) {
    return invokeIdempotent(this.link.connection, method, ...args);
  }

  stop() {
    return within(this.link.stop(), "a client stops");
  }
}

/** A reader, with all that it was given. */
async function reader(url, group, options) {
  const got = new Map();
  const inbox = new Inbox();
  const received = (text) => {
    const [sender, number] = text.split(":");
    got.set(sender, [...(got.get(sender) ?? []), Number(number)]);
    inbox.push(text);
  };
  return Object.assign(await Client.start(url, { group, received, ...options }), { got, inbox });
}

/** Sends until it is stopped, and keeps which of its messages are recorded. */
async function sender(url, name, group) {
  const client = Object.assign(await Client.start(url), { name, accepted: [], sent: 0, isRunning: true });
  const run = async () => {
    while (client.isRunning) {
      const number = client.sent++;
      try {
        await within(client.call("SayToGroup", group, `${name}:${number}`), "a send is answered", 3 * LIMIT);
        client.accepted.push(number);
      } catch (error) {
        assert.notEqual(error.name, "AssertionError", error.message);
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  client.ended = run();
  return client;
}

/** Runs `fire` under a load, and takes the account. `urls` are those of the readers, `from` those of the senders. */
async function underLoad(urls, from, fire) {
  const group = `durable ${groups++}`;
  const readers = await Promise.all(urls.map((url) => reader(url, group)));
  const senders = await Promise.all(from.map((url, at) => sender(url, `${at}`, group)));
  try {
    const more = (count) => {
      const wanted = senders.map(({ accepted }) => accepted.length + count);
      return until(() => senders.every(({ accepted }, at) => accepted.length >= wanted[at]), `${count} more messages are recorded`, PATIENCE);
    };
    await more(10);
    const began = performance.now();
    await fire({ readers, senders, more });
    await more(20);
    const recovery = Math.round(performance.now() - began);
    senders.forEach((each) => (each.isRunning = false));
    await Promise.all(senders.map(({ ended }) => ended));
    const has = ({ got }) => senders.every(({ name, accepted }) => (got.get(name) ?? []).includes(accepted.at(-1)));
    await until(() => readers.every(has), "the last message reaches every reader", PATIENCE);
    const account = { sent: 0, recorded: 0, delivered: 0, lost: 0, twice: 0, gaps: 0, recovered: 0, recovery };
    for (const { name, accepted, sent } of senders) {
      account.sent += sent;
      account.recorded += accepted.length;
      for (const { got } of readers) {
        const numbers = got.get(name) ?? [];
        account.delivered += numbers.length;
        account.twice += numbers.length - new Set(numbers).size;
        assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b), "in order");
        account.lost += accepted.filter((number) => !numbers.includes(number)).length;
      }
    }
    for (const { gaps, recovered } of readers) {
      account.gaps += gaps.length;
      account.recovered += recovered.length;
    }
    const { lost, twice, gaps } = account;
    assert.deepEqual({ lost, twice, gaps }, { lost: 0, twice: 0, gaps: 0 });
    return account;
  } finally {
    senders.forEach((each) => (each.isRunning = false));
    await Promise.all([...readers, ...senders].map((client) => client.stop()));
  }
}

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
      await until(() => after() > before, "the clients of the node are told that they missed nothing", PATIENCE);
    });
    await cluster().restart(victim);
    accounts.push({ round, ...account });
  }
  console.table(accounts);
});

test("a page that was away for longer than the log is kept is told so, and gets nothing in part", async () => {
  const [north, south, east] = direct();
  const group = `durable ${groups++}`;
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
    const group = `durable ${groups++}`;
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
    const group = `durable ${groups++}`;
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
