// The server asks a client.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, clients } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;

test("the answer of a handler", async (context) => {
  const client = await clients(context)(hub());
  client.connection.on("ask", (question) => `${question}? Yes.`);
  client.connection.on("count", async () => 41);
  assert.equal(await client.invoke("AskClient", null, "really"), "answer: really? Yes.");
  assert.equal(await client.invoke("CountCaller"), "answer: 41");
});

test("another connection answers", async (context) => {
  const start = clients(context);
  const [asking, asked] = [await start(hub()), await start(hub())];
  asked.connection.on("ask", () => "the other one");
  assert.equal(await asking.invoke("AskClient", await asked.id(), "who"), "answer: the other one");
});

test("no handler", async (context) => {
  const client = await clients(context)(hub());
  assert.match(await client.invoke("AskClient", null, "a question"), /^error: .*Client didn't provide a result\./);
});

test("a handler that throws", async (context) => {
  const client = await clients(context)(hub());
  client.connection.on("ask", () => {
    throw new Error("ask another client");
  });
  assert.match(await client.invoke("AskClient", null, "a question"), /^error: .*ask another client/);
});

test("an answer of another type", async (context) => {
  const client = await clients(context)(hub());
  client.connection.on("count", () => "many");
  assert.match(await client.invoke("CountCaller"), /^error: /);
  assert.equal(await client.invoke("Echo", "still there"), "still there");
});

test("an unknown connection", async (context) => {
  const client = await clients(context)(hub());
  const answer = await client.invoke("AskClient", "AAAAAAAAAAAAAAAAAAAAAA", "a question");
  assert.match(answer, /^error: .*AAAAAAAAAAAAAAAAAAAAAA/);
});

test("a client that goes away instead", async (context) => {
  const asking = await clients(context)(hub());
  const asked = await Client.start(hub());
  const id = await asked.id();
  const wasAsked = new Promise((resolve) => {
    asked.connection.on("ask", () => {
      resolve();
      return new Promise(() => {});
    });
  });
  const answer = asking.invoke("AskClient", id, "a question");
  await within(wasAsked, "the client is asked");
  await asked.stop();
  assert.match(await answer, /^error: .*disconnected/);
});

test("a client that never answers", async (context) => {
  const client = await clients(context)(hub("short"));
  client.connection.on("ask", () => new Promise(() => {}));
  assert.match(await client.invoke("AskClient", null, "a question"), /^error: /);
  assert.equal(await client.invoke("Echo", "still there"), "still there");
});

test("a method that waits for its caller holds up nothing", async (context) => {
  const client = await clients(context)(hub());
  client.connection.on("ask", async (question) => `${question} ${await client.connection.invoke("Echo", "meanwhile")}`);
  assert.equal(await client.invoke("AskClient", null, "and"), "answer: and meanwhile");
});
