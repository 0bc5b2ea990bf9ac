// Streams as raw frames over WebSockets, both ways: what a client may send, and the exact frames it gets.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { raws } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = () => `${server().url}/interop`;

const stream = (invocationId, target, args = [], more = {}) => ({ type: 4, invocationId, target, arguments: args, ...more });
const call = (invocationId, target, args = [], streamIds) => ({ type: 1, invocationId, target, arguments: args, streamIds });
const item = (invocationId, value) => ({ type: 2, invocationId, item: value });
const done = (invocationId, more = {}) => ({ type: 3, invocationId, ...more });
const cancel = (invocationId) => ({ type: 5, invocationId });

/** The next messages that belong to an invocation. */
async function of(raw, invocationId, count) {
  const texts = [];
  while (texts.length < count) {
    texts.push(await raw.records.find((record) => record.includes(`"invocationId":"${invocationId}"`), `more of ${invocationId}`));
  }
  return texts;
}

test("items, then a completion with neither result nor error", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(stream("1", "Count", [2, 0]));
  assert.deepEqual(await of(raw, "1", 3), [
    '{"type":2,"invocationId":"1","item":0}',
    '{"type":2,"invocationId":"1","item":1}',
    '{"type":3,"invocationId":"1"}',
  ]);
  raw.send(stream("1", "Count", [0, 0]));
  assert.equal(await raw.text(), '{"type":3,"invocationId":"1"}');
});

test("an error comes after the items before it", async (context) => {
  const raw = await raws(context).connect(hub());
  const text = "An error occurred on the server while streaming results.";
  for (const [target, error] of [["CountThenFail", `${text} HubException: the stream broke`], ["CountThenFailMasked", text]]) {
    raw.send(stream("1", target, [1]));
    assert.deepEqual((await of(raw, "1", 2)).map(JSON.parse), [item("1", 0), done("1", { error })]);
  }
});

test("a cancelled stream ends with a plain completion; an unknown id is ignored", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(cancel("unknown"));
  raw.send(stream("1", "Endless"));
  assert.deepEqual(JSON.parse(await raw.text()), item("1", "tick 0"));
  raw.send(cancel("1"));
  // Items may have been on their way.
  let record;
  do {
    record = await raw.text();
  } while (record !== '{"type":3,"invocationId":"1"}');
  raw.send(cancel("1"));
  const answer = await raw.call("Cancelled", [], "2");
  assert.equal(answer.result, 1);
  assert.deepEqual(raw.records.items.filter((record) => record.includes('"invocationId":"1"')), [], "nothing comes after the end");
});

test("an id that is in use is refused, and the first stream goes on and can be cancelled", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(stream("1", "Endless"));
  await of(raw, "1", 1);
  raw.send(stream("1", "Count", [3, 0]));
  const refused = await raw.records.find((record) => record.startsWith('{"type":3'), "the refusal");
  assert.deepEqual(JSON.parse(refused), done("1", { error: "Invocation ID '1' is already in use." }));
  await of(raw, "1", 2);
  raw.send(cancel("1"));
  await raw.records.find((record) => record === '{"type":3,"invocationId":"1"}', "the completion");
});

test("streams take no permit: two of them, and a call that is answered meanwhile", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(stream("1", "Endless"));
  raw.send(stream("2", "Endless"));
  for (const round of [0, 1]) {
    assert.deepEqual([await of(raw, "1", 1), await of(raw, "2", 1)].flat().map((text) => JSON.parse(text).item), [`tick ${round}`, `tick ${round}`]);
    assert.equal((await raw.call("Sum", [round, 1], "3")).result, round + 1);
  }
});

test("an upload: the call is answered after its end", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(call("1", "Total", [], ["s"]));
  raw.send(item("s", 1));
  raw.send(item("s", 2));
  raw.send(done("s", { result: "ignored" }));
  assert.equal(await raw.text(), '{"type":3,"invocationId":"1","result":3}');
});

