// The handshake: the first message of every connection.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { END, HANDSHAKE, raws } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = (path = "fixture") => `${server().url}/${path}`;
const UNEXPECTED = "An unexpected error occurred during connection handshake.";
const CANCELED = "Handshake was canceled.";

const ACCEPTED = [
  HANDSHAKE,
  `{"version":1,"x":[1,{"y":null}],"protocol":"JSON"}${END}`,
  `{"protocol":"json","version":2}${END}`,
  `{"protocol":"json","version":0}${END}`,
  `{"protocol":"json","version":-3}${END}`,
  ` { "protocol" : "json" , "version" : 1 } ${END}`,
];
for (const handshake of ACCEPTED) {
  test(`accepted: ${JSON.stringify(handshake)}`, async (context) => {
    const raw = await raws(context).open(hub());
    raw.send(handshake);
    assert.equal(await raw.text(), "{}");
    assert.equal((await raw.call("Echo", ["x"])).result, "x");
  });
}

const REFUSED = [
  [`{"protocol":"foo","version":1}${END}`, "The protocol 'foo' is not supported."],
  [`{"protocol":"json","version":3}${END}`, "The server does not support version 3 of the 'json' protocol."],
  [`{"protocol":"json","version":9001}${END}`, "The server does not support version 9001 of the 'json' protocol."],
  [`{}${END}`, UNEXPECTED],
  [`[]${END}`, UNEXPECTED],
  [`${END}`, UNEXPECTED],
  [`nonsense${END}`, UNEXPECTED],
  [`{"protocol":1,"version":1}${END}`, UNEXPECTED],
  [`{"protocol":"json"}${END}`, UNEXPECTED],
  [`{"version":1}${END}`, UNEXPECTED],
  [`{"protocol":"json","version":"1"}${END}`, UNEXPECTED],
  [`{"Protocol":"json","Version":1}${END}`, UNEXPECTED],
  ["x".repeat(40 * 1024), `${CANCELED} (too large)`],
];
for (const [handshake, error] of REFUSED) {
  test(`refused: ${JSON.stringify(handshake.slice(0, 60))}`, async (context) => {
    const raw = await raws(context).open(hub());
    raw.send(handshake);
    const { records, code } = await raw.end();
    assert.deepEqual(records, [JSON.stringify({ error })]);
    assert.equal(code, 1000);
  });
}

test("no handshake in time", async (context) => {
  const raw = await raws(context).open(hub("short"));
  assert.deepEqual(await raw.end(), { records: [JSON.stringify({ error: `${CANCELED} (timed out)` })], code: 1000 });
});

test("half a handshake in time", async (context) => {
  const raw = await raws(context).open(hub("short"));
  raw.send(HANDSHAKE.slice(0, 10));
  const error = `${CANCELED} (incomplete: its separator, 0x1E, is missing)`;
  assert.deepEqual(await raw.end(), { records: [JSON.stringify({ error })], code: 1000 });
});

test("byte by byte", async (context) => {
  const raw = await raws(context).open(hub());
  for (const byte of HANDSHAKE) {
    raw.send(byte);
  }
  assert.equal(await raw.text(), "{}");
});

test("in a binary message, answered in a text message", async (context) => {
  const raw = await raws(context).open(hub());
  raw.send(Buffer.from(HANDSHAKE));
  assert.equal(await raw.text(), "{}");
  assert.equal(raw.messages[0].isBinary, false);
});

test("with a call behind it in the same message", async (context) => {
  const raw = await raws(context).open(hub());
  raw.send(`${HANDSHAKE}{"type":1,"invocationId":"1","target":"Echo","arguments":["x"]}${END}`);
  assert.equal(await raw.text(), "{}");
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "1", result: "x" });
});

test("with half a call behind it in the same message", async (context) => {
  const raw = await raws(context).open(hub());
  raw.send(`${HANDSHAKE}{"type":1,"invocationId":"1","target":"E`);
  assert.equal(await raw.text(), "{}");
  raw.send(`cho","arguments":["x"]}${END}`);
  assert.deepEqual(await raw.message(), { type: 3, invocationId: "1", result: "x" });
});

test("a socket that closes before the handshake is no connection", async (context) => {
  const raw = await raws(context).open(hub());
  raw.close();
  assert.deepEqual(await raw.end(), { records: [], code: 1000 });
});
