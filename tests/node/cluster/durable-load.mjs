// A steady load of durable messages, and an exact account of it: which messages were recorded, and which reader got which.
// Readers and senders are what `cargo hubs generate` writes.

import assert from "node:assert/strict";

import * as signalR from "@microsoft/signalr";

import { generated } from "../support/generated.mjs";
import { Inbox, LIMIT, until as untilOf, within } from "../support/time.mjs";

/** How many readers connect at once. */
const TOGETHER = 100;

const { Logs, OfficialLink, invokeIdempotent } = await generated();

let groups = 0;

/** The name of a group that no other test has. */
export const newGroup = () => `durable ${groups++}`;

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** A client that is kept alive. */
export class Client {
  recovered = [];
  gaps = [];
  /** How often its connection was lost. */
  lost = 0;

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
          await pause(20);
        }
      }
    };
    client.link = new OfficialLink(`${url}/${hub}`, options, enter, client.logs);
    client.link.connection.on("Receive", (why, text) => received(text));
    await within(client.link.start(), "a client connects");
    let before = "connected";
    client.link.subscribe(({ state }) => {
      client.lost += before === "connected" && state === "reconnecting" ? 1 : 0;
      before = state;
    });
    return client;
  }

  /** Whether it is connected, in its group, and knows what has become of all that it has missed. */
  get isBack() {
    return this.link.status.state === "connected" && this.recovered.length + this.gaps.length >= this.lost;
  }

  call(method, ...args) {
    return invokeIdempotent(this.link.connection, method, ...args);
  }

  stop() {
    return within(this.link.stop(), "a client stops");
  }
}

/** A reader, with all that it was given: the numbers of each sender, in the order in which they came. */
export async function reader(url, group, options) {
  const got = new Map();
  const inbox = new Inbox();
  const received = (text) => {
    const [sender, number] = text.split(":");
    got.has(sender) ? got.get(sender).push(Number(number)) : got.set(sender, [Number(number)]);
    inbox.push(text);
  };
  return Object.assign(await Client.start(url, { group, received, ...options }), { got, inbox });
}

/** Sends until it is stopped, and keeps which of its messages are recorded. It waits when `most` of them are. */
async function sender(url, name, group) {
  const own = { name, accepted: [], refused: [], sent: 0, most: Infinity, isRunning: true };
  const client = Object.assign(await Client.start(url), own);
  const run = async () => {
    while (client.isRunning) {
      if (client.accepted.length < client.most && client.link.status.state === "connected") {
        const number = client.sent++;
        try {
          await within(client.call("SayToGroup", group, `${name}:${number}`), "a send is answered", 3 * LIMIT);
          client.accepted.push(number);
        } catch (error) {
          assert.ok(!error.message.startsWith("not within"), error.message);
          client.refused.push(number);
        }
      }
      await pause(5);
    }
  };
  client.ended = run();
  // Its failure is reported where it is waited for.
  client.ended.catch(() => {});
  return client;
}

/** Waits until something holds, as long as a load may take. */
export const until = (holds, what, limit = 4 * LIMIT) => untilOf(holds, what, limit);

/** What a reader has got of a sender, and what it has not got although it was recorded. */
export function received({ got }, { name, accepted }) {
  const numbers = got.get(name) ?? [];
  const known = new Set(numbers);
  return { numbers, known, missing: accepted.filter((number) => !known.has(number)) };
}

/**
 * Runs `fire` under a load, and takes the account. `urls` are those of the readers, `from` those of the senders. A message
 * whose sender was told of an error may be recorded or not; with `mayBeLate` also after those that were sent later.
 */
export async function underLoad(urls, from, fire, { mayBeLate = false } = {}) {
  const group = newGroup();
  const [readers, senders] = [[], []];
  try {
    for (let next = 0; next < urls.length; next += TOGETHER) {
      readers.push(...(await Promise.all(urls.slice(next, next + TOGETHER).map((url) => reader(url, group)))));
    }
    senders.push(...(await Promise.all(from.map((url, at) => sender(url, `${at}`, group)))));
    const more = (count, some = senders) => {
      const wanted = some.map(({ accepted }) => accepted.length + count);
      return until(() => some.every(({ accepted }, at) => accepted.length >= wanted[at]), `${count} more messages are recorded`);
    };
    await more(10);
    const began = performance.now();
    await fire({ readers, senders, more });
    await more(20);
    const recovery = Math.round(performance.now() - began);
    senders.forEach((each) => (each.isRunning = false));
    await Promise.all(senders.map(({ ended }) => ended));
    const has = (one) => senders.every((each) => received(one, each).known.has(each.accepted.at(-1)));
    await until(() => readers.every(has), "the last message reaches every reader");
    return { ...account(readers, senders, mayBeLate), recovery };
  } finally {
    senders.forEach((each) => (each.isRunning = false));
    await Promise.all([...readers, ...senders].map((client) => client.stop()));
  }
}

/** Fails where a reader has not got every recorded message once and in order. Returns the counts. */
function account(readers, senders, mayBeLate) {
  const account = { sent: 0, recorded: 0, refused: 0, delivered: 0, lost: 0, twice: 0, gaps: 0, recovered: 0 };
  for (const each of senders) {
    account.sent += each.sent;
    account.recorded += each.accepted.length;
    account.refused += each.refused.length;
    const refused = new Set(each.refused);
    for (const one of readers) {
      const { numbers, known, missing } = received(one, each);
      account.delivered += numbers.length;
      account.twice += numbers.length - known.size;
      account.lost += missing.length;
      const ordered = mayBeLate ? numbers.filter((number) => !refused.has(number)) : numbers;
      assert.deepEqual(ordered, [...ordered].sort((a, b) => a - b), "in order");
    }
  }
  for (const { gaps, recovered } of readers) {
    account.gaps += gaps.length;
    account.recovered += recovered.length;
  }
  const { lost, twice, gaps } = account;
  assert.deepEqual({ lost, twice, gaps }, { lost: 0, twice: 0, gaps: 0 });
  return account;
}
