// Errors that methods name: a page gets them as data, and an official client that knows nothing of them reads a sentence.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HubConnectionBuilder, JsonHubProtocol } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { binary, Program } from "../support/server.mjs";
import { within } from "../support/time.mjs";
import { compiled } from "./compile.mjs";

const PROTOCOLS = { JSON: JsonHubProtocol, MessagePack: MessagePackHubProtocol };

let server;
let url;
let api;
let page;

before(async () => {
  const load = await compiled();
  api = await load("hubs/index");
  page = await load("fail");
  server = new Program(binary("hubs-fixture-types"));
  url = JSON.parse(await server.lines.next("the address of the server")).url;
});
after(() => server?.stop());

const failure = (promise) => within(promise.then(() => assert.fail("it has not failed"), (error) => error), "the call fails");

async function firstError(stream) {
  try {
    for await (const item of stream) {
      assert.fail(`an item: ${item}`);
    }
  } catch (error) {
    return error;
  }
  return assert.fail("it has not failed");
}

for (const [name, Protocol] of Object.entries(PROTOCOLS)) {
  describe(name, () => {
    let connection;
    let hub;
    before(async () => {
      const configure = (builder) => builder.withHubProtocol(new Protocol()).configureLogging("none");
      connection = await within(api.connectFail(`${url}/fail`, { retry: false, configure }), "a connection");
      hub = connection.hub;
    });
    after(() => within(connection.stop(), "the connection stops"));

    test("a page switches on the errors of a method", async () => {
      assert.equal(await within(page.join(hub, "full"), "an answer"), 'full for 2, κ "x" waits');
      assert.equal(await within(page.join(hub, "closed"), "an answer"), "closed");
      assert.equal(await within(page.join(hub, "open"), "an answer"), "in open");
    });

    test("the text is the server's sentence, and the reason is `server`", async () => {
      const error = await failure(hub.join("full"));
      assert.ok(error instanceof api.HubCallError);
      const { text, reason, method, type } = error;
      assert.deepEqual({ text, reason, method, type }, {
        text: "the room is full: 2 are in it",
        reason: "server",
        method: "Join",
        type: "JoinError",
      });
    });

    test("each error is told from the others", async () => {
      const errors = [await failure(hub.join("closed")), await failure(hub.leave()), await failure(hub.wait())];
      const guards = [api.isJoinError, api.isLeaveError, api.isRefusedMood];
      assert.deepEqual(errors.map((error) => guards.map((guard) => guard(error))), [
        [true, false, false],
        [false, true, false],
        [false, false, true],
      ]);
      assert.deepEqual(errors[1].data, { minutes: 5 });
      assert.deepEqual(errors[2].data, { because: "calm" });
    });

    test("a masked error and one with text alone have no data", async () => {
      for (const error of [await failure(hub.join("broken")), await failure(hub.shout())]) {
        assert.equal(error.data, undefined);
        assert.ok(![api.isJoinError, api.isLeaveError].some((guard) => guard(error)));
        assert.equal(error.reason, "server");
      }
    });

    test("a stream that fails before its first item has the data", async () => {
      const error = await within(firstError(hub.listen("closed")), "the stream fails");
      assert.ok(api.isJoinError(error));
      assert.deepEqual(error.data, { kind: "closed" });
    });

    test("an official client without the contract reads the sentence", async (context) => {
      const builder = new HubConnectionBuilder().withUrl(`${url}/fail`).withHubProtocol(new Protocol());
      const official = builder.configureLogging("none").build();
      context.after(() => within(official.stop(), "the connection stops"));
      await within(official.start(), "the connection starts");
      const error = await failure(official.invoke("Join", "full"));
      const text = "An unexpected error occurred invoking 'Join' on the server. HubException: the room is full: 2 are in it";
      assert.equal(error.message, text);
      assert.equal(await within(official.invoke("Join", "open"), "the connection goes on"), "open");
    });
  });
}

test("what is no error of a call is none of them", () => {
  for (const value of [undefined, null, "JoinError", new Error("x"), { type: "JoinError", data: {} }]) {
    assert.equal(api.isJoinError(value), false);
  }
  const made = new api.HubCallError("Join", "closed", "server", { kind: "closed" }, "JoinError");
  assert.ok(api.isJoinError(made));
});
