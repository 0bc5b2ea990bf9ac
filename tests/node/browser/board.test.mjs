// The trading board under its full load: 200 symbols and 2 000 prices a second on one page. The page renders once in a frame,
// and neither page nor server grows. The long form runs for minutes, and checks how long frames take.

import assert from "node:assert/strict";
import { test } from "node:test";

import { launch, TickerServer, Visitor } from "../support/chat.mjs";
import { LIMIT } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const RATE = 2_000;
/** Prices before anything is compared. */
const WARM_UP = IS_LONG ? 60 * RATE : 4 * RATE;
const MEASURED = IS_LONG ? Number(process.env.HUBS_SOAK_MINUTES ?? 5) * 60 * RATE : 12 * RATE;
/** A page that keeps each price grows by more, also in the short form. */
const HEAP_GROWTH = 1_000_000;
/** The server's allocator and SQLite's cache take some of it, whatever the time. */
const SERVER_GROWTH = 12_000_000;
/** In the long form, 99 of 100 frames take no longer: 30 of them in a second look smooth. */
const FRAME = 34;

/** Counts frames, how long they take, and renders of the list, from now on. */
function watch() {
  const seen = { frames: [], renders: 0 };
  let last = performance.now();
  const frame = (now) => {
    seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const list = document.querySelector('[data-testid="prices"]');
  new MutationObserver(() => (seen.renders += 1)).observe(list, { subtree: true, childList: true, characterData: true });
  globalThis.seen = seen;
}

/** What the page holds after a garbage collection: bytes of its heap, and elements. */
async function held(devtools) {
  await devtools.send("HeapProfiler.collectGarbage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  const value = (name) => metrics.find((metric) => metric.name === name).value;
  return { heap: value("JSHeapUsedSize"), nodes: value("Nodes") };
}

/** Waits until the page has received so many prices. */
async function received(visitor, count) {
  const has = (count) => Number(document.querySelector('[data-testid="rate"]').dataset.received) >= count;
  await visitor.page.waitForFunction(has, count, { timeout: (3_000 * count) / RATE + LIMIT, polling: 250 });
}

test("2 000 prices a second: one render in a frame, and nothing grows", async (context) => {
  const server = await TickerServer.start({ HUBS_TICKER_RATE: `${RATE}` });
  context.after(() => server.stop());
  const browser = await launch();
  context.after(() => browser.close());
  const visitor = await Visitor.open(browser, server.url);
  const devtools = await visitor.context.newCDPSession(visitor.page);
  await devtools.send("Performance.enable");
  await visitor.is("connected");

  await received(visitor, WARM_UP);
  await visitor.page.evaluate(watch);
  const [before, serverBefore] = [await held(devtools), server.program.residentBytes()];
  const start = performance.now();
  await received(visitor, WARM_UP + MEASURED);
  const seconds = (performance.now() - start) / 1_000;
  const { frames, renders } = await visitor.page.evaluate(() => ({ ...globalThis.seen, frames: [...globalThis.seen.frames] }));
  await visitor.page.evaluate(() => (globalThis.seen.frames.length = 0));
  const [after, serverAfter] = [await held(devtools), server.program.residentBytes()];

  const sorted = frames.toSorted((a, b) => a - b);
  const slow = sorted[Math.floor(sorted.length * 0.99)];
  console.log(`${Math.round(MEASURED / seconds)} prices a second; ${frames.length} frames, ${renders} renders in ${Math.round(seconds)} s`);
  console.log(`frames: half take ${sorted[sorted.length >> 1].toFixed(1)} ms, 99 of 100 at most ${slow.toFixed(1)} ms, all ${sorted.at(-1).toFixed(1)} ms`);
  console.log(`page ${before.heap} bytes, then ${after.heap}; server ${serverBefore}, then ${serverAfter}`);
  assert.ok(renders > 1 && renders <= frames.length + 1, `${renders} renders in ${frames.length} frames`);
  assert.ok(after.heap - before.heap < HEAP_GROWTH, `the page grew from ${before.heap} to ${after.heap} bytes`);
  assert.ok(Math.abs(after.nodes - before.nodes) < 200, `${before.nodes} nodes became ${after.nodes}`);
  assert.ok(serverAfter - serverBefore < SERVER_GROWTH, `the server grew from ${serverBefore} to ${serverAfter} bytes`);
  if (IS_LONG) {
    assert.ok(slow < FRAME, `one frame in a hundred takes more than ${slow} ms`);
  }
  assert.deepEqual(visitor.complaints, []);
});
