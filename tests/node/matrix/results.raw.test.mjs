// The server asks a client, as raw frames over WebSockets.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { raws } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = (query = "") => `${server().url}/interop${query}`;
const CLOSE_WITH_ERROR = '{"type":7,"error":"Connection closed with an error.","allowReconnect":true}';

/** Lets the server ask this connection, and returns the question. */
async function asked(raw) {
  raw.send({ type: 1, invocationId: "ask", target: "Ask", arguments: [null, 2, 3] });
  return raw.message();
}

test("a question has an id that starts with s, and its answer is the result", async (context) => {
  const raw = await raws(context).connect(hub());
  const { invocationId, ...question } = await asked(raw);
  assert.match(invocationId, /^s\d+$/);
  assert.deepEqual(question, { type: 1, target: "Add", arguments: [2, 3] });
  raw.send({ type: 3, invocationId, result: 5 });
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "ask", result: "5" });
});

test("an answer in the JavaScript client's order of members", async (context) => {
  const raw = await raws(context).connect(hub());
  const { invocationId } = await asked(raw);
  raw.send(`{"invocationId":"${invocationId}","result":5,"type":3}\x1e`);
  assert.equal((await raw.message()).result, "5");
});

test("an error of the client", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send({ type: 3, invocationId: (await asked(raw)).invocationId, error: "e" });
  assert.equal((await raw.message()).result, "error: e");
});

test("neither a result nor an error is a failure", async (context) => {
  const raw = await raws(context).connect(hub());
  raw.send({ type: 3, invocationId: (await asked(raw)).invocationId });
  assert.match((await raw.message()).result, /^error: /);
});

test("a second answer is ignored", async (context) => {
  const raw = await raws(context).connect(hub());
  const { invocationId } = await asked(raw);
  raw.send({ type: 3, invocationId, result: 5 });
  raw.send({ type: 3, invocationId, result: 6 });
  assert.equal((await raw.message()).result, "5");
  assert.equal((await raw.call("Echo", ["still there"])).result, "still there");
});

test("an answer to another client's question closes the connection that sent it", async (context) => {
  const open = raws(context);
  const [raw, thief] = [await open.connect(hub()), await open.connect(hub())];
  const { invocationId } = await asked(raw);
  thief.send({ type: 3, invocationId, result: 6 });
  assert.deepEqual(await thief.end(), { records: [CLOSE_WITH_ERROR], code: 1000 });
  raw.send({ type: 3, invocationId, result: 5 });
  assert.equal((await raw.message()).result, "5");
});

test("while a method waits for its caller, the caller's other calls run", async (context) => {
  const raw = await raws(context).connect(hub());
  const { invocationId } = await asked(raw);
  assert.equal((await raw.call("Echo", ["meanwhile"], "2")).result, "meanwhile");
  raw.send({ type: 6 });
  raw.send({ type: 3, invocationId, result: 5 });
  assert.equal((await raw.message()).result, "5");
});

test("a question while the connection is being accepted fails at once", async (context) => {
  const raw = await raws(context).connect(hub("?ask=now"));
  const { result: id } = await raw.call("ConnectionId");
  const { answer } = await server().event("askedTooEarly", ({ connection }) => connection === id);
  assert.equal(answer, "error: Client results inside OnConnectedAsync Hub methods are not allowed.");
});
