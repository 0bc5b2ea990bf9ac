// How connections end, as bytes: the last hub message and the WebSocket's close code.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { END, Raw, raws } from "../support/raw.mjs";
import { FixtureServer, serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;
const CLOSE = '{"type":7}';
const CLOSE_TIMED_OUT = '{"type":7,"error":"Connection closed with an error. (timed out)","allowReconnect":true}';

/** A connection, and how `on_disconnected` saw its end. */
async function connected(context, path, query = "") {
  const raw = await raws(context).connect(`${hub(path)}${query}`);
  const { connectionId } = (await raw.call("WhoAmI")).result;
  const seen = async () => (await server().event("disconnected", ({ connection }) => connection === connectionId)).error;
  return { raw, connectionId, seen };
}

for (const code of [1000, 1001, 3000, undefined]) {
  test(`the client closes with ${code ?? "no code"}`, async (context) => {
    const { raw, seen } = await connected(context);
    raw.close(code);
    assert.deepEqual(await raw.end(), { records: [], code: 1000 });
    assert.equal(await seen(), null);
  });
}

test("the client's hub message 7", async (context) => {
  const { raw, seen } = await connected(context);
  raw.send({ type: 7 });
  assert.deepEqual(await raw.end(), { records: [CLOSE], code: 1000 });
  assert.equal(await seen(), null);
});

test("the client's hub message 7 with an error", async (context) => {
  const { raw, seen } = await connected(context);
  raw.send({ type: 7, error: "the page fell over" });
  assert.deepEqual(await raw.end(), { records: [CLOSE], code: 1000 });
  assert.match(await seen(), /the page fell over/);
});

test("the peer is gone without a word", async (context) => {
  const { raw, seen } = await connected(context);
  raw.socket.terminate();
  assert.equal(await seen(), null);
});

test("the peer resets the connection", async (context) => {
  const { raw, seen } = await connected(context);
  raw.socket._socket.resetAndDestroy();
  assert.equal(await seen(), null);
});

test("abort", async (context) => {
  const { raw, seen } = await connected(context);
  raw.send({ type: 1, target: "Abort", arguments: [] });
  assert.deepEqual(await raw.end(), { records: [CLOSE], code: 1000 });
  assert.equal(await seen(), null);
});

for (const how of ["panic", "fail"]) {
  test(`on_connected ends in a ${how}`, async (context) => {
    const raw = await raws(context).connect(`${hub()}?connect=${how}`);
    const expected = { records: ['{"type":7,"error":"Connection closed with an error."}'], code: 1000 };
    assert.deepEqual(await raw.end(), expected);
  });
}

test("calls that come early wait for on_connected", async (context) => {
  const open = raws(context);
  const raw = await open.connect(`${hub()}?connect=hold&mark=early`);
  raw.send({ type: 1, invocationId: "1", target: "Echo", arguments: ["early"] });
  const { key } = await server().event("holding");
  const other = await open.connect(hub());
  assert.deepEqual(raw.records.items, []);
  await other.call("Release", [key]);
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "1", result: "early" });
});

test("a client that pinged once and then falls silent", async (context) => {
  const { raw, seen } = await connected(context, "short");
  raw.send({ type: 6 });
  assert.deepEqual(await raw.end(), { records: [CLOSE_TIMED_OUT], code: 1000 });
  assert.match(await seen(), /time/i);
});

test("a server that is silent otherwise pings", async (context) => {
  const raw = await raws(context).connect(hub("short"));
  for (let pings = 0; pings < 3; pings += 1) {
    assert.equal(await raw.records.next("a ping"), '{"type":6}');
  }
});

test("a client that does not answer the server's close is dropped", async (context) => {
  const { raw, seen } = await connected(context, "short");
  // `ws` answers a close by itself; here the frames are not even read.
  raw.socket._socket.removeAllListeners("data");
  const dropped = new Promise((resolve) => raw.socket._socket.once("close", resolve));
  raw.socket._socket.resume();
  raw.send({ type: 1, target: "Abort", arguments: [] });
  await within(dropped, "the server drops the socket");
  assert.equal(await seen(), null);
});

test("a frame that breaks WebSocket's own rules ends the connection", async (context) => {
  const { raw, seen } = await connected(context);
  // A text frame that is not masked.
  raw.socket._socket.write(Buffer.from([0x81, 0x01, 0x61]));
  await raw.end();
  await seen();
});

test("shutdown: the exact Close message", async (context) => {
  const own = await FixtureServer.start();
  context.after(() => own.stop());
  const raw = await Raw.connect(`${own.url}/fixture`);
  await own.control("shutdown");
  assert.deepEqual(await raw.end(), { records: ['{"type":7,"allowReconnect":true}'], code: 1000 });
  assert.deepEqual(await within(own.ended, "the process ends"), { code: 0, signal: null });
});

test("shutdown: a peer that says nothing more does not hold the server", async (context) => {
  const own = await FixtureServer.start();
  context.after(() => own.stop());
  const raw = await Raw.connect(`${own.url}/fixture`);
  raw.send(`{"type":1,"target":"Hold","arguments":["for ever"]}${END}`);
  await own.event("holding");
  raw.socket._socket.pause();
  await own.control("shutdown");
  await own.event("served", () => true, 20_000);
  assert.deepEqual(await within(own.ended, "the process ends"), { code: 0, signal: null });
  raw.socket.terminate();
});
