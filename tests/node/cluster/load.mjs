// A steady load on a cluster, and an exact account of it: every message that was sent, what its sender was told, and who got
// it.

import assert from "node:assert/strict";

import * as signalR from "@microsoft/signalr";

import { LIMIT, within } from "../support/time.mjs";

/** How many members connect at once. */
const TOGETHER = 100;

let loads = 0;
/** Soon, and again and again: every client finds a node that runs. */
const RETRIES = [0, 100, 200, 400, 800, 1_600, 3_200, 6_400];

/** An official client over a WebSocket. */
export async function connect(url, { hub = "interop", serverTimeout, transport = "WebSockets", protocol, on = {} } = {}) {
  const builder = new signalR.HubConnectionBuilder()
    .withUrl(`${url}/${hub}`, { transport: signalR.HttpTransportType[transport] })
    .withAutomaticReconnect(RETRIES)
    .configureLogging(signalR.LogLevel.None);
  if (protocol !== undefined) {
    builder.withHubProtocol(protocol);
  }
  const connection = (serverTimeout === undefined ? builder : builder.withServerTimeout(serverTimeout)).build();
  Object.entries(on).forEach(([name, handler]) => connection.on(name, handler));
  await within(connection.start(), "a client connects");
  return connection;
}

/** A member of the group that keeps what it gets. */
export class Member {
  /** The numbers that came, by sender, in the order in which they came. */
  got = new Map();
  /** How often the connection was lost, and whether it is for good. */
  lost = 0;
  isClosed = false;
  #waiting = [];

