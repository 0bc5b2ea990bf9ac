// The corpus of hard types, run: every value goes through a real server and the official client under both protocols,
// and each one that comes back is checked by the compiler, by its JSON Schema and by equality.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { JsonHubProtocol } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { binary, Program } from "../support/server.mjs";
import { within } from "../support/time.mjs";
import { compiled } from "./compile.mjs";
import { schemas } from "./schemas.mjs";
import { inJson, rounded, show } from "./values.mjs";

const PROTOCOLS = { JSON: JsonHubProtocol, MessagePack: MessagePackHubProtocol };

let server;
let url;
let rust;
let api;
let values;

before(async () => {
  const load = await compiled();
  api = await load("hubs/index");
  values = { ...(await load("made")), ...(await load("sent")), ...(await load("ask")) };

  server = new Program(binary("hubs-fixture-types"));
  url = JSON.parse(await server.lines.next("the address of the server")).url;
  rust = await (await within(fetch(`${url}/samples`), "the samples of Rust")).json();
});
after(() => server?.stop());

/** A connection to one of the hubs, which is stopped at the end of the test. */
async function connect(context, path, protocol, build, client) {
  const options = { client, retry: false };
  options.configure = (builder) => builder.withHubProtocol(new PROTOCOLS[protocol]()).configureLogging("none");
  const connection = await within(build(`${url}${path}`, options), `a connection to ${path}`);
  context.after(() => within(connection.stop(), "the connection stops"));
  return connection.hub;
}

const call = (hub, method, ...args) => within(hub[method](...args), `\`${method}\` is answered`);
const hasBytes = (method) => ["binary", "internal", "table"].includes(method);
const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Both are the same value, as this protocol has it. */
function equal(found, expected, protocol, what) {
  const form = protocol === "JSON" ? inJson : (value) => value;
  assert.equal(show(form(found)), show(form(expected)), what);
}

test("every type of the contract is in the samples", () => {
  assert.deepEqual(Object.keys(values.made).map(snake).sort(), Object.keys(rust).sort());
  assert.ok(Object.keys(values.made).length >= 40);
});

for (const protocol of Object.keys(PROTOCOLS)) {
  describe(protocol, () => {
    test("what the server makes is what Rust says, what the types say, and fits its schema", async (context) => {
      const hub = await connect(context, "/make", protocol, api.connectMake);
      for (const [method, expected] of Object.entries(values.made)) {
        const found = await call(hub, method);
        equal(found, expected, protocol, method);
        // Rust writes bytes as numbers unless told otherwise, and an f32 with the digits of an f64.
        const said = hasBytes(method) ? inJson(expected) : rust[snake(method)];
        assert.equal(show(rounded(inJson(found))), show(rounded(said)), method);
        schemas.result("MakeHub", method, inJson(found));
      }
    });

    test("a page gives back what it got, and the server knows it again", async (context) => {
      const hub = await connect(context, "/echo", protocol, api.connectEcho);
      for (const [method, samples] of Object.entries(values.made)) {
        for (const sample of samples) {
          schemas.arguments("EchoHub", method, [inJson(sample)]);
          equal(await call(hub, method, sample), sample, protocol, method);
        }
      }
    });

    test("what only a page writes is read", async (context) => {
      const hub = await connect(context, "/echo", protocol, api.connectEcho);
      for (const [method, pairs] of Object.entries(values.sent)) {
        for (const [sent, back] of pairs) {
          schemas.arguments("EchoHub", method, [inJson(sent)]);
          const found = await call(hub, method, sent);
          equal(found, back, protocol, method);
          schemas.result("EchoHub", method, inJson(found));
        }
      }
    });

    test("the server asks, and compares the answer in Rust", async (context) => {
      const hub = await connect(context, "/ask", protocol, api.connectAsk, values.answers);
      for (const [method, samples] of Object.entries(values.made)) {
        assert.equal(await call(hub, method), samples.length, method);
        for (const sample of samples) {
          schemas.arguments("AskClient", method, [inJson(sample)]);
          schemas.result("AskClient", method, inJson(sample));
        }
      }
    });

    test("what differs by direction has a type for each", async (context) => {
      const hub = await connect(context, "/one-way", protocol, api.connectOneWay);
      for (const [method, pairs] of Object.entries(values.oneWay)) {
        for (const [sent, back] of pairs) {
          schemas.arguments("OneWayHub", method, [sent]);
          const found = await call(hub, method, sent);
          equal(found, back, protocol, method);
          schemas.result("OneWayHub", method, found);
        }
      }
    });

    test("items of streams have the types of their ways", async (context) => {
      const hub = await connect(context, "/one-way", protocol, api.connectOneWay);
      const read = async () => {
        const found = [];
        for await (const item of hub.stream(values.items())) {
          found.push(item);
          schemas.item("OneWayHub", "stream", item);
        }
        return found;
      };
      equal(await within(read(), "the stream ends"), values.itemsBack, protocol, "stream");
    });

    test("an aborted call is cancelled on the server, and the connection goes on", async (context) => {
      const hub = await connect(context, "/cancel", protocol, api.connectCancel);
      const page = new AbortController();
      const waiting = hub.wait(page.signal);
      page.abort();
      await assert.rejects(waiting, ({ reason, method }) => reason === "aborted" && method === "Wait");
      assert.equal(await call(hub, "cancelled"), true);
      await assert.rejects(hub.wait(AbortSignal.abort()), ({ reason }) => reason === "aborted");
    });

    test("what a browser cannot hold is an error, and never another value", async (context) => {
      const hub = await connect(context, "/limit", protocol, api.connectLimit);
      const refused = [
        ["whole", "9007199254740992", /9007199254740992 is beyond 2\^53 - 1/],
        ["whole", "-9223372036854775808", /-9223372036854775808 is beyond 2\^53 - 1/],
        ["positive", "18446744073709551615", /18446744073709551615 is beyond 2\^53 - 1/],
        ["real", "NaN", /NaN is no number in JSON/],
        ["real", "-inf", /-inf is no number in JSON/],
        ["short", "inf", /inf is no number in JSON/],
        ["inside", "NaN", /NaN is no number in JSON/],
      ];
      for (const [method, text, why] of refused) {
        await assert.rejects(call(hub, method, text), why, `${method}(${text})`);
      }
      assert.equal(await call(hub, "whole", "-9007199254740991"), Number.MIN_SAFE_INTEGER);
      assert.equal(await call(hub, "short", "0.1"), 0.1);
      assert.equal(Math.fround(await call(hub, "short", "0.1")), Math.fround(0.1));
    });
  });
}

test("the schemas refuse what is wrong", () => {
  const wrong = [
    ["point", [{ x: 1 }]],
    ["mood", ["angry"]],
    ["whole", [{}]],
    ["closed", [{ a: 1, b: 2 }]],
    ["ids", [{ id: "no uuid", others: [] }]],
    ["triple", [[1, "a"]]],
    ["lists", [{ ...values.made.lists[0], three: [1, 2, 256] }]],
  ];
  for (const [method, args] of wrong) {
    assert.throws(() => schemas.arguments("EchoHub", method, args), /does not fit/, method);
  }
});
