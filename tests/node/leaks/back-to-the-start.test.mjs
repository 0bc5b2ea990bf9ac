// After 10 000 clients that connected, called, streamed, cancelled and left in every possible way, the server holds what
// it held before: no more connections, groups, client results, tasks or files, and memory within 5 %.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { ROUNDS, SLOW_ROUNDS } from "./rounds.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });

const WARM_UP = 3_000;
/** In the long form, twenty times as many. */
const COUNTED = process.env.HUBS_SOAK === "1" ? 200_000 : 10_000;
/** One in so many is a slow one. */
const SLOW_EVERY = 200;
/** How many clients there are at once. */
const WIDTH = 40;
/** The longest that the server keeps anything for a client that went away, and as much again. */
const PATIENCE = 60_000;
const MEMORY_GROWTH = 0.05;

/** What must be as it was. Files and tasks of connections that Node keeps for later requests end by themselves. */
async function census() {
  const response = await within(fetch(`${server().url}/control/census`, { headers: { connection: "close" } }), "census");
  const { hub, process } = await response.json();
  const { connections, groups, pendingClientResults, queuedBytes } = hub;
  const { tasks, files, residentBytes } = process;
  return { counters: { connections, groups, pendingClientResults, queuedBytes, tasks, files }, residentBytes };
}

/** Plays rounds, many at once, in the same order every time. */
async function play(count) {
  const [rounds, slow] = [Object.entries(ROUNDS), Object.entries(SLOW_ROUNDS)];
  let next = 0;
  const client = async () => {
    while (next < count) {
      const number = next++;
      const isSlow = number % SLOW_EVERY === SLOW_EVERY - 1;
      const list = isSlow ? slow : rounds;
      const [name, round] = list[(isSlow ? Math.floor(number / SLOW_EVERY) : number) % list.length];
      await round(`${server().url}/interop`).catch((error) => assert.fail(`${name}: ${error.message}`));
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, client));
}

/** Waits until the counters are these, or until nothing more can be waited for; returns the last census. */
async function settle(counters) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const now = await census();
    const isBack = Object.entries(counters).every(([name, was]) => now.counters[name] <= was);
    if (isBack || performance.now() > end) {
      return now;
    }
    await pause(100);
  }
}

test("back to the start", async () => {
  // The clock of a hub starts with its first connection, and stays.
  await ROUNDS["a call, a close message"](`${server().url}/interop`);
  await settle({ connections: 0 });
  const { counters } = await census();
  assert.deepEqual({ ...counters, tasks: 0, files: 0 }, { connections: 0, groups: 0, pendingClientResults: 0, queuedBytes: 0, tasks: 0, files: 0 });
  await play(WARM_UP);
  const warm = await settle(counters);
  const start = performance.now();
  await play(COUNTED);
  const rate = Math.round((1_000 * COUNTED) / (performance.now() - start));
  const done = await settle(warm.counters);
  const growth = done.residentBytes / warm.residentBytes - 1;
  console.log(`${COUNTED} rounds, ${rate} a second; before ${JSON.stringify(counters)}, after ${JSON.stringify(done)}`);
  console.log(`memory ${warm.residentBytes} bytes, then ${done.residentBytes}: ${(100 * growth).toFixed(1)} %`);
  assert.deepEqual({ ...done.counters, tasks: 0, files: 0 }, { ...counters, tasks: 0, files: 0 });
  for (const name of ["tasks", "files"]) {
    assert.ok(done.counters[name] <= counters[name], `${name}: ${counters[name]}, then ${done.counters[name]}`);
  }
  assert.ok(growth < MEMORY_GROWTH, `memory grew by ${(100 * growth).toFixed(1)} %`);
});
