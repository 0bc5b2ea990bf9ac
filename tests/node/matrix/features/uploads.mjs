// Streams of the client.

import { failure, same } from "../kit.mjs";
import { within } from "../../support/time.mjs";

/** Returns all items, then ends. */
function feed(subject, items) {
  items.forEach((item) => subject.next(item));
  subject.complete();
}

export const UPLOADS = {
  "upload: one": async (kit) => {
    const { invoke } = await kit.connect();
    const numbers = kit.subject();
    const total = invoke("Total", numbers);
    feed(numbers, [1, 2, 3]);
    same(await total, 6);
    const none = kit.subject();
    const nothing = invoke("Total", none);
    none.complete();
    same(await nothing, 0);
  },

  // Over requests the official client sends each item by a POST of its own and waits for its answer.
  "upload: 1000 items": async (kit) => {
    const { invoke } = await kit.connect();
    const numbers = kit.subject();
    const total = invoke("Total", numbers);
    feed(numbers, Array.from({ length: 1_000 }, (_, number) => number));
    same(await total, 499_500);
  },

  "upload: two, with a value between": async (kit) => {
    const { invoke } = await kit.connect();
    const [left, right] = [kit.subject(), kit.subject()];
    const pairs = invoke("Zip", left, "-", right);
    feed(left, ["a", "b"]);
    feed(right, ["1", "2"]);
    same(await pairs, "a-1,b-2");
  },

  "upload: an error of the client": async (kit) => {
    const { invoke } = await kit.connect();
    const numbers = kit.subject();
    const total = invoke("Total", numbers);
    numbers.next(1);
    numbers.error("broken");
    // What a peer wrote passes no `?` unmasked.
    same(await failure(total), "An unexpected error occurred invoking 'Total' on the server.");
  },

  "upload: an item of the wrong type": async (kit) => {
    const { invoke } = await kit.connect();
    const numbers = kit.subject();
    const total = invoke("Total", numbers);
    feed(numbers, [1, "two"]);
    const why = "HubException: Failed to bind Stream message.";
    same(await failure(total), `An unexpected error occurred invoking 'Total' on the server. ${why}`);
    same(await invoke("Echo", "still there"), "still there");
  },

  "upload: not read": async (kit) => {
    const { invoke } = await kit.connect();
    const numbers = kit.subject();
    const ignored = invoke("Ignore", numbers);
    feed(numbers, Array.from({ length: 20 }, (_, number) => number));
    same(await ignored, "ignored");
    // The client sends one item after the other, and an error while it is being stopped cannot be caught.
    for (let call = 0; call < 30; call += 1) {
      same(await invoke("Echo", "still there"), "still there");
    }
  },

  "upload: with calls and a stream meanwhile": async (kit) => {
    const { connection, invoke, stream } = await kit.connect();
    const numbers = kit.subject();
    const total = connection.invoke("Total", numbers);
    numbers.next(1);
    same(await invoke("Sum", 1, 2), 3);
    same(await stream("Count", 2, 0).rest(), { items: [0, 1], end: "complete" });
    feed(numbers, [2]);
    same(await within(total, "the upload is answered"), 3);
  },

  "both: a stream for an upload, item by item": async (kit) => {
    const { stream } = await kit.connect();
    const numbers = kit.subject();
    const doubled = stream("Doubled", numbers);
    for (const number of [1, 2, 3]) {
      numbers.next(number);
      same(await doubled.next(), 2 * number);
    }
    numbers.complete();
    same(await doubled.rest(), { items: [], end: "complete" });
  },
};
