// Streams of the server.

import { same } from "../kit.mjs";

const MASKED = "An error occurred on the server while streaming results.";

export const STREAMS = {
  "stream: items, none, many": async (kit) => {
    const { stream } = await kit.connect();
    same(await stream("Count", 3, 0).rest(), { items: [0, 1, 2], end: "complete" });
    same(await stream("Count", 0, 0).rest(), { items: [], end: "complete" });
    const numbers = Array.from({ length: 2_000 }, (_, number) => number);
    same(await stream("Count", 2_000, 0).rest(), { items: numbers, end: "complete" });
  },

  "stream: an error after items": async (kit) => {
    const { invoke, stream } = await kit.connect();
    same(await stream("CountThenFail", 2).rest(), { items: [0, 1], end: `${MASKED} HubException: the stream broke` });
    same(await stream("CountThenFailMasked", 1).rest(), { items: [0], end: MASKED });
    same(await invoke("Echo", "still there"), "still there");
  },

  "stream: cancelled": async (kit) => {
    const { invoke, stream } = await kit.connect();
    const ticks = stream("Endless");
    same([await ticks.next(), await ticks.next()], ["tick 0", "tick 1"]);
    same(await invoke("Cancelled"), 0);
    ticks.subscription.dispose();
    // A cancellation is behind it in the queue, so that the next answer comes after it.
    same(await invoke("Slow", 1), 1);
    same(await invoke("Cancelled"), 1);
  },

  "stream: two, and calls between": async (kit) => {
    const { invoke, stream } = await kit.connect();
    const [ticks, more] = [stream("Endless"), stream("Endless")];
    for (let round = 0; round < 3; round += 1) {
      same([await ticks.next(), await more.next()], [`tick ${round}`, `tick ${round}`]);
      same(await invoke("Sum", round, 1), round + 1);
    }
    ticks.subscription.dispose();
    same(await more.next(), "tick 3");
    more.subscription.dispose();
    same(await invoke("Echo", "still there"), "still there");
  },
};
