// What negotiation answers, byte for byte where a client can see it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Raw, raws } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const ID = "[A-Za-z0-9_-]{22}";
/** Signed; nothing in it needs an escape in a URL. */
const TOKEN = "[A-Za-z0-9_-]{76}";
const TRANSPORTS =
  String.raw`"availableTransports":\[\{"transport":"WebSockets","transferFormats":\["Text","Binary"\]\},` +
  String.raw`\{"transport":"ServerSentEvents","transferFormats":\["Text"\]\},` +
  String.raw`\{"transport":"LongPolling","transferFormats":\["Text","Binary"\]\}\]`;

async function ask(path, method = "POST") {
  const response = await within(fetch(`${server().url}/${path}`, { method }), path);
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}

test("version 1: an id and a token", async (context) => {
  for (const query of ["negotiateVersion=1", "negotiateVersion=7", "NEGOTIATEVERSION=1", "room=x&negotiateVersion=1"]) {
    const { status, type, body } = await ask(`fixture/negotiate?${query}`);
    assert.deepEqual({ status, type }, { status: 200, type: "application/json" }, query);
    assert.match(body, new RegExp(`^{"negotiateVersion":1,"connectionId":"${ID}","connectionToken":"${TOKEN}",${TRANSPORTS}}$`), query);
    const { connectionId, connectionToken } = JSON.parse(body);
    assert.notEqual(connectionId, connectionToken);
    const raw = await raws(context).connect(`${server().url}/fixture?id=${connectionToken}`);
    assert.equal((await raw.call("WhoAmI")).result.connectionId, connectionId);
  }
});

test("version 0: the id is the token", async (context) => {
  for (const query of ["", "?negotiateVersion=0"]) {
    const { body } = await ask(`fixture/negotiate${query}`);
    assert.match(body, new RegExp(`^{"negotiateVersion":0,"connectionId":"${TOKEN}",${TRANSPORTS}}$`));
    const { connectionId } = JSON.parse(body);
    const raw = await raws(context).connect(`${server().url}/fixture?id=${connectionId}`);
    assert.equal((await raw.call("WhoAmI")).result.connectionId, connectionId);
  }
});

/** Path, and the error that is answered with 200. */
const ERRORS = [
  ["fixture/negotiate?negotiateVersion=abc", "The client requested a non-integer protocol version."],
  ["fixture/negotiate?negotiateVersion=", "The client requested a non-integer protocol version."],
  ["fixture/negotiate?negotiateVersion=1&negotiateVersion=1", "The client requested a non-integer protocol version."],
  ["fixture/negotiate?negotiateVersion=-1", "The client requested version '-1', but the server does not support this version."],
  ["newer/negotiate", "The client requested version '0', but the server does not support this version."],
];
for (const [path, error] of ERRORS) {
  test(`${path} is an error`, async () => {
    const { status, body } = await ask(path);
    assert.equal(status, 200);
    assert.deepEqual(JSON.parse(body), { error });
  });
}

test("only POST negotiates", async () => {
  for (const method of ["GET", "PUT", "DELETE", "OPTIONS"]) {
    const { status, body } = await ask("fixture/negotiate", method);
    assert.deepEqual({ status, body }, { status: 405, body: "" }, method);
  }
});

test("useStatefulReconnect is not there, and so not answered", async () => {
  const { body } = await ask("fixture/negotiate?negotiateVersion=1&useStatefulReconnect=true");
  assert.equal(JSON.parse(body).useStatefulReconnect, undefined);
});

test("an unknown id is not found", async () => {
  for (const id of ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%00"]) {
    await assert.rejects(Raw.open(`${server().url}/fixture?id=${id}`), { status: 404 }, id);
  }
});

test("a public id is no token", async () => {
  const { connectionId } = JSON.parse((await ask("fixture/negotiate?negotiateVersion=1")).body);
  await assert.rejects(Raw.open(`${server().url}/fixture?id=${connectionId}`), { status: 404 });
});

test("a token is used once: a second socket is refused, the first lives", async (context) => {
  const { connectionToken } = JSON.parse((await ask("fixture/negotiate?negotiateVersion=1")).body);
  const url = `${server().url}/fixture?id=${connectionToken}`;
  const raw = await raws(context).connect(url);
  await assert.rejects(Raw.open(url), { status: 409 });
  assert.equal((await raw.call("Echo", ["first"])).result, "first");
});

test("a token of one hub opens no other", async () => {
  const { connectionToken } = JSON.parse((await ask("fixture/negotiate?negotiateVersion=1")).body);
  await assert.rejects(Raw.open(`${server().url}/other?id=${connectionToken}`), { status: 404 });
});

test("a token opens one connection: it is unknown once that has ended", async (context) => {
  const { connectionToken } = JSON.parse((await ask("fixture/negotiate?negotiateVersion=1")).body);
  const url = `${server().url}/fixture?id=${connectionToken}`;
  const raw = await raws(context).connect(url);
  raw.socket.close();
  await raw.end();
  const refused = async () => {
    for (;;) {
      // 409 until the server has seen the end.
      const { status } = await Raw.open(url).then(() => ({ status: 101 }), (error) => error);
      if (status !== 409) {
        return status;
      }
    }
  };
  assert.equal(await within(refused(), "the end"), 404);
});

test("a token that is not used in time is unknown", async () => {
  const { connectionToken } = JSON.parse((await ask("short/negotiate?negotiateVersion=1")).body);
  // A handshake that never comes takes the same 500 ms, and was begun later.
  const later = await Raw.open(`${server().url}/short`);
  await later.end();
  await assert.rejects(Raw.open(`${server().url}/short?id=${connectionToken}`), { status: 404 });
});