test("an upload may be sent without waiting for an answer", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send({ type: 1, target: "Total", arguments: [], streamIds: ["s"] });
  raw.send(item("s", 1));
  raw.send(done("s"));
  assert.equal((await raw.call("Sum", [1, 2])).result, 3);
});

test("an upload that the client ends with an error", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(call("1", "Total", [], ["s"]));
  raw.send(done("s", { error: "boom" }));
  const error = "An unexpected error occurred invoking 'Total' on the server.";
  assert.deepEqual(await raw.message(), done("1", { error }));
});

test("streams feed parameters in the order of their ids, whatever comes first", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(call("1", "Zip", ["-"], ["b", "a"]));
  raw.send(item("a", "right"));
  raw.send(done("a"));
  raw.send(item("b", "left"));
  raw.send(done("b"));
  assert.equal((await raw.message()).result, "left-right");
});

for (const streamIds of [undefined, [], ["a", "b"]]) {
  test(`${streamIds?.length ?? "no"} streams for one parameter`, async (context) => {
    const raw = await raws(context).connect(hub());
    raw.send(call("1", "Total", [], streamIds));
    const given = streamIds?.length ?? 0;
    const why = `HubException: Client sent ${given} stream(s), Hub method expects 1.`;
    assert.deepEqual(await raw.message(), done("1", { error: `An unexpected error occurred invoking 'Total' on the server. ${why}` }));
    assert.equal((await raw.call("Sum", [1, 2])).result, 3);
  });
}

test("items and ends of unknown streams are ignored", async (context) => {
  const raw = await raws(context).connect(hub());
  for (const message of [item("s", 1), done("s"), done("s", { error: "x" }), { item: 1, type: 2, invocationId: "s" }]) {
    raw.send(message);
  }
  raw.send(call("1", "Ignore", [], ["s"]));
  assert.equal((await raw.message()).result, "ignored");
  raw.send(item("s", 1));
  raw.send(done("s"));
  assert.equal((await raw.call("Sum", [1, 2])).result, 3);
});

test("an item of another type fails the call alone", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(call("1", "Total", [], ["s"]));
  raw.send(item("s", "one"));
  raw.send(done("s"));
  assert.deepEqual(await raw.message(), done("1", { error: "An unexpected error occurred invoking 'Total' on the server. HubException: Failed to bind Stream message." }));
  assert.equal((await raw.call("Sum", [1, 2])).result, 3);
});

test("an upload that is not read holds up neither its connection nor others", async (context) => {
  const open = raws(context);
  const [raw, other] = [await open.connect(hub()), await open.connect(hub())];
  raw.send(call("1", "TotalLater", ["stalled"], ["s"]));
  await server().event("holding", ({ key }) => key === "stalled");
  for (let sent = 0; sent < 20; sent += 1) {
    raw.send(item("s", "x".repeat(10_000)));
  }
  raw.send(call("2", "Echo", ["behind it"]));
  for (let calls = 0; calls < 20; calls += 1) {
    assert.equal((await other.call("Sum", [calls, 1])).result, calls + 1);
  }
  assert.deepEqual(await raw.message(), done("2", { result: "behind it" }));
  await server().control("release", { key: "stalled" });
  assert.match((await raw.message()).error, /'TotalLater'/);
});

test("both at once: each item is answered before the next is sent", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send(stream("1", "Doubled", [], { streamIds: ["s"] }));
  for (const value of [1, 2, 3]) {
    raw.send(item("s", value));
    assert.deepEqual(await raw.message(), item("1", 2 * value));
  }
  raw.send(done("s"));
  assert.equal(await raw.text(), '{"type":3,"invocationId":"1"}');
});

test("a connection that drops ends its uploads and its streams", async (context) => {
  const raw = await raws(context).connect(hub());
  const { result: id } = await raw.call("ConnectionId");
  raw.send(call("1", "Total", [], ["s"]));
  raw.send(stream("2", "Endless"));
  await of(raw, "2", 1);
  raw.socket.terminate();
  const { error } = await server().event("uploadFailed", ({ connection }) => connection === id);
  assert.equal(error, "The underlying connection was closed.");
  await server().event("streamDropped", ({ connection }) => connection === id);
});
