// Who is in a group over the official client, through sockets that lead nowhere: from the first message to the last, over
// connections that are lost, stopped and started again.
import assert from "node:assert/strict";
import test from "node:test";

import { LogLevel } from "@microsoft/signalr";
import { createSSRApp, effectScope, h, nextTick, shallowRef } from "vue";
import { renderToString } from "vue/server-renderer";

import { createBoardConnection, createClockConnection, createWatchConnection } from "./out/hubs/index.js";
import { useBoardPresence as useInVue } from "./out/hubs/vue.js";
import { sockets } from "./socket.mjs";

const within = { timeout: 10_000 };

const open = [];
test.after(() => Promise.all(open.map((link) => link.stop())));

const member = (key, name = key) => ({ key, meta: { name, colour: [1, 2, 3] }, connections: 1 });
const keys = ({ members }) => members.map(({ key }) => key).join("");
const END = "\u001e";
const message = (...args) => JSON.stringify({ type: 1, target: "hubs:presence", arguments: args }) + END;
const UNKNOWN = { members: [], count: 0, isCounted: false, isCurrent: false };

/** A connection that is not started, what it has over the wire, and what is seen of a group. */
function board(more = {}) {
  const { Socket, made } = sockets();
  const http = { skipNegotiation: true, transport: 1, WebSocket: Socket };
  const configure = (builder) => builder.configureLogging(LogLevel.None);
  const link = createBoardConnection("http://localhost/board", { client: null, http, retry: () => 0, configure, ...more });
  open.push(link);
  const seen = [];
  const events = { onJoin: ({ key }) => seen.push(`+${key}`), onLeave: ({ key }) => seen.push(`-${key}`) };
  link.presence("lobby").subscribe((now) => seen.push(`${keys(now)} ${now.isCurrent ? "now" : "before"}`), events);
  const say = (...args) => made.at(-1).onmessage({ data: message(...args) });
  return { link, made, say, seen, drain: () => seen.splice(0) };
}

/** Settles once the state is this one. */
function is(link, state) {
  if (link.status.state === state) return Promise.resolve();
  return new Promise((resolve) => {
    const seen = link.subscribe((status) => {
      if (status.state !== state) return;
      seen.dispose();
      resolve();
    });
  });
}

const ab = { members: [member("a"), member("b")], count: 2 };

test("only connections of hubs with presence have it", () => {
  assert.equal(typeof createWatchConnection("/watch", { client: null }).presence, "function");
  assert.ok(!("presence" in createClockConnection("/clock")));
});

test("a page is told of its groups, and stops listening", within, async () => {
  const { link, say, drain } = board();
  assert.deepEqual(link.presence("lobby").current, UNKNOWN);
  await link.start();
  say("lobby", ab);
  say("lobby", { joined: [member("c")], left: ["a"], count: 2 });
  say("another", ab);
  assert.deepEqual(drain(), ["ab now", "-a", "+c", "bc now"]);
  const { presence } = link;
  assert.deepEqual(presence("lobby").current.members, [member("b"), member("c")]);
  say("lobby", null);
  assert.deepEqual([drain(), presence("lobby").current], [[" before"], UNKNOWN]);
});

test("a list that comes before `onConnected` has ended is taken", within, async () => {
  let group;
  const { link, made, say } = board({
    onConnected: async () => {
      say("lobby", ab);
      group = keys(link.presence("lobby").current);
    },
  });
  await link.start();
  assert.deepEqual([group, made.length], ["ab", 1]);
});

test("the first message may come in one piece with the handshake", within, async () => {
  const { Socket } = sockets();
  class Early extends Socket {
    send(data) {
      if (!data.includes('"protocol"')) return super.send(data);
      queueMicrotask(() => this.onmessage({ data: `{}${END}${message("lobby", ab)}` }));
    }
  }
  const { link, drain } = board({ http: { skipNegotiation: true, transport: 1, WebSocket: Early } });
  await link.start();
  assert.deepEqual(drain(), ["ab now"]);
});

