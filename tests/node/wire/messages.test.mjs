// Hub messages as bytes: what is tolerated, what ends a connection, what is answered.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { END, raws } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;
const CLOSE_WITH_ERROR = '{"type":7,"error":"Connection closed with an error.","allowReconnect":true}';
const CLOSE_TOO_LARGE = '{"type":7,"error":"Connection closed with an error. (too large)","allowReconnect":true}';

/** What is sent, and the exact answer. */
const ANSWERED = [
  ['{"target":"Echo","arguments":["x"],"invocationId":"0","type":1}', '{"type":3,"invocationId":"0","result":"x"}'],
  ['{"arguments":["x"],"type":1,"invocationId":"1","target":"Echo"}', '{"type":3,"invocationId":"1","result":"x"}'],
  ['{"type":1,"invocationId":"1","target":"Nothing","arguments":[]}', '{"type":3,"invocationId":"1","result":null}'],
  ['{"type":1,"invocationId":"1","target":"eCHO","arguments":["x"]}', '{"type":3,"invocationId":"1","result":"x"}'],
  ['{"type":1,"invocationId":"long-id-\u00e9","target":"Add","arguments":[1,2]}', '{"type":3,"invocationId":"long-id-\u00e9","result":3}'],
  ['{"type":1,"headers":{"traceparent":"00"},"invocationId":"1","target":"Add","arguments":[1,2]}', '{"type":3,"invocationId":"1","result":3}'],
  ['{"type":1,"new":{"a":[1]},"invocationId":"1","target":"Add","arguments":[1,2]}', '{"type":3,"invocationId":"1","result":3}'],
  ['{"type":1,"invocationId":"0","invocationId":"1","target":"Add","arguments":[1,2]}', '{"type":3,"invocationId":"1","result":3}'],
  ['{"type":1,"invocationId":"1","target":"Add","arguments":[1,2]} and more', '{"type":3,"invocationId":"1","result":3}'],
  [' {"type" : 1, "invocationId" : "1", "target" : "Add", "arguments" : [ 1 , 2 ] } ', '{"type":3,"invocationId":"1","result":3}'],
  ['{"type":1,"invocationId":"1","target":"Echo","arguments":["\\u0041\\n\\\\"]}', '{"type":3,"invocationId":"1","result":"A\\n\\\\"}'],
  [
    '{"type":1,"invocationId":"1","target":"Nope","arguments":[]}',
    `{"type":3,"invocationId":"1","error":"Failed to invoke 'Nope' due to an error on the server. HubException: Method does not exist."}`,
  ],
  [
    '{"type":1,"invocationId":"1","target":"add","arguments":[1]}',
    `{"type":3,"invocationId":"1","error":"Failed to invoke 'Add' due to an error on the server."}`,
  ],
  [
    '{"type":4,"invocationId":"1","target":"Echo","arguments":["x"]}',
    `{"type":3,"invocationId":"1","error":"The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation."}`,
  ],
];
for (const [sent, answer] of ANSWERED) {
  test(`answered: ${sent}`, async (context) => {
    const raw = await raws(context).connect(hub());
    raw.send(sent + END);
    assert.equal(await raw.text(), answer);
    assert.equal((await raw.call("Echo", ["next"], "2")).result, "next");
  });
}

/** What has no answer and does no harm. */
const SILENT = [
  '{"type":6}',
  '{"type":42}',
  '{"type":42,"target":"Unknown","more":[1]}',
  '{"type":1,"target":"FailShown","arguments":["x"]}',
  '{"type":1,"invocationId":null,"target":"FailShown","arguments":["x"]}',
  '{"type":1,"invocationId":"","target":"FailShown","arguments":["x"]}',
  '{"type":1,"target":"Nope","arguments":[]}',
  '{"type":1,"target":"Add","arguments":[]}',
  '{"type":3,"invocationId":"unknown","result":1}',
  '{"type":3,"invocationId":"unknown"}',
  '{"type":2,"invocationId":"no stream","item":1}',
  '{"type":5,"invocationId":"no stream"}',
];
for (const sent of SILENT) {
  test(`silent: ${sent}`, async (context) => {
    const raw = await raws(context).connect(hub());
    raw.send(sent + END);
    raw.send({ type: 1, invocationId: "after", target: "Echo", arguments: ["x"] });
    assert.deepEqual(await raw.message(), { type: 3, invocationId: "after", result: "x" });
  });
}

/** What ends the connection. */
const FATAL = [
  '{"type":1,"invocationId":1,"target":"Nothing","arguments":[]}',
  '{"type":1,"target":"Nothing"}',
  '{"type":1,"target":"Nothing","arguments":null}',
  '{"type":1,"target":"Nothing","arguments":{}}',
  '{"type":1,"target":null,"arguments":[]}',
  '{"type":1,"arguments":[]}',
  '{"type":1,"target":"Echo","arguments":[}',
  '{"type":1,"target":"Nope","arguments":[1 2]}',
  '{"type":1,"headers":[],"target":"Nothing","arguments":[]}',
  '{"type":1,"headers":{"a":1},"target":"Nothing","arguments":[]}',
  '{"type":4,"target":"Nothing","arguments":[]}',
  '{"type":3,"invocationId":"1","error":"e","result":1}',
  '{"type":3,"result":1}',
  '{"type":2,"invocationId":"1"}',
  '{"type":5}',
  '{"type":7,"allowReconnect":1}',
  '{"type":"1"}',
  '{"type":null}',
  '{"type":42,"target":[]}',
  '{"target":"Nothing","arguments":[]}',
  "{}",
  "[]",
  '"text"',
  "nonsense",
  '{"type":1,',
  "",
  `{"type":1,"target":"Echo","arguments":[${"[".repeat(100)}${"]".repeat(100)}]}`,
];
for (const sent of FATAL) {
  test(`fatal: ${sent.slice(0, 80)}`, async (context) => {
    const raw = await raws(context).connect(hub(), { headers: { "x-fixture": sent.length } });
    const { connectionId } = (await raw.call("WhoAmI")).result;
    raw.send(sent + END);
    const { records, code } = await raw.end();
    assert.deepEqual(records, [CLOSE_WITH_ERROR]);
    assert.equal(code, 1000);
    const { error } = await server().event("disconnected", ({ connection }) => connection === connectionId);
    assert.equal(typeof error, "string");
  });
}

