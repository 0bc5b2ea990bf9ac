// How connections end: by the server's wish, by silence on either side, by shutdown.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HubConnectionState } from "@microsoft/signalr";

import { Client, clients } from "../support/client.mjs";
import { Raw } from "../support/raw.mjs";
import { FixtureServer, serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;

test("abort ends the connection for good", async () => {
  const client = await Client.start(hub(), { build: (builder) => builder.withAutomaticReconnect([0, 0]) });
  const id = await client.id();
  client.connection.invoke("Abort").catch(() => {});
  assert.equal(await client.end(), null);
  assert.equal(client.connection.state, HubConnectionState.Disconnected);
  const ended = await server().event("disconnected", (event) => event.connection === id);
  assert.equal(ended.error, null);
});

test("keep-alive: neither side gives up while both are there", async (context) => {
  const build = (builder) => builder.withServerTimeout(900).withKeepAliveInterval(200);
  const client = await clients(context)(hub("short"), { build });
  client.connection.on("ask", () => new Promise(() => {}));
  // Five time-outs of 500 ms, one after the other, are longer than both sides' patience.
  for (let round = 0; round < 5; round += 1) {
    assert.match(await client.invoke("AskClient", null, "no answer"), /^error: /);
  }
  assert.equal(client.connection.state, HubConnectionState.Connected);
});

test("a client that hears nothing gives up", async () => {
  const client = await Client.start(hub(), { build: (builder) => builder.withServerTimeout(300) });
  assert.match(await client.end(), /Server timeout elapsed/);
});

test("a server that hears nothing gives up, and says that reconnecting may help", async () => {
  const build = (builder) => builder.withServerTimeout(60_000).withKeepAliveInterval(60_000).withAutomaticReconnect([0]);
  const client = await Client.start(hub("short"), { build });
  const reconnecting = new Promise((resolve) => client.connection.onreconnecting(resolve));
  const reconnected = new Promise((resolve) => client.connection.onreconnected(resolve));
  const error = await within(reconnecting, "the client is told");
  assert.match(error.message, /Connection closed with an error\./);
  const ended = await server().event("disconnected", (event) => event.hub === "short" && event.error !== null);
  assert.match(ended.error, /time/i);
  await within(reconnected, "the client reconnects");
  await client.stop();
});

test("shutdown: clients are told that they may come back, on_disconnected runs, the process ends well", async () => {
  const own = await FixtureServer.start();
  try {
    const build = (builder) => builder.withAutomaticReconnect([0]);
    const url = `${own.url}/fixture`;
    const members = await Promise.all(["ann", "bob", "eve"].map((user) => Client.start(url, { user, build })));
    const ids = await Promise.all(members.map((member) => member.id()));
    const reconnecting = members.map((member) => new Promise((resolve) => member.connection.onreconnecting(resolve)));
    await own.control("shutdown");
    for (const told of reconnecting) {
      await within(told, "a client is told");
    }
    for (const id of ids) {
      await own.event("disconnected", (event) => event.connection === id);
    }
    await own.event("served");
    assert.deepEqual(await within(own.ended, "the process ends"), { code: 0, signal: null });
    await Promise.all(members.map((member) => member.stop()));
  } finally {
    await own.stop();
  }
});

test("shutdown: on_disconnected is waited for, and who comes meanwhile is refused with 503", async (context) => {
  const own = await FixtureServer.start();
  context.after(() => own.stop());
  const url = `${own.url}/fixture`;
  const client = await Client.start(url, { query: { disconnect: "hold" } });
  const id = await client.id();
  await own.control("shutdown");
  await own.event("holding", (event) => event.key === id);
  const negotiate = await within(fetch(`${url}/negotiate?negotiateVersion=1`, { method: "POST" }), "negotiate");
  assert.equal(negotiate.status, 503);
  await assert.rejects(Raw.open(url), { status: 503 });
  assert.deepEqual(own.untaken("served"), []);
  await own.control("release", { key: id });
  await own.event("served");
  assert.deepEqual(await within(own.ended, "the process ends"), { code: 0, signal: null });
  await client.stop();
});