  static async join(node, url, group, options) {
    const member = new Member();
    Object.assign(member, { node, group });
    member.connection = await connect(url, { ...options, on: { Receive: (why, text) => why === "group" && member.#take(text) } });
    member.connection.onreconnecting(() => member.lost++);
    member.connection.onclose(() => (member.isClosed = true));
    member.connection.onreconnected(() => member.#rejoin());
    await member.#enter();
    return member;
  }

  #enter() {
    return within(this.connection.invoke("Join", this.group), "a member joins");
  }

  async #rejoin() {
    // Behind a node that has just lost Redis a join fails: the next one does not.
    for (;;) {
      try {
        await this.#enter();
        break;
      } catch (error) {
        if (this.connection.state !== signalR.HubConnectionState.Connected) {
          return;
        }
      }
    }
    this.rejoined?.();
  }

  /** Resolves when the member has come back and is in the group again. */
  comesBack() {
    return within(new Promise((resolve) => (this.rejoined = resolve)), "a member comes back");
  }

  #take(text) {
    const [sender, number] = text.split(":");
    this.got.set(sender, [...(this.got.get(sender) ?? []), Number(number)]);
    this.#waiting = this.#waiting.filter((wait) => !wait());
  }

  has(sender, number) {
    return (this.got.get(sender) ?? []).includes(number);
  }

  /** Resolves when this number has come. */
  reaches(sender, number) {
    if (this.has(sender, number)) {
      return Promise.resolve();
    }
    const come = new Promise((resolve) => this.#waiting.push(() => this.has(sender, number) && (resolve(), true)));
    return within(come, `message ${number} of sender ${sender} reaches a member of node ${this.node}`);
  }
}

/** Sends one message after the other, and keeps what it was told of each. */
export class Sender {
  /** One for each message: `{ accepted, from, to }`, where `from` and `to` are the phases in which it was sent and answered. */
  sent = [];
  #isRunning = true;
  #waiting = [];

  static async start(name, node, url, group, options, phase) {
    const sender = new Sender();
    Object.assign(sender, { name, node, group });
    sender.connection = await connect(url, options);
    sender.ended = sender.#run(phase);
    return sender;
  }

  async #run(phase) {
    while (this.#isRunning) {
      const [from, text] = [phase(), `${this.name}:${this.sent.length}`];
      const accepted = await within(this.connection.invoke("SayToGroup", this.group, text), "a send is answered").then(
        () => true,
        () => false,
      );
      this.sent.push({ accepted, from, to: phase() });
      this.#waiting = this.#waiting.filter((wait) => !wait());
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Resolves when so many messages fit. */
  has(count, fits, what) {
    const isDone = () => this.sent.filter(fits).length >= count;
    return isDone()
      ? Promise.resolve()
      : within(new Promise((resolve) => this.#waiting.push(() => isDone() && (resolve(), true))), `sender ${this.name}: ${what}`, 2 * LIMIT);
  }

  async stop() {
    this.#isRunning = false;
    await within(this.ended, "a sender ends");
  }
}

/** Members and senders, through the phases `before`, `outage` and `after`. */
export class Load {
  phase = "before";
  members = [];
  senders = [];

  /** Runs `test` under a load. `members` and `senders` are `[node, url]`, one for each; `options` are those of `connect`. */
  static async during(members, senders, test, options = {}) {
    const load = await Load.#start(members, senders, options);
    try {
      return await test(load);
    } finally {
      await load.#stop();
    }
  }

  static async #start(members, senders, options) {
    const [load, group] = [new Load(), `load ${loads++}`];
    for (let next = 0; next < members.length; next += TOGETHER) {
      const some = members.slice(next, next + TOGETHER);
      load.members.push(...(await Promise.all(some.map(([node, url]) => Member.join(node, url, group, options)))));
    }
    load.senders = await Promise.all(senders.map(([node, url], at) => Sender.start(`${at}`, node, url, group, options, () => load.phase)));
    await load.each(10, "before");
    return load;
  }

  /** Resolves when every sender was told of so many messages of a phase. */
  each(count, phase, accepted = true) {
    const fits = (message) => message.from === phase && message.accepted === accepted;
    return Promise.all(this.senders.map((sender) => sender.has(count, fits, `${count} messages of ${phase}, accepted: ${accepted}`)));
  }

  /** Ends the senders when all is well again, and waits until what they sent last is there. */
  async end() {
    this.phase = "after";
    await this.each(20, "after");
    await Promise.all(this.senders.map((sender) => sender.stop()));
    const lasts = this.senders.map(({ name, sent }) => [name, sent.findLastIndex(({ accepted }) => accepted)]);
    await Promise.all(this.members.flatMap((member) => lasts.map(([name, last]) => member.reaches(name, last))));
  }

  /** What was accepted and has not reached a member. */
  missing(member) {
    const of = ({ name, sent }) => sent.flatMap(({ accepted }, number) => (accepted && !member.has(name, number) ? [`${name}:${number}`] : []));
    return this.senders.flatMap(of);
  }

  /** Fails where more went wrong than may. Returns the account. `isAway` says which members were cut off themselves. */
  check({ isAway = () => false } = {}) {
    const account = { sent: 0, accepted: 0, refused: 0, delivered: 0, lost: 0 };
    for (const { name, node, sent } of this.senders) {
      account.sent += sent.length;
      account.accepted += sent.filter(({ accepted }) => accepted).length;
      account.refused += sent.filter(({ accepted }) => !accepted).length;
      for (const member of this.members) {
        const got = member.got.get(name) ?? [];
        const who = `a member of node ${member.node}, sender ${name} of node ${node}`;
        assert.deepEqual(got, [...new Set(got)].sort((a, b) => a - b), `${who}: once each, in order`);
        account.delivered += got.length;
        const missing = sent.map((message, number) => ({ number, ...message })).filter(({ number }) => !got.includes(number));
        const lost = missing.filter(({ accepted }) => accepted);
        account.lost += lost.length;
        // A node that dies may not have written what was accepted just before.
        const calm = lost.filter(({ from, to }) => from === to && (from === "after" || (from === "before" && !isAway(member))));
        assert.deepEqual(calm, [], `${who}: what was accepted before and after`);
        if (member.node === node && !isAway(member)) {
          assert.deepEqual(missing, [], `${who}: what its own node has taken, accepted or not`);
        }
      }
    }
    assert.deepEqual(this.members.filter(({ isClosed }) => isClosed), [], "no member is closed for good");
    return account;
  }

  async #stop() {
    this.senders.forEach((sender) => sender.stop().catch(() => {}));
    const connections = [...this.members, ...this.senders].map(({ connection }) => connection);
    await Promise.all(connections.map((connection) => within(connection.stop(), "a client stops")));
  }
}
