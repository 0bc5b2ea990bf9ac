// Stateful reconnect behind a load balancer: the next socket of a connection reaches another node, which passes it on to the
// one that owns the connection. Nothing is lost and nothing comes twice.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as signalR from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { Reader } from "../matrix/kit.mjs";
import { clusterForFile } from "../support/cluster.mjs";
import { Inbox, within } from "../support/time.mjs";

const CLIENTS = 12;
const MESSAGES = 30;
const CUTS = 3;

const cluster = clusterForFile({ before, after });

async function connect(url, hubProtocol, options = {}) {
  const builder = new signalR.HubConnectionBuilder()
    .withUrl(`${url}/resume`, { transport: signalR.HttpTransportType.WebSockets, ...options })
    .withHubProtocol(hubProtocol)
    .withStatefulReconnect()
    .configureLogging(signalR.LogLevel.None);
  const connection = builder.build();
  const received = new Inbox();
  connection.on("Receive", (why, text) => received.push(text));
  await within(connection.start(), "a client connects");
  await within(connection.invoke("Join", "resumed"), "a client joins");
  const closed = new Promise((resolve) => connection.onclose(resolve));
  return { connection, received, closed, id: connection.connectionId };
}

for (const [name, protocol] of [
  ["JSON", () => new signalR.JsonHubProtocol()],
  ["MessagePack", () => new MessagePackHubProtocol()],
]) {
  test(`${CLIENTS} clients lose their sockets ${CUTS} times and stay connected, over ${name}`, async () => {
    const clients = await Promise.all(Array.from({ length: CLIENTS }, () => connect(cluster().url, protocol())));
    const [sender] = await Promise.all([connect(cluster().nodes[0].url, protocol())]);
    const streams = clients.map(({ connection }) => new Reader(connection.stream("Count", 200, 5)));
    const expected = [];
    for (let cut = 0; cut < CUTS; cut++) {
      for (let number = 0; number < MESSAGES; number++) {
        if (number === MESSAGES / 2) {
          await cluster().cutAll();
        }
        expected.push(`${cut}:${number}`);
        await within(sender.connection.invoke("SayToGroup", "resumed", expected.at(-1)), "a message is sent");
      }
      const echoes = clients.map(({ connection }) => within(connection.invoke("Echo", "back"), "a call is answered"));
      assert.deepEqual(new Set(await Promise.all(echoes)), new Set(["back"]));
    }
    for (const { received, connection, id } of clients) {
      for (const text of expected) {
        assert.equal(await received.next(`message ${text}`), text);
      }
      assert.equal(connection.connectionId, id, "it is the same connection");
    }
    for (const stream of streams) {
      const { items, end } = await stream.rest();
      assert.deepEqual({ count: items.length, last: items.at(-1), end }, { count: 200, last: 199, end: "complete" });
    }
    // The end of a connection passes in both directions.
    const [aborted, ...others] = clients;
    await aborted.connection.send("Abort");
    assert.equal(await within(aborted.closed, "the server ends a connection"), undefined);
    await Promise.all([...others, sender].map(({ connection }) => within(connection.stop(), "a client stops")));
    await Promise.all(clients.map(({ id }) => within(gone(id), "the owner sees its client leave")));
  });
}

/** Resolves when one of the nodes has ended this connection. */
function gone(id) {
  return Promise.any(cluster().nodes.map((node) => node.event("disconnected", ({ connection }) => connection === id)));
}
