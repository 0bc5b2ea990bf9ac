// Streams and uploads of the compiled files through the official client, down to the messages on the wire.
import assert from "node:assert/strict";
import test from "node:test";

import { HubConnectionBuilder, LogLevel, Subject } from "@microsoft/signalr";

import { HubCallError, createBoardHub } from "./out/hubs/index.js";
import { sockets } from "./socket.mjs";

const within = { timeout: 10_000 };

const open = [];
test.after(() => Promise.all(open.map((connection) => connection.stop())));

async function connected() {
  const { Socket, made } = sockets();
  const connection = new HubConnectionBuilder()
    .withUrl("http://localhost/board", { skipNegotiation: true, transport: 1, WebSocket: Socket })
    .configureLogging(LogLevel.None)
    .build();
  open.push(connection);
  await connection.start();
  return { connection, hub: createBoardHub(connection), socket: made[0] };
}

async function* list(...items) {
  yield* items;
}

/** An endless upload that knows when it is told to stop. */
function endless() {
  let stop;
  const stopped = new Promise((resolve) => (stop = resolve));
  async function* items() {
    try {
      for (let count = 0; ; count += 1) yield `text ${count}`;
    } finally {
      stop();
    }
  }
  return { items: items(), stopped };
}

const refusal = "An unexpected error occurred invoking 'X' on the server. HubException: no";

test("a loop gets every item, also those that came before it began", within, async () => {
  const { hub, socket } = await connected();
  const events = hub.events("lobby");
  const [call] = await socket.messages(1);
  assert.deepEqual([call.type, call.target, call.arguments], [4, "Events", ["lobby"]]);
  const id = call.invocationId;
  socket.say({ type: 2, invocationId: id, item: 1 });
  socket.say({ type: 2, invocationId: id, item: 2 });
  const seen = [];
  for await (const event of events) {
    seen.push(event);
    if (event === 2) socket.say({ type: 2, invocationId: id, item: 3 });
    if (event === 3) socket.say({ type: 3, invocationId: id });
  }
  assert.deepEqual(seen, [1, 2, 3]);
  assert.equal(socket.sent.length, 1, "a stream that ended is not cancelled");
});

test("leaving a loop cancels on the wire", within, async () => {
  const { hub, socket } = await connected();
  const events = hub.events("lobby");
  const [{ invocationId }] = await socket.messages(1);
  socket.say({ type: 2, invocationId, item: 1 });
  for await (const _ of events) break;
  assert.deepEqual((await socket.messages(2))[1], { type: 5, invocationId });
  await assert.rejects(async () => {
    for await (const _ of events) assert.fail("nothing comes any more");
  }, HubCallError);
});

test("errors of streams are HubCallErrors, for loops and for subscribers, early and late", within, async () => {
  const { hub, socket } = await connected();
  const events = hub.events("lobby");
  const [{ invocationId }] = await socket.messages(1);
  const subscribed = new Promise((error) => events.subscribe({ next() {}, error, complete: assert.fail }));
  socket.say({ type: 3, invocationId, error: refusal });
  const late = new Promise((error) => events.subscribe({ next: assert.fail, error, complete: assert.fail }));
  const looped = (async () => {
    for await (const _ of events) assert.fail("no item");
  })().catch((error) => error);
  for (const error of await Promise.all([subscribed, late, looped])) {
    assert.ok(error instanceof HubCallError);
    assert.deepEqual([error.method, error.text], ["Events", "no"]);
  }
});

test("a stream without a connection fails as one", within, async () => {
  const { connection, hub } = await connected();
  await connection.stop();
  await assert.rejects(async () => {
    for await (const _ of hub.events("lobby")) assert.fail("no item");
  }, HubCallError);
});

test("the last of several subscriptions cancels", within, async () => {
  const { hub, socket } = await connected();
  const events = hub.events("lobby");
  const [{ invocationId }] = await socket.messages(1);
  const seen = [];
  const reader = { next: (item) => seen.push(item), error: assert.fail, complete: assert.fail };
  const [first, second] = [events.subscribe({ ...reader }), events.subscribe({ ...reader })];
  await Promise.resolve();
  socket.say({ type: 2, invocationId, item: 1 });
  first.dispose();
  first.dispose();
  socket.say({ type: 2, invocationId, item: 2 });
  assert.deepEqual([seen, socket.sent.length], [[1, 1, 2], 1]);
  second.dispose();
  assert.equal((await socket.messages(2))[1].type, 5);
});

