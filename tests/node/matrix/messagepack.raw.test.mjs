// MessagePack as raw frames over WebSockets: what is tolerated, what ends a connection, what is answered.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { decode, encode } from "@msgpack/msgpack";

import { framed, hex, message, speak } from "../support/messagepack.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const connect = (context) => speak(context, `${server().url}/interop`);
const sum = (id = "1") => message(1, {}, id, "Sum", [1, 2], []);

/** What is sent, and the exact answer. */
const ANSWERED = [
  ["five items", message(1, {}, "1", "Sum", [1, 2]), "950380a1310303"],
  ["six items", sum(), "950380a1310303"],
  ["seven items", message(1, {}, "1", "Sum", [1, 2], [], "new"), "950380a1310303"],
  ["headers", message(1, { traceparent: "00" }, "1", "Sum", [1, 2], []), "950380a1310303"],
  ["integers in their longest form", framed(hex("96 d3 0000000000000001 80 a131 a3 53756d 92 d3 0000000000000001 cf 0000000000000002 90")), "950380a1310303"],
  ["texts in their longest form", framed(hex("96 01 80 db 00000001 31 da 0003 53756d dd 00000002 01 02 90")), "950380a1310303"],
  ["a length of five bytes", Buffer.concat([Buffer.from([sum()[0] | 0x80, 0x80, 0x80, 0x80, 0]), sum().subarray(1)]), "950380a1310303"],
  ["nothing to give back", message(1, {}, "1", "Nothing", [], []), "950380a13103c0"],
  ["a stream of none", message(4, {}, "1", "Count", [0, 0], []), "940380a13102"],
  ["a name in other letters", message(1, {}, "1", "sUM", [1, 2], []), "950380a1310303"],
];
for (const [about, sent, answer] of ANSWERED) {
  test(`answered: ${about}`, async (context) => {
    const { send, next } = await connect(context);
    send(sent);
    assert.equal(await next(), answer);
    send(sum("2"));
    assert.equal(await next(), "950380a1320303");
  });
}

/** What has no answer and does no harm. */
const SILENT = [
  ["a ping", hex("02 9106")],
  ["no id", message(1, {}, null, "Shown", [], [])],
  ["an empty id", message(1, {}, "", "Shown", [], [])],
  ["no such method, no id", message(1, {}, null, "Nope", [1], [])],
  ["an answer to no question", message(3, {}, "unknown", 3, 1)],
  ["an answer without a value to no question", message(3, {}, "unknown", 2)],
  ["an item of no stream", message(2, {}, "unknown", [1, { a: 1 }])],
  ["a cancellation of nothing", message(5, {}, "unknown")],
  ["an unknown type", message(42, {}, "what", 1)],
];
for (const [about, sent] of SILENT) {
  test(`silent: ${about}`, async (context) => {
    const { send, next } = await connect(context);
    send(sent);
    send(sum("2"));
    assert.equal(await next(), "950380a1320303");
  });
}

/** What ends the connection. */
const FATAL = [
  ["headers that are nil", message(1, null, "1", "Sum", [1, 2], [])],
  ["headers that are no texts", message(1, { a: 1 }, "1", "Sum", [1, 2], [])],
  ["a name that is no text", message(1, {}, "1", 7, [1, 2], [])],
  ["arguments that are no array", message(1, {}, "1", "Sum", 1, [])],
  ["an empty array", message()],
  ["a map", framed(encode({ type: 1 }))],
  ["an answer of an unknown kind", message(3, {}, "1", 9, 1)],
  ["a stream without an id", message(4, {}, null, "Count", [1, 0], [])],
  ["a reserved byte", framed(hex("c1"))],
  ["a message that ends too early", framed(hex("96 01 80 a131"))],
  ["more than 2 GB", hex("ffffffff08")],
  ["more than 32 KiB", Buffer.concat([hex("818002"), Buffer.alloc(32_769)])],
  ["an array that says it is huge", framed(hex("dd ffffffff"))],
];
for (const [about, sent] of FATAL) {
  test(`fatal: ${about}`, async (context) => {
    const { send, next, closed } = await connect(context);
    send(sent);
    const why = about === "more than 32 KiB" ? " (too large)" : "";
    assert.deepEqual(decode(hex(await next())), [7, `Connection closed with an error.${why}`, true]);
    assert.equal((await closed()).code, 1000);
  });
}

test("one message in many pieces, its length cut too, and many messages in one", async (context) => {
  const { send, next } = await connect(context);
  const long = message(1, {}, "1", "Echo", ["x".repeat(100)], []);
  for (const byte of long) {
    send(Buffer.from([byte]));
  }
  const [, , , , text] = decode(hex(await next()));
  assert.equal(text.length, 100);
  send(Buffer.concat([sum("1"), hex("02 9106"), sum("2"), sum("3").subarray(0, 5)]));
  send(sum("3").subarray(5));
  const ids = [await next(), await next(), await next()].map((answer) => decode(hex(answer))[2]);
  assert.deepEqual(ids, ["1", "2", "3"]);
});

test("a Close message of the client", async (context) => {
  const { send, next, closed } = await connect(context);
  send(hex("03 9207c0"));
  assert.equal(await next(), "9307c0c2");
  assert.equal((await closed()).code, 1000);
});