test("a fatal message with detailed errors says what it was", async (context) => {
  const raw = await raws(context).connect(hub("detailed"));
  raw.send(`nonsense${END}`);
  const { records } = await raw.end();
  assert.match(JSON.parse(records[0]).error, /^Connection closed with an error\. .+/);
});

test("one message in many pieces, and many messages in one", async (context) => {
  const raw = await raws(context).connect(hub());
  for (const piece of ['{"type":1,"invoc', 'ationId":"1","target":"Add","arg', 'uments":[1,2]}', END]) {
    raw.send(piece);
  }
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "1", result: 3 });
  raw.socket.send('{"type":1,"invocationId":"2","target":"Add",', { fin: false });
  raw.socket.send(`"arguments":[3,4]}${END}`, { fin: true });
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "2", result: 7 });
  const call = (id) => `{"type":1,"invocationId":"${id}","target":"Add","arguments":[${id},1]}${END}`;
  raw.send([3, 4, 5].map(call).join("") + call(6).slice(0, 20));
  raw.send(Buffer.from(call(6).slice(20)));
  for (const id of [3, 4, 5, 6]) {
    assert.deepEqual(await raw.message(), { type: 3, invocationId: `${id}`, result: id + 1 });
  }
});

test("a hundred calls in one message that is larger than any one of them may be", async (context) => {
  const raw = await raws(context).connect(hub());
  const text = "x".repeat(1_000);
  const ids = Array.from({ length: 100 }, (_, at) => `${at}`);
  const call = (id) => `{"type":1,"invocationId":"${id}","target":"Echo","arguments":["${text}"]}${END}`;
  raw.send(ids.map(call).join(""));
  for (const id of ids) {
    assert.deepEqual(await raw.message(), { type: 3, invocationId: id, result: text });
  }
});

test("a long answer is one WebSocket message of text", async (context) => {
  const raw = await raws(context).connect(hub());
  assert.equal((await raw.call("LongText", [200_000])).result.length, 200_000);
  assert.ok(raw.messages.every(({ text, isBinary }) => text.endsWith(END) && !isBinary));
});

test("the largest message, and one byte more", async (context) => {
  const open = raws(context);
  const sized = (size) => {
    const frame = `{"type":1,"invocationId":"1","target":"Echo","arguments":[""]}${END}`;
    return frame.replace('""', `"${"x".repeat(size - frame.length)}"`);
  };
  const raw = await open.connect(hub());
  raw.send(sized(32_768));
  assert.equal((await raw.message()).invocationId, "1");
  // Many at once are no larger message.
  raw.send(sized(20_000).repeat(4));
  for (let answers = 0; answers < 4; answers += 1) {
    assert.equal((await raw.message()).invocationId, "1");
  }
  raw.send(sized(32_769));
  assert.deepEqual(await raw.end(), { records: [CLOSE_TOO_LARGE], code: 1000 });

  const piecewise = await open.connect(hub());
  const pieces = sized(40_000);
  for (let at = 0; at < pieces.length; at += 1_000) {
    piecewise.send(pieces.slice(at, at + 1_000));
  }
  assert.deepEqual(await piecewise.end(), { records: [CLOSE_TOO_LARGE], code: 1000 });
});

test("calls run one after the other, pings and answers overtake them", async (context) => {
  const open = raws(context);
  const [raw, other] = [await open.connect(hub()), await open.connect(hub())];
  raw.send({ type: 1, invocationId: "1", target: "Hold", arguments: ["first"] });
  raw.send({ type: 1, invocationId: "2", target: "Echo", arguments: ["second"] });
  await server().event("holding", ({ key }) => key === "first");
  assert.deepEqual(raw.records.items, []);
  await other.call("Release", ["first"]);
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "1", result: null });
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "2", result: "second" });
});

test("two calls at once where the option allows two; the third waits", async (context) => {
  const open = raws(context);
  const [raw, other] = [await open.connect(hub("parallel")), await open.connect(hub("parallel"))];
  for (const key of ["one", "two", "three"]) {
    raw.send({ type: 1, invocationId: key, target: "Hold", arguments: [key] });
  }
  await server().event("holding", ({ key }) => key === "one");
  await server().event("holding", ({ key }) => key === "two");
  await other.call("Echo", ["time for the third"]);
  assert.deepEqual(server().untaken("holding"), []);
  await other.call("Release", ["two"]);
  assert.equal((await raw.message()).invocationId, "two");
  await server().event("holding", ({ key }) => key === "three");
  await other.call("Release", ["three"]);
  await other.call("Release", ["one"]);
  assert.deepEqual([(await raw.message()).invocationId, (await raw.message()).invocationId].sort(), ["one", "three"]);
});