test("an async iterable is uploaded item by item", within, async () => {
  const { hub, socket } = await connected();
  const imported = hub.import("lobby", list("a", "b"));
  const messages = await socket.messages(4);
  const { streamIds, invocationId } = messages[0];
  const [id] = streamIds;
  assert.deepEqual(messages.map(({ type, item, arguments: args }) => [type, item ?? args]), [
    [1, ["lobby"]],
    [2, "a"],
    [2, "b"],
    [3, undefined],
  ]);
  assert.ok(messages.slice(1).every((message) => message.invocationId === id && message.error === undefined));
  socket.say({ type: 3, invocationId, result: 2 });
  assert.equal(await imported, 2);
});

test("an upload that fails tells the server why", within, async () => {
  const { hub, socket } = await connected();
  async function* broken() {
    yield "a";
    throw new Error("out of paper");
  }
  const imported = hub.import("lobby", broken());
  const messages = await socket.messages(3);
  assert.deepEqual([messages[2].type, messages[2].error], [3, "out of paper"]);
  socket.say({ type: 3, invocationId: messages[0].invocationId, error: refusal });
  await assert.rejects(imported, (error) => error instanceof HubCallError && error.text === "no");
});

test("an upload stops when its call is over, and the page stays alive", within, async () => {
  const { hub, socket } = await connected();
  const { items, stopped } = endless();
  const imported = hub.import("lobby", items);
  await socket.messages(500);
  socket.say({ type: 3, invocationId: socket.sent[0].invocationId, result: 1 });
  assert.equal(await imported, 1);
  await stopped;
});

test("a subject is let go when its call is over", within, async () => {
  const { hub, socket } = await connected();
  const subject = new Subject();
  const imported = hub.import("lobby", subject);
  const [{ invocationId }] = await socket.messages(1);
  socket.say({ type: 3, invocationId, result: 0 });
  await imported;
  subject.next("too late");
  await hub.send.delete("lobby", 1);
  assert.deepEqual((await socket.messages(2)).map((message) => message.type), [1, 1]);
});

test("a sent upload stops with the connection", within, async () => {
  const { connection, hub, socket } = await connected();
  let stop, lost;
  const stopped = new Promise((resolve) => (stop = resolve));
  const gate = new Promise((resolve) => (lost = resolve));
  async function* items() {
    try {
      yield "a";
      await gate;
      for (;;) yield "not wanted";
    } finally {
      stop();
    }
  }
  await hub.send.import("lobby", items());
  await socket.messages(2);
  assert.equal(socket.sent[0].invocationId, undefined);
  await connection.stop();
  lost();
  await stopped;
  assert.deepEqual(socket.sent.filter(({ type }) => type === 2).map(({ item }) => item), ["a"]);
});

test("both at once, with neighbouring streams kept apart by a value", within, async () => {
  const { hub, socket } = await connected();
  const authors = new Subject();
  const { items, stopped } = endless();
  const pairs = hub.zip(3, items, authors);
  const [call] = await socket.messages(1);
  assert.deepEqual([call.type, call.target, call.arguments, call.streamIds.length], [4, "Zip", [3], 2]);
  authors.next({ name: "Ann" });
  const author = (message) => message.type === 2 && message.invocationId === call.streamIds[1];
  const text = (message) => message.type === 2 && message.invocationId === call.streamIds[0];
  while (!socket.sent.some(author) || !socket.sent.some(text)) await socket.messages(socket.sent.length + 1);
  assert.deepEqual([socket.sent.find(text).item, socket.sent.find(author).item], ["text 0", { name: "Ann" }]);
  socket.say({ type: 2, invocationId: call.invocationId, item: ["text 0", { name: "Ann" }] });
  for await (const [first] of pairs) {
    assert.equal(first, "text 0");
    break;
  }
  await stopped;
  // What was read before is on its way by then.
  await new Promise((resolve) => setImmediate(resolve));
});
