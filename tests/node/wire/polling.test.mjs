// Long polling and Server-Sent Events as bare requests: what the hub is told of their end.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { END, HANDSHAKE } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });

/** A negotiated connection; `ask` sends a request that belongs to it. */
async function negotiate(path) {
  const response = await within(fetch(`${server().url}/${path}/negotiate?negotiateVersion=1`, { method: "POST" }), "negotiation");
  const { connectionId, connectionToken } = await response.json();
  const url = `${server().url}/${path}?id=${connectionToken}`;
  const ask = (method, settings = {}) => within(fetch(url, { method, ...settings }), `${method} ${path}`);
  return { id: connectionId, ask };
}

/** Such a connection after its handshake, by polls. */
async function polling(path = "fixture") {
  const { id, ask } = await negotiate(path);
  assert.equal((await ask("GET")).status, 200);
  assert.equal((await ask("POST", { body: HANDSHAKE })).status, 200);
  assert.equal(await (await ask("GET")).text(), `{}${END}`);
  return { id, ask };
}

const ended = (id) => server().event("disconnected", ({ connection }) => connection === id);

test("a client that polls deletes its connection: no error", async () => {
  const { id, ask } = await polling();
  const waiting = ask("GET");
  const deleted = await ask("DELETE");
  assert.deepEqual([deleted.status, deleted.headers.get("content-type"), await deleted.text()], [202, "text/plain", ""]);
  const last = await waiting;
  const said = await last.text();
  assert.ok(last.status === 204 || said === `{"type":7,"allowReconnect":true}${END}`, `${last.status} ${said}`);
  assert.equal((await ended(id)).error, null);
  assert.equal((await ask("GET")).status, 404);
});

test("a polling client sends a Close message: no error, and the last poll ends the connection", async () => {
  const { id, ask } = await polling();
  assert.equal((await ask("POST", { body: `{"type":7}${END}` })).status, 200);
  assert.equal((await ended(id)).error, null);
  assert.equal(await (await ask("GET")).text(), `{"type":7}${END}`);
  assert.equal((await ask("GET")).status, 204);
  assert.equal((await ask("GET")).status, 404);
});

test("a client that polls no more: no error", async () => {
  const { id, ask } = await polling("short");
  assert.equal((await ended(id)).error, null);
  assert.equal((await ask("GET")).status, 404);
});

test("an event source that is dropped: no error, at once", async () => {
  const { id, ask } = await negotiate("fixture");
  const dropped = new AbortController();
  const events = await ask("GET", { headers: { accept: "text/event-stream" }, signal: dropped.signal });
  assert.equal(events.status, 200);
  assert.equal((await ask("POST", { body: HANDSHAKE })).status, 200);
  await server().event("connected", ({ connection }) => connection === id);
  dropped.abort();
  assert.equal((await ended(id)).error, null);
});
