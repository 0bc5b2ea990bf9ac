// What a client is told when a call fails, and what it is not told.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { clients } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;

/** Call, what the client sees by default, and what it sees with detailed errors. */
const CASES = [
  {
    name: "an error made for the client",
    call: ["FailShown", "the room is full"],
    shown: "An unexpected error occurred invoking 'FailShown' on the server. HubException: the room is full",
    detailed: /^An unexpected error occurred invoking 'FailShown' on the server\. HubException: the room is full$/,
  },
  {
    name: "any other error",
    call: ["FailMasked", "the password is swordfish"],
    shown: "An unexpected error occurred invoking 'FailMasked' on the server.",
    detailed: /^An unexpected error occurred invoking 'FailMasked' on the server\. .*the password is swordfish/,
  },
  {
    name: "a panic",
    call: ["PanicNow"],
    shown: "An unexpected error occurred invoking 'PanicNow' on the server.",
    detailed: /^An unexpected error occurred invoking 'PanicNow' on the server\./,
  },
  {
    name: "a method that is not there",
    call: ["Nope"],
    shown: "Failed to invoke 'Nope' due to an error on the server. HubException: Method does not exist.",
    detailed: /^Failed to invoke 'Nope' due to an error on the server\. HubException: Method does not exist\.$/,
  },
  {
    name: "too few arguments",
    call: ["Add", 1],
    shown: "Failed to invoke 'Add' due to an error on the server.",
    detailed: /^Failed to invoke 'Add' due to an error on the server\. .*Invocation provides 1 argument\(s\) but target expects 2\./,
  },
  {
    name: "too many arguments",
    call: ["Echo", "a", "b"],
    shown: "Failed to invoke 'Echo' due to an error on the server.",
    detailed: /^Failed to invoke 'Echo' due to an error on the server\. .*Invocation provides 2 argument\(s\) but target expects 1\./,
  },
  {
    name: "an argument of another type",
    call: ["add", 1, "two"],
    shown: "Failed to invoke 'Add' due to an error on the server.",
    detailed: /^Failed to invoke 'Add' due to an error on the server\. .*Error binding arguments\./,
  },
  {
    name: "an object without one of its fields",
    call: ["EchoShapes", { someText: "x" }],
    shown: "Failed to invoke 'EchoShapes' due to an error on the server.",
    detailed: /^Failed to invoke 'EchoShapes' due to an error on the server\. /,
  },
];

for (const { name, call, shown, detailed } of CASES) {
  test(`${name}: what everybody is told`, async (context) => {
    const client = await clients(context)(hub());
    assert.equal(await client.failure(...call), shown);
    assert.equal(await client.invoke("Echo", "still there"), "still there");
  });

  test(`${name}: what is told with detailed errors`, async (context) => {
    const client = await clients(context)(hub("detailed"));
    assert.match(await client.failure(...call), detailed);
    assert.equal(await client.invoke("Echo", "still there"), "still there");
  });
}

test("a call that wants no answer gets none, even when it fails", async (context) => {
  const client = await clients(context)(hub());
  await client.connection.send("FailShown", "no answer is sent");
  await client.connection.send("Nope");
  await client.connection.send("Add", "a");
  await client.connection.send("PanicNow");
  assert.equal(await client.invoke("Echo", "still there"), "still there");
});
