// The connection of the generated TypeScript when its network does not hold: what the page is told, what becomes of its
// calls, and in which order its groups, its calls and its handlers come back.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import WebSocket from "ws";

import { Cutter } from "../support/cutter.mjs";
import { generated } from "../support/generated.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const server = serverForFile({ before, after });

const { OfficialLink, invoke, invokeCancellable, send } = await generated();

/** Comes back at once, but for the few milliseconds that a test needs to see that it is away. */
const soon = () => 30;

/** A link through a network that can be cut. */
async function connect(context, path, options = {}, onConnected = () => {}) {
  const cutter = await Cutter.start(context, server().url);
  const link = new OfficialLink(`${cutter.url}${path}`, { retry: soon, http: { WebSocket }, ...options }, onConnected);
  const states = new Inbox();
  link.subscribe(({ state }) => states.push(state));
  context.after(() => link.stop());
  await within(link.start(), "the link starts");
  states.drain();
  return { cutter, link, states, until: (state) => states.find((it) => it === state, `the state is ${state}`) };
}

describe("stateful reconnect", () => {
  test("the page is told that it is back in a moment, and the connection stays", async (context) => {
    const { cutter, link, states, until } = await connect(context, "/resume", { statefulReconnect: true });
    const id = link.connection.connectionId;
    const slow = invoke(link.connection, "Slow", 200);
    cutter.cutAll();
    await until("resuming");
    const meanwhile = invoke(link.connection, "Echo", "meanwhile");
    await until("connected");
    assert.deepEqual(await Promise.all([slow, meanwhile]), [200, "meanwhile"]);
    assert.equal(link.connection.connectionId, id);
    assert.ok(!states.items.includes("reconnecting"));
  });

  test("where the server has none of it, the link reconnects as before", async (context) => {
    const { cutter, link, states, until } = await connect(context, "/interop", { statefulReconnect: { bufferSize: 50_000 } });
    const id = link.connection.connectionId;
    cutter.cutAll();
    assert.equal(await states.next(), "reconnecting", "it is not said to be back in a moment");
    await until("connected");
    assert.notEqual(link.connection.connectionId, id);
    assert.equal(await invoke(link.connection, "Echo", "back"), "back");
  });

  test("a link that is stopped is disconnected, with nothing in between", async (context) => {
    const { link, states } = await connect(context, "/resume", { statefulReconnect: true });
    await within(link.stop(), "it stops");
    assert.deepEqual(states.drain(), ["disconnected"]);
  });
});

describe("calls that are made while the connection is away", () => {
  test("wait until the groups are entered again; handlers of onreconnected come last", async (context) => {
    const order = [];
    const enter = async (direct) => {
      await invoke(direct, "Join", "room");
      order.push("entered");
    };
    const options = { callsWhileAway: { timeout: 8_000 }, onReconnected: () => order.push("onReconnected") };
    const { cutter, link, until } = await connect(context, "/interop", options, enter);
    link.official.onreconnected(() => order.push("onreconnected"));
    const told = new Inbox();
    link.connection.on("Receive", (why, text) => told.push(text));
    cutter.cutAll();
    await until("reconnecting");
    const call = invoke(link.connection, "Echo", "waited").then((answer) => order.push(answer));
    const sent = send(link.connection, "SayToGroup", "room", "hello");
    await within(Promise.all([call, sent]), "both have waited and gone on");
    assert.deepEqual(order, ["entered", "entered", "onreconnected", "onReconnected", "waited"]);
    assert.equal(await told.next(), "hello", "what was sent reached the group that the hook had entered");
  });

  test("fail when as many wait as may, when their time is over, and when the page cancels them", async (context) => {
    const options = { callsWhileAway: { timeout: 100, limit: 2 }, retry: () => 60_000 };
    const { cutter, link, until } = await connect(context, "/interop", options);
    cutter.cutAll();
    await until("reconnecting");
    const cancelled = new AbortController();
    const first = assert.rejects(invoke(link.connection, "Echo", "a"), (error) => {
      assert.deepEqual([error.name, error.reason], ["HubCallError", "not-sent"]);
      return /no connection for 100 ms/.test(error.message);
    });
    const second = assert.rejects(invokeCancellable(link.connection, cancelled.signal, "Echo", "b"), { reason: "aborted" });
    await assert.rejects(send(link.connection, "Nothing"), (error) => error.reason === "not-sent" && /2 calls wait/.test(error.message));
    cancelled.abort();
    await within(Promise.all([first, second]), "both have failed");
    const third = assert.rejects(invoke(link.connection, "Echo", "c"), { reason: "not-sent" });
    await link.stop();
    await within(third, "a call that waits fails with its link");
  });

  test("fail at once unless the page wants them to wait", async (context) => {
    const { cutter, link, until } = await connect(context, "/interop", { retry: () => 60_000 });
    cutter.cutAll();
    await until("reconnecting");
    await assert.rejects(invoke(link.connection, "Echo", "a"), { reason: "not-sent" });
  });
});

test("a page that is seen again comes back in one try", async (context) => {
  const seen = new EventTarget();
  globalThis.document = Object.assign(seen, { visibilityState: "hidden" });
  context.after(() => delete globalThis.document);
  let tries = 0;
  const retry = () => {
    tries += 1;
    return 3_600_000;
  };
  const { cutter, until } = await connect(context, "/interop", { retry });
  cutter.cutAll();
  await until("reconnecting");
  seen.dispatchEvent(new Event("visibilitychange"));
  globalThis.document.visibilityState = "visible";
  // As after a night: the timer of the official client is far from its end.
  seen.dispatchEvent(new Event("visibilitychange"));
  await until("connected");
  assert.equal(tries, 1);
});
