// A panic, or a value that cannot be written, ends that call or that connection, and no other.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, clients, target } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const hub = () => `${server().url}/fixture`;

/** Runs `body` beside a connection that must not notice. */
async function besideSomebody(context, body) {
  const start = clients(context);
  const bystander = await start(hub());
  const id = await bystander.id();
  await body(start);
  assert.equal(await bystander.invoke("Echo", "all is well"), "all is well");
  assert.deepEqual(server().untaken("disconnected", (event) => event.connection === id), []);
}

for (const method of ["PanicNow", "PanicLater"]) {
  test(`in a method (${method}): the call fails, the connection lives`, (context) =>
    besideSomebody(context, async (start) => {
      const client = await start(hub());
      const text = `An unexpected error occurred invoking '${method}' on the server.`;
      assert.equal(await client.failure(method), text);
      assert.equal(await client.invoke("Echo", "still there"), "still there");
    }));
}

for (const how of ["panic", "fail"]) {
  test(`in on_connected (${how}): that connection is closed, on_disconnected does not run`, (context) =>
    besideSomebody(context, async () => {
      const user = `refused-by-${how}`;
      const client = new Client(hub(), { query: { connect: how }, user });
      // The Close message may come before `start` of the client has returned; `start` then fails with it.
      const refused = client.connection.start().then(() => client.end(), (error) => error.message);
      assert.match(await within(refused, "the client is refused"), /Connection closed with an error\./);
      const { connection } = await server().event("connected", (event) => event.user === user);
      const later = await Client.start(hub());
      await later.stop();
      assert.deepEqual(server().untaken("disconnected", (event) => event.connection === connection), []);
    }));
}

test("in on_disconnected: the connection still leaves its groups", (context) =>
  besideSomebody(context, async (start) => {
    const watcher = await start(hub());
    const client = await Client.start(hub(), { query: { disconnect: "panic" }, user: "leaver" });
    const id = await client.id();
    await client.invoke("Join", "leavers");
    await watcher.invoke("Join", "leavers");
    await client.stop();
    await server().event("disconnected", (event) => event.connection === id);
    await watcher.invoke("Push", target("group", { names: "leavers" }), "who is left");
    assert.deepEqual((await watcher.received.next()).args, ["who is left"]);
    const answer = await watcher.invoke("AskClient", id, "still there");
    assert.match(answer, /^error: /);
  }));

for (const how of ["panic", "fail"]) {
  test(`in writing a result (${how}): the call fails, the connection lives`, (context) =>
    besideSomebody(context, async (start) => {
      const client = await start(hub());
      assert.match(await client.failure("GiveGrumpy", how), /^An unexpected error occurred invoking 'GiveGrumpy'/);
      assert.equal(await client.invoke("Echo", "still there"), "still there");
    }));

  test(`in reading an argument (${how}): the call fails, the connection lives`, (context) =>
    besideSomebody(context, async (start) => {
      const client = await start(hub());
      const text = "Failed to invoke 'TakeTouchy' due to an error on the server.";
      assert.equal(await client.failure("TakeTouchy", { how }), text);
      assert.equal(await client.invoke("Echo", "still there"), "still there");
    }));

  for (const kind of ["caller", "others"]) {
    test(`in writing a push to ${kind} (${how}): the pushing call fails, everybody lives`, (context) =>
      besideSomebody(context, async (start) => {
        const client = await start(hub());
        const text = "An unexpected error occurred invoking 'PushGrumpy' on the server.";
        assert.equal(await client.failure("PushGrumpy", target(kind), how), text);
        assert.equal(await client.invoke("Echo", "still there"), "still there");
      }));
  }
}
