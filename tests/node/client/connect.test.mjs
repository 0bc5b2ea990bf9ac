// The official client connects and calls.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HttpTransportType } from "@microsoft/signalr";

import { Client, clients } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;

for (const skipNegotiation of [false, true]) {
  const how = skipNegotiation ? "without negotiation" : "with negotiation";

  test(`calls with and without a result, ${how}`, async (context) => {
    const client = await clients(context)(hub(), { skipNegotiation });
    assert.equal(await client.invoke("Echo", "grüß dich \u{1F600} \u2028"), "grüß dich \u{1F600} \u2028");
    assert.equal(await client.invoke("Add", -3, 5), 2);
    assert.equal(await client.invoke("Nothing"), null);
    await within(client.connection.send("Remember", "kept"), "a send");
    assert.equal(await client.invoke("Recall"), "kept");
  });

  test(`the hub knows who calls, ${how}`, async (context) => {
    const headers = { "x-fixture": "from the client" };
    const options = { skipNegotiation, user: "ann", query: { room: "lobby" }, headers };
    const client = await clients(context)(hub(), options);
    const who = await client.invoke("WhoAmI");
    assert.match(who.connectionId, /^[A-Za-z0-9_-]{22}$/);
    assert.equal(who.user, "ann");
    assert.equal(who.transport, "WebSockets");
    assert.match(who.query, /room=lobby&user=ann/);
    assert.equal(who.header, "from the client");
    assert.equal(who.hasPeerAddress, true);
    if (!skipNegotiation) {
      assert.equal(client.connection.connectionId, who.connectionId);
    }
  });
}

test("values of every shape come back as they were", async (context) => {
  const client = await clients(context)(hub());
  const shapes = { someText: 'quotes " and \\ and \u0001', whole: -2147483648, real: 0.1, flag: true, maybe: null, list: [1, 2] };
  assert.deepEqual(await client.invoke("EchoShapes", shapes), shapes);
  assert.deepEqual(await client.invoke("EchoShapes", { ...shapes, maybe: "there" }), { ...shapes, maybe: "there" });
});

test("methods are found in any letter case", async (context) => {
  const client = await clients(context)(hub());
  assert.equal(await client.invoke("eChO", "x"), "x");
});

test("two hubs of one application do not know each other", async (context) => {
  const start = clients(context);
  const [first, other] = [await start(hub()), await start(hub("other"))];
  assert.equal(await other.invoke("Place"), "the other hub");
  assert.match(await first.failure("Place"), /Method does not exist/);
  assert.match(await other.failure("Echo", "x"), /Method does not exist/);
  await first.invoke("Push", { kind: "all", names: [], except: [] }, "to the first hub alone");
  assert.deepEqual((await first.received.next()).args, ["to the first hub alone"]);
  await other.invoke("Place");
  assert.deepEqual(other.received.items, []);
});

test("a path with a slash at its end is the same hub", async (context) => {
  const client = await clients(context)(`${hub()}/`, { skipNegotiation: true });
  assert.equal(await client.invoke("Echo", "x"), "x");
});

test("items belong to one connection", async (context) => {
  const start = clients(context);
  const [one, two] = [await start(hub()), await start(hub())];
  await one.invoke("Remember", "mine");
  assert.equal(await two.invoke("Recall"), null);
  assert.equal(await one.invoke("Recall"), "mine");
});

test("on_connected and on_disconnected run once each, without an error when the client stops", async () => {
  const client = await Client.start(hub());
  const id = await client.id();
  const mine = (event) => event.connection === id;
  await server().event("connected", mine);
  await client.stop();
  const ended = await server().event("disconnected", mine);
  assert.equal(ended.error, null);
  assert.deepEqual(server().untaken("connected", mine), []);
  assert.deepEqual(server().untaken("disconnected", mine), []);
});

test("stopping ends the cancellation of a call that runs", async () => {
  const client = await Client.start(hub());
  const id = await client.id();
  client.connection.invoke("WaitForEnd").catch(() => {});
  await server().event("waiting", (event) => event.connection === id);
  await client.stop();
  await server().event("cancelled", (event) => event.connection === id);
});

for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
  test(`calls and pushes over ${transport}`, async (context) => {
    const client = await clients(context)(hub(), { transport: HttpTransportType[transport] });
    assert.equal((await client.invoke("WhoAmI")).transport, transport);
    await client.invoke("PushRow", { kind: "caller", names: [], except: [] }, 100);
    for (let number = 0; number < 100; number += 1) {
      assert.deepEqual(await client.received.next(), { method: "tick", args: [number] });
    }
  });
}