test("a list stays while the connection is lost, and is compared with the next one", within, async () => {
  const { link, made, say, drain } = board();
  await link.start();
  say("lobby", ab);
  say("big", { count: 1000 });
  made[0].drop();
  assert.equal(link.status.state, "reconnecting");
  assert.equal(keys(link.presence("lobby").current), "ab");
  await is(link, "connected");
  assert.equal(made.length, 2);
  say("lobby", { joined: [member("x")], count: 3 });
  assert.deepEqual(drain(), ["ab now", "ab before"]);
  say("lobby", { members: [member("b"), member("c")], count: 2 });
  assert.deepEqual(drain(), ["-a", "+c", "bc now"]);
  assert.deepEqual(link.presence("big").current, { members: [], count: 1000, isCounted: true, isCurrent: false });
});

test("what a lost socket still brings is not taken", within, async () => {
  const { link, made, say, drain } = board();
  await link.start();
  say("lobby", ab);
  const read = made[0].onmessage;
  made[0].drop();
  const bring = () => read({ data: message("lobby", { left: ["a"], count: 1 }) });
  bring();
  await is(link, "connected");
  bring();
  assert.deepEqual(drain(), ["ab now", "ab before"]);
});

test("`stop` empties it, and `start` begins anew with the same listeners", within, async () => {
  const { link, made, say, drain } = board();
  await link.start();
  say("lobby", ab);
  const read = made[0].onmessage;
  const stopped = link.stop();
  // The official client is told in the next turn.
  await null;
  read({ data: message("lobby", ab) });
  await stopped;
  assert.deepEqual([drain(), link.presence("lobby").current], [["ab now", " before"], UNKNOWN]);
  await link.start();
  say("lobby", { members: [member("c")], count: 1 });
  assert.deepEqual(drain(), ["c now"]);
});

test("a link that gives up is empty as well", within, async () => {
  const { link, made, say, drain } = board({ retry: false });
  await link.start();
  say("lobby", ab);
  made[0].drop();
  await is(link, "disconnected");
  assert.deepEqual(drain(), ["ab now", " before"]);
});

/** A link of which the test says who is there; `open` counts the subscriptions to each group. */
function told() {
  const open = {};
  const listeners = new Map();
  const states = { lobby: { members: [member("a")], count: 1, isCounted: false, isCurrent: true } };
  const presence = (group) => ({
    get current() {
      return states[group] ?? UNKNOWN;
    },
    subscribe(listener) {
      open[group] = (open[group] ?? 0) + 1;
      listeners.set(group, listener);
      return { dispose: () => void (open[group] -= 1) };
    },
  });
  const say = (group, state) => {
    states[group] = state;
    listeners.get(group)?.(state);
  };
  return { link: { presence }, open, say };
}

test("vue: a scope watches one group at a time, and none after its end", within, async () => {
  const { link, open, say } = told();
  const scope = effectScope();
  const group = shallowRef();
  const used = scope.run(() => useInVue(link, group));
  const shown = () => `${keys({ members: used.members.value })} ${used.count.value} ${used.isCounted.value}`;
  assert.deepEqual([shown(), open], [" 0 false", {}]);
  group.value = "lobby";
  await nextTick();
  assert.deepEqual([shown(), open], ["a 1 false", { lobby: 1 }]);
  say("lobby", { ...UNKNOWN, count: 9, isCounted: true });
  assert.equal(shown(), " 9 true");
  group.value = "other";
  await nextTick();
  assert.deepEqual([shown(), open], [" 0 false", { lobby: 0, other: 1 }]);
  scope.stop();
  assert.deepEqual(open, { lobby: 0, other: 0 });
  assert.throws(() => useInVue(link, "lobby"), /before its first `await`/);
});

test("vue: a component that is rendered on a server leaves no listener", within, async () => {
  const { link, open } = told();
  const setup = () => {
    const { members, count } = useInVue(link, "lobby");
    return () => h("i", `${keys({ members: members.value })} ${count.value}`);
  };
  assert.equal(await renderToString(createSSRApp({ setup })), "<i>a 1</i>");
  assert.deepEqual(open, { lobby: 0 });
});
