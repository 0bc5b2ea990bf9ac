// The compiled files over a connection that writes down what is asked of it.
import assert from "node:assert/strict";
import test from "node:test";

import { HubCallError, createBoardHub, registerBoardClient, registerBoardClientPartially } from "./out/hubs/index.js";

class Connection {
  calls = [];
  handlers = new Map();
  failure = undefined;

  async invoke(...call) {
    this.calls.push(["invoke", ...call]);
    if (this.failure !== undefined) throw this.failure;
    return "answer";
  }

  async send(...call) {
    this.calls.push(["send", ...call]);
    if (this.failure !== undefined) throw this.failure;
  }

  on(method, handler) {
    this.handlers.set(method, [...(this.handlers.get(method) ?? []), handler]);
  }

  off(method, handler) {
    assert.ok(handler, "a handler is taken off by itself, never all of a method");
    this.handlers.set(method, this.handlers.get(method).filter((other) => other !== handler));
  }

  call(method, ...args) {
    return Promise.all(this.handlers.get(method).map((handler) => handler(...args)));
  }
}

const handlers = {
  onEvent: () => "not asked",
  moodChanged() {
    this.seen = true;
  },
  mayRemove: (note, reason) => note.text === "" && reason === "old",
  confirm: async () => "calm",
};

test("calls and sends use the wire names, arguments in order", async () => {
  const connection = new Connection();
  const hub = createBoardHub(connection);
  assert.equal(await hub.pinNote("lobby", "hello", [1, 2]), "answer");
  assert.equal(await hub.send.delete("lobby", 7), undefined);
  await hub.folderTree(true, null);
  await hub.new();
  assert.deepEqual(connection.calls, [
    ["invoke", "PinNote", "lobby", "hello", [1, 2]],
    ["send", "Delete", "lobby", 7],
    ["invoke", "tree", true, null],
    ["invoke", "New"],
  ]);
});

test("errors carry the method and the server's own words", async () => {
  const connection = new Connection();
  const hub = createBoardHub(connection);
  const texts = {
    "An unexpected error occurred invoking 'Delete' on the server. HubException: no such note": "no such note",
    "An unexpected error occurred invoking 'Delete' on the server. HubException: two\nlines": "two\nlines",
    "Failed to invoke 'Delete' due to an error on the server. HubException: Method does not exist.":
      "Method does not exist.",
    "An unexpected error occurred invoking 'Delete' on the server. IOError: disk full": "IOError: disk full",
    "An unexpected error occurred invoking 'Delete' on the server.":
      "An unexpected error occurred invoking 'Delete' on the server.",
    "Invocation canceled due to the underlying connection being closed.":
      "Invocation canceled due to the underlying connection being closed.",
  };
  for (const [message, text] of Object.entries(texts)) {
    connection.failure = new Error(message);
    for (const call of [() => hub.delete("lobby", 7), () => hub.send.delete("lobby", 7)]) {
      const error = await call().then(() => undefined, (error) => error);
      assert.ok(error instanceof HubCallError);
      assert.deepEqual([error.name, error.method, error.message, error.text], ["HubCallError", "Delete", message, text]);
    }
  }
});

test("handlers answer only where the server asks", async () => {
  const connection = new Connection();
  const mine = { ...handlers };
  registerBoardClient(connection, mine);
  assert.deepEqual(await connection.call("OnEvent", "lobby", "opened"), [undefined]);
  assert.deepEqual(await connection.call("MayRemove", { text: "" }, "old"), [true]);
  assert.deepEqual(await connection.call("Confirm"), ["calm"]);
  await connection.call("MoodChanged", "calm");
  assert.equal(mine.seen, true, "`this` is the object of the handlers");
});

test("only the handlers that there are are registered where that is asked for", async () => {
  const connection = new Connection();
  const parts = registerBoardClientPartially(connection, { ...handlers, onEvent: undefined, confirm: undefined });
  assert.deepEqual([...connection.handlers.keys()], ["MoodChanged", "MayRemove"]);
  assert.deepEqual(await connection.call("MayRemove", { text: "" }, "old"), [true]);
  parts.dispose();
  assert.deepEqual([...connection.handlers.values()].flat(), []);
});

test("dispose takes off exactly its own handlers, once", () => {
  const connection = new Connection();
  const other = () => {};
  connection.on("OnEvent", other);
  const first = registerBoardClient(connection, handlers);
  const second = registerBoardClient(connection, handlers);
  const count = () => [...connection.handlers.values()].flat().length;
  assert.equal(count(), 9);
  first.dispose();
  first.dispose();
  assert.equal(count(), 5);
  second.dispose();
  assert.deepEqual([...connection.handlers.values()].flat(), [other]);
});
