// MessagePack in the form of .NET peers (`HubOptions::dotnet_messagepack`) as raw frames: names begin with a capital
// letter in both directions, whole numbers may be beyond 2^53.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { decode } from "@msgpack/msgpack";

import { hex, message, speak } from "../support/messagepack.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });

const ORDER = {
  Symbol: "ABC",
  Quantity: 3,
  Limit: 1.5,
  At: "2026-01-02T03:04:05+00:00",
  Tags: ["a"],
  Notes: { someKey: 1, OtherKey: 2 },
  Parent: { Symbol: "P", Quantity: 0, Limit: null, At: "", Tags: [], Notes: {}, Parent: null },
};

const lower = (name) => name[0].toLowerCase() + name.slice(1);

/** The same with names as a browser has them. The keys of `Notes` are no names. */
const browsers = ({ Notes, Parent, ...rest }) => ({
  ...Object.fromEntries(Object.entries(rest).map(([name, value]) => [lower(name), value])),
  notes: Notes,
  parent: Parent && browsers(Parent),
});

/** The answer, in hex. */
async function ask(context, hub, target, argument) {
  const { send, next } = await speak(context, `${server().url}/${hub}`);
  send(message(1, {}, "1", target, argument === undefined ? [] : [argument], []));
  return await next();
}

const call = async (...asked) => decode(hex(await ask(...asked)));

test("names begin with a capital letter, in and out, and keys of maps stay as they are", async (context) => {
  const [, , , kind, order] = await call(context, "interop-dotnet", "EchoOrder", ORDER);
  assert.equal(kind, 3);
  assert.deepEqual(order, ORDER);
  assert.deepEqual(Object.keys(order), Object.keys(ORDER), "in the order of the type");
});

test("without the option names are a browser's", async (context) => {
  const [, , , kind, order] = await call(context, "interop", "EchoOrder", browsers(ORDER));
  assert.equal(kind, 3);
  assert.deepEqual(order, browsers(ORDER));
});

test("a browser's names are taken under the option too, .NET's only under it", async (context) => {
  assert.deepEqual((await call(context, "interop-dotnet", "EchoOrder", browsers(ORDER)))[4], ORDER);
  const refused = [3, {}, "1", 1, "Failed to invoke 'EchoOrder' due to an error on the server."];
  assert.deepEqual(await call(context, "interop", "EchoOrder", ORDER), refused);
});

test("whole numbers beyond 2^53 pass", async (context) => {
  const everything = await ask(context, "interop-dotnet", "GetEverything");
  const named = (name) => Buffer.from(name).toString("hex");
  assert.ok(everything.includes(`a4${named("Long")}cf0020000000000001`), everything);
  assert.ok(everything.includes(`a5${named("Ulong")}cfffffffffffffffff`), everything);
});

test("the bytes of a message to a .NET peer", async (context) => {
  const order = { Symbol: "A", Quantity: 1, Limit: null, At: "", Tags: [], Notes: {}, Parent: null };
  const names = "a653796d626f6c a141 a85175616e74697479 01 a54c696d6974 c0 a24174 a0 a454616773 90 a54e6f746573 80 a6506172656e74 c0";
  assert.equal(await ask(context, "interop-dotnet", "EchoOrder", order), hex(`95 03 80 a131 03 87 ${names}`).toString("hex"));
});
