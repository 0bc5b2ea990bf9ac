// The official client, unmodified, behind a load balancer that sends each request to the next of three nodes.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as signalR from "@microsoft/signalr";

import { Reader } from "../matrix/kit.mjs";
import { failures, keep, render } from "../matrix/table.mjs";
import { clusterForFile } from "../support/cluster.mjs";
import { Inbox, within } from "../support/time.mjs";

const FILL = fileURLToPath(new URL("../proxies/fill.mjs", import.meta.url));
const CLIENTS = 200;
const filling = promisify(execFile);

const cluster = clusterForFile({ before, after });

/** A client that counts what it is sent. */
async function connect(transport, number) {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${cluster().url}/interop`, { transport: signalR.HttpTransportType[transport] })
    .configureLogging(signalR.LogLevel.None)
    .build();
  const received = new Inbox();
  connection.on("Receive", (why, text) => received.push([why, text]));
  await within(connection.start(), `client ${number} connects`);
  return { number, connection, received, invoke: (...args) => within(connection.invoke(...args), `${args[0]} of client ${number}`) };
}

async function use({ number, connection, invoke }) {
  assert.equal(await invoke("Sum", number, 1), number + 1);
  const stream = await new Reader(connection.stream("Count", 5, 0)).rest();
  assert.deepEqual(stream, { items: [0, 1, 2, 3, 4], end: "complete" });
  const numbers = new signalR.Subject();
  const total = invoke("Total", numbers);
  [number, 2, 3].forEach((item) => numbers.next(item));
  numbers.complete();
  assert.equal(await total, number + 5);
}

for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
  test(`${CLIENTS} clients over ${transport} connect, call, stream, upload and reach each other`, async () => {
    const numbers = Array.from({ length: CLIENTS }, (_, number) => number);
    const before = await cluster().passed();
    const clients = await Promise.all(numbers.map((number) => connect(transport, number)));
    await Promise.all(clients.map(use));
    const group = `all over ${transport}`;
    await Promise.all(clients.map(({ invoke }) => invoke("Join", group)));
    await clients[0].invoke("SayToGroup", group, "hello");
    for (const { received, number } of clients) {
      assert.deepEqual(await received.next(`client ${number} is told`), ["group", "hello"]);
    }
    const passed = (await cluster().passed()).map((node, at) => ({
      requests: node.requests - before[at].requests,
      refused: node.refused - before[at].refused,
      failed: node.failed - before[at].failed,
    }));
    console.log(`${transport}: ${JSON.stringify(passed)}`);
    assert.ok(passed.every(({ requests }) => requests > CLIENTS / 2), "every node got its part");
    assert.deepEqual(passed.map(({ refused, failed }) => [refused, failed]), [[0, 0], [0, 0], [0, 0]]);
    await Promise.all(clients.map(({ connection }) => within(connection.stop(), "a client stops")));
  });
}

/** Sends every POST of a connection to another address. */
class Elsewhere extends signalR.DefaultHttpClient {
  constructor(from, to) {
    super(new signalR.NullLogger());
    Object.assign(this, { from, to });
  }

  send(request) {
    const isPost = request.method === "POST" && !request.url.includes("/negotiate");
    return super.send(isPost ? { ...request, url: request.url.replace(this.from, this.to) } : request);
  }
}

test("a POST that reaches another node is answered as one that reaches its own", async () => {
  const [own, other] = cluster().nodes.map(({ url }) => url);
  const medians = [];
  for (const to of [own, other]) {
    const options = { transport: signalR.HttpTransportType.ServerSentEvents, httpClient: new Elsewhere(own, to) };
    const connection = new signalR.HubConnectionBuilder()
      .withUrl(`${own}/interop`, options)
      .configureLogging(signalR.LogLevel.None)
      .build();
    await within(connection.start(), "a client connects");
    const times = [];
    for (let call = 0; call < 200; call++) {
      const began = performance.now();
      assert.equal(await within(connection.invoke("Sum", call, 1), "a call is answered"), call + 1);
      times.push(performance.now() - began);
    }
    medians.push(times.sort((a, b) => a - b)[100]);
    await within(connection.stop(), "the client stops");
  }
  const [here, elsewhere] = medians.map((time) => time.toFixed(2));
  console.log(`a call over Server-Sent Events, p50: ${here} ms, and ${elsewhere} ms where its POST reaches another node`);
});

test("every feature over every transport and protocol", async () => {
  const cells = JSON.parse((await filling(process.execPath, [FILL, cluster().url], { timeout: 300_000 })).stdout);
  const table = render(`three nodes, Node ${process.version}, client ${signalR.VERSION}`, cells);
  keep("cluster", table);
  assert.deepEqual(failures(cells), [], `\n${table}\n`);
});
