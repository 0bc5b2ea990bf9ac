// One stopped reader among 500 members of a group: the others get everything, it is closed at its cap, and the
// server's memory does not grow by more than that cap.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { Client, target } from "../support/client.mjs";
import { HANDSHAKE, Raw } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const MEMBERS = 500;
const CAP = 1024 * 1024;
/** Less than the 10 s after which a stopped reader would be closed for making no progress. */
const ROUND_LIMIT = 5_000;
const TEXT = "x".repeat(32 * 1024);
/** What the kernel may hold for a socket that is not read, with the fixture's small send buffer, is well below this. */
const MOST_ROUNDS = 200;

const server = serverForFile({ before, after });
const hub = () => `${server().url}/fixture`;

/** A connection that does the handshake, joins the group, and then reads nothing more. */
async function stoppedReader(user) {
  const { hostname, port } = new URL(server().url);
  const socket = connect(Number(port), hostname);
  const key = randomBytes(16).toString("base64");
  socket.write(
    `GET /fixture?user=${user} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  socket.write(masked(HANDSHAKE));
  socket.on("error", () => {});
  const { connection } = await server().event("connected", (event) => event.user === user);
  socket.pause();
  return { socket, connection };
}

/** A short text frame, as a client must send it. */
function masked(text) {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const bytes = payload.map((byte, at) => byte ^ mask[at % 4]);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, bytes]);
}

/** Members that count the messages they get, and tell when all have got one more. */
class Members {
  #got = 0;
  #wanted = 0;
  #done = () => {};

  async add() {
    const raw = await Raw.connect(hub());
    await raw.call("Join", ["everybody"]);
    raw.socket.removeAllListeners("message");
    raw.socket.on("message", (data) => {
      // Pings are short, pushes are not; none of these sockets gets anything else.
      if (data.length > TEXT.length) {
        this.#got += 1;
        if (this.#got === this.#wanted) {
          this.#done();
        }
      }
    });
    return raw;
  }

  /** Waits until `count` more messages have come, over all members. */
  expect(count, what) {
    this.#wanted = this.#got + count;
    return within(new Promise((resolve) => (this.#done = resolve)), what, ROUND_LIMIT);
  }
}

test("a stopped reader costs nobody but itself", async () => {
  const members = new Members();
  const sockets = [];
  const sender = await Client.start(hub());
  try {
    while (sockets.length < MEMBERS - 1) {
      const batch = Array.from({ length: Math.min(50, MEMBERS - 1 - sockets.length) }, () => members.add());
      sockets.push(...(await Promise.all(batch)));
    }
    const round = async (what) => {
      const all = members.expect(MEMBERS - 1, `every other member has ${what}`);
      await sender.invoke("Push", target("group", { names: "everybody" }), TEXT);
      await all;
    };
    for (let warm = 0; warm < 10; warm += 1) {
      await round(`warm-up message ${warm}`);
    }

    const stopped = await stoppedReader("stopped");
    await server().control("join", { connection: stopped.connection, group: "everybody" });
    const base = server().residentBytes();
    let most = base;
    let rounds = 0;
    const isClosed = () => server().untaken("disconnected", ({ connection }) => connection === stopped.connection).length > 0;
    while (!isClosed()) {
      assert.ok(rounds < MOST_ROUNDS, "the stopped reader is never closed");
      await round(`message ${rounds} beside a stopped reader`);
      rounds += 1;
      most = Math.max(most, server().residentBytes());
    }

    const { error } = await server().event("disconnected", ({ connection }) => connection === stopped.connection);
    assert.match(error, /slow/i);
    const stats = await server().stats();
    assert.equal(stats.slowConsumers, 1);
    assert.equal(stats.connections, MEMBERS);
    console.log(`closed after ${rounds} messages of ${TEXT.length} bytes; memory ${base} bytes, at most ${most - base} more`);
    assert.ok(rounds * TEXT.length > CAP, `it was closed after ${rounds} messages, before its cap`);
    assert.ok(most < base + CAP, `memory grew by ${most - base} bytes, the cap is ${CAP}`);

    await round("one more message");
    stopped.socket.resume();
    await within(new Promise((resolve) => stopped.socket.once("close", resolve)), "its socket is closed");
  } finally {
    sockets.forEach((raw) => raw.socket.terminate());
    await sender.stop();
  }
});
