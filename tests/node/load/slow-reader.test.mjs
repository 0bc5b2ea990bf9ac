// One stopped reader among 500 members of a group: the others get everything, it is closed soon after it has reached its
// cap, and the server's memory does not grow by much more than that cap.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { Client, target } from "../support/client.mjs";
import { Raw } from "../support/raw.mjs";
import { binary, Program, serverForFile } from "../support/server.mjs";
import { LIMIT, within } from "../support/time.mjs";

const MEMBERS = 500;
const CAP = 1024 * 1024;
/** Six of them fit under the cap, a seventh does not. */
const LENGTH = 150_000;
/** Less than the 10 s after which a stopped reader below the cap would be closed for making no progress. */
const ROUND_LIMIT = 5_000;
/** What the kernel holds for a socket that is not read is well below this: both ends' buffers are small. */
const MOST_ROUNDS = 20;

const server = serverForFile({ before, after });
const hub = () => `${server().url}/fixture`;

/** A connection that does the handshake and then reads nothing more, in a process of its own. */
async function stoppedReader(user) {
  const { host } = new URL(server().url);
  const program = new Program(binary("hubs-fixture-server"), { args: ["stopped-reader", host, user] });
  const { connection } = await server().event("connected", (event) => event.user === user);
  return { program, connection };
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
      if (data.length > LENGTH) {
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

test("a stopped reader delays no other client", async () => {
  const members = new Members();
  const sockets = [];
  const sender = await Client.start(hub());
  let stopped;
  try {
    while (sockets.length < MEMBERS - 1) {
      const batch = Array.from({ length: Math.min(50, MEMBERS - 1 - sockets.length) }, () => members.add());
      sockets.push(...(await Promise.all(batch)));
    }
    const round = async (what) => {
      const all = members.expect(MEMBERS - 1, `every other member has ${what}`);
      await Promise.all([all, sender.invoke("PushLongText", target("group", { names: "everybody" }), LENGTH)]);
    };
    for (let warm = 0; warm < 10; warm += 1) {
      await round(`warm-up message ${warm}`);
    }

    const filesBefore = server().openFiles();
    stopped = await stoppedReader("stopped");
    await server().control("join", { connection: stopped.connection, group: "everybody" });
    const base = server().residentBytes();
    let most = base;
    let rounds = 0;
    // Where a round takes longer than its grace, it is closed before its queue is seen above the cap.
    const belowCap = ({ queuedBytes, slowConsumers }) => queuedBytes <= CAP && slowConsumers === 0;
    while (belowCap(await server().stats())) {
      assert.ok(rounds < MOST_ROUNDS, "the stopped reader never reaches its cap");
      await round(`message ${rounds} beside a stopped reader`);
      rounds += 1;
      most = Math.max(most, server().residentBytes());
    }
    console.log(`at its cap after ${rounds} messages of ${LENGTH} bytes; memory ${base} bytes, at most ${most - base} more`);
    assert.ok(most < base + CAP + 2 * LENGTH, `memory grew by ${most - base} bytes, the cap is ${CAP}`);
    const found = performance.now() + ROUND_LIMIT;
    while ((await server().stats()).slowConsumers === 0) {
      assert.ok(performance.now() < found, "the stopped reader is not closed within its grace");
      await setTimeout(50);
    }

    const { error } = await server().event("disconnected", ({ connection }) => connection === stopped.connection);
    assert.match(error, /slow/i);
    const { slowConsumers, queuedBytes } = await server().stats();
    assert.deepEqual({ slowConsumers, queuedBytes }, { slowConsumers: 1, queuedBytes: 0 });

    // Its socket is closed without its help, while the others go on.
    const deadline = performance.now() + 2 * LIMIT;
    while (server().openFiles() > filesBefore) {
      assert.ok(performance.now() < deadline, "the socket of the stopped reader stays open");
      await round("one more message");
    }
  } finally {
    await stopped?.program.stop();
    sockets.forEach((raw) => raw.socket.terminate());
    await sender.stop();
  }
});
