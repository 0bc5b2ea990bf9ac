// Filters around the calls of a hub, as the official client sees them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, clients } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const hub = () => `${server().url}/filtered`;
const unexpected = (method) => `An unexpected error occurred invoking '${method}' on the server.`;

test("a filter that refuses: the caller reads its text as it reads a method's, and the method does not run", async (context) => {
  const client = await clients(context)(hub());
  assert.equal(await client.failure("Remember", "a forbidden word"), `${unexpected("Remember")} HubException: that word is not repeated here`);
  assert.equal(await client.invoke("Recall"), null);
  assert.equal(await client.invoke("Echo", "allowed"), "allowed");
});

test("a filter that measures is around the others and around the method", async (context) => {
  const client = await clients(context)(hub());
  const connection = await client.id();
  assert.equal(await client.invoke("Echo", "hello"), "hello");
  const echo = (event) => event.connection === connection && event.method === "Echo";
  const measured = await server().event("measured", echo);
  assert.equal(measured.failed, null);
  assert.ok(measured.millis >= 0 && measured.millis < 60_000, `${measured.millis} ms`);
  await client.failure("Echo", "forbidden");
  assert.equal((await server().event("measured", echo)).failed, "that word is not repeated here");
});

test("a filter that rewrites an error: the caller reads the new text, in SignalR's form", async (context) => {
  const client = await clients(context)(hub());
  assert.equal(await client.failure("FailMasked", "/var is full"), `${unexpected("FailMasked")} HubException: the disk is full, try again later`);
  assert.equal(await client.failure("FailShown", "as it is"), `${unexpected("FailShown")} HubException: as it is`);
  assert.equal(await client.failure("PanicNow"), unexpected("PanicNow"));
});

test("the innermost filter runs last: what was rewritten is what the outer one measures", async (context) => {
  const client = await clients(context)(hub());
  const connection = await client.id();
  await client.failure("FailMasked", "/var is full");
  const fails = (event) => event.connection === connection && event.method === "FailMasked";
  assert.equal((await server().event("measured", fails)).failed, "the disk is full, try again later");
});

test("a call that takes too long fails, and its connection goes on", async (context) => {
  const client = await clients(context)(hub());
  assert.equal(await client.failure("Hold", "never"), `${unexpected("Hold")} HubException: the call took longer than 50ms`);
  assert.equal(await client.invoke("Echo", "still there"), "still there");
});

test("a filter that refuses a connection closes it with its text", async () => {
  const client = new Client(hub(), { query: { refuse: "yes" } });
  // The Close message may come before `start` has resolved, which then rejects with it.
  const text = await within(client.connection.start(), "it starts or not").then(() => client.end(), (error) => error.message);
  assert.match(text, /Connection closed with an error\. HubException: the hub is closed today/);
});
