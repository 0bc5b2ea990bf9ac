// How the compiled files keep a connection: tries, losses, stops, each with the official client over sockets that
// lead nowhere. Waits between tries are nothing, or for ever.
import assert from "node:assert/strict";
import test from "node:test";

import { HttpError, LogLevel } from "@microsoft/signalr";

import { connectBoard, createBoardConnection, registerBoardClientPartially, retryDelay } from "./out/hubs/index.js";
import { sockets } from "./socket.mjs";

const within = { timeout: 10_000 };
const FOR_EVER = 2 ** 31 - 1;

const open = [];
test.after(() => Promise.all(open.map((board) => board.stop())));

const handlers = { onEvent() {}, moodChanged() {}, mayRemove: () => true, confirm: () => null };

/** A connection over fake sockets, not started; and what is seen of it. */
function board(works, more = {}) {
  const { Socket, made } = sockets(works);
  const http = { skipNegotiation: true, transport: 1, WebSocket: Socket };
  const options = { client: handlers, http, retry: () => 0, configure: quiet, ...more };
  const link = createBoardConnection("http://localhost/board", options);
  open.push(link);
  const states = [];
  link.subscribe(({ state }) => states.push(state));
  return { link, made, states, options };
}

const quiet = (builder) => builder.configureLogging(LogLevel.None);

/** Settles once the status fits. */
function until(link, fits) {
  if (fits(link.status)) return Promise.resolve();
  return new Promise((resolve) => {
    const seen = link.subscribe((status) => {
      if (!fits(status)) return;
      seen.dispose();
      resolve();
    });
  });
}

const is = (link, state) => until(link, (status) => status.state === state);

test("the first connect is tried again until it works", within, async () => {
  let tries = 0;
  const counts = [];
  const retry = ({ previousRetryCount }) => counts.push(previousRetryCount) * 0;
  const { link, states } = board(() => (tries += 1) > 3, { retry });
  assert.equal(link.status.state, "connecting");
  await link.start();
  assert.deepEqual([tries, counts, link.status], [4, [0, 1, 2], { state: "connected", error: undefined }]);
  assert.deepEqual([...new Set(states)], ["connecting", "connected"]);
});

test("a lost connection comes back, is taken up again, and has its handlers once", within, async () => {
  const ran = [];
  let events = 0;
  const client = { ...handlers, onEvent: () => void (events += 1) };
  const { link, made, states } = board(undefined, { client, onConnected: (hub) => void ran.push(hub) });
  await link.start();
  for (let round = 1; round <= 3; round += 1) {
    const back = is(link, "reconnecting").then(() => is(link, "connected"));
    made.at(-1).drop();
    await back;
    made.at(-1).say({ type: 1, target: "OnEvent", arguments: ["lobby", "opened"] });
    assert.equal(events, round);
  }
  assert.deepEqual(ran, Array(4).fill(link.hub));
  assert.deepEqual(states.slice(0, 3), ["connected", "reconnecting", "connected"]);
  await link.stop();
  await link.start();
  made.at(-1).say({ type: 1, target: "OnEvent", arguments: ["lobby", "opened"] });
  assert.equal(events, 4);
});

test("starting twice connects once, and stopping in between is like a new start", within, async () => {
  const { link, made } = board();
  await Promise.all([link.start(), link.start()]);
  assert.equal(made.length, 1);
  // As components do that are mounted twice.
  const first = link.stop();
  const second = link.start();
  const third = link.stop();
  const last = link.start();
  await assert.rejects(second, /stopped before it was connected/);
  await Promise.all([first, third, last]);
  assert.deepEqual([link.status.state, link.official.state], ["connected", "Connected"]);
});

test("stop ends a wait and an attempt at once", within, async () => {
  for (const works of [() => false, () => true]) {
    const { link } = board(works, { retry: () => FOR_EVER });
    const starting = link.start();
    if (!works()) await until(link, ({ error }) => error !== undefined);
    await Promise.all([assert.rejects(starting, /stopped before it was connected/), link.stop()]);
    assert.deepEqual([link.status.state, link.official.state], ["disconnected", "Disconnected"]);
  }
});

test("stop ends a wait after a loss", within, async () => {
  const { link, made } = board(undefined, { retry: () => FOR_EVER });
  await link.start();
  made[0].drop();
  await is(link, "reconnecting");
  await link.stop();
  assert.deepEqual([made.length, link.status.state, link.official.state], [1, "disconnected", "Disconnected"]);
});

test("stop and start in the middle of an attempt to reconnect", within, async () => {
  let works = true;
  const { link, made } = board(() => works, { retry: ({ previousRetryCount }) => (previousRetryCount > 0 ? null : 0) });
  await link.start();
  works = null;
  made[0].drop();
  while (made.length < 2) await new Promise((resolve) => setImmediate(resolve));
  // It is not waiting, so nothing is cut short.
  link.retryNow();
  works = true;
  const stopped = link.stop();
  const started = link.start();
  // The official client stops an attempt when that has ended.
  made[1].drop();
  await Promise.all([stopped, started]);
  assert.deepEqual([made.length, link.status.state, link.official.state], [3, "connected", "Connected"]);
});

test("a page need not wait for the next try", within, async () => {
  let works = false;
  const { link, made } = board(() => works, { retry: () => FOR_EVER });
  const starting = link.start();
  await until(link, ({ error }) => error !== undefined);
  works = true;
  link.retryNow();
  await starting;
  const states = [];
  link.subscribe(({ state }) => states.push(state));
  made.at(-1).drop();
  await is(link, "reconnecting");
  link.retryNow();
  link.retryNow();
  await is(link, "connected");
  assert.deepEqual(states, ["reconnecting", "connected"]);
  assert.equal(link.official.state, "Connected");
  link.retryNow();
  assert.equal(link.status.state, "connected");
});

/** The events of a page, for one test. */
function pageEvents(context) {
  const page = new EventTarget();
  for (const name of ["addEventListener", "removeEventListener"]) {
    globalThis[name] = page[name].bind(page);
    context.after(() => delete globalThis[name]);
  }
  return page;
}

test("a browser that is back online tries at once", within, async (context) => {
  const page = pageEvents(context);
  let works = false;
  const { link } = board(() => works, { retry: () => FOR_EVER });
  const starting = link.start();
  await until(link, ({ error }) => error !== undefined);
  works = true;
  page.dispatchEvent(new Event("online"));
  await starting;
  await link.stop();
  page.dispatchEvent(new Event("online"));
  assert.equal(link.status.state, "disconnected");
});

test("a browser that goes offline reconnects without waiting for the missing pings", within, async (context) => {
  const page = pageEvents(context);
  let works = true;
  const { link, made, states } = board(() => works, { retry: () => FOR_EVER });
  await link.start();
  works = false;
  const call = link.hub.notes("lobby", null);
  page.dispatchEvent(new Event("offline"));
  assert.deepEqual([link.status.state, link.status.error.message], ["reconnecting", "The browser is offline."]);
  await assert.rejects(call, { name: "HubCallError", reason: "lost" });
  await until(link, ({ error }) => error?.message !== "The browser is offline.");
  works = true;
  page.dispatchEvent(new Event("online"));
  await is(link, "connected");
  assert.equal(made.at(0).closed, true);
  assert.deepEqual([...new Set(states)], ["connected", "reconnecting"]);
  await link.stop();
  page.dispatchEvent(new Event("offline"));
  assert.equal(link.status.state, "disconnected");
  const once = board(undefined, { retry: false });
  await once.link.start();
  page.dispatchEvent(new Event("offline"));
  assert.equal(once.link.status.state, "connected", "without a second try there is nothing to gain");
});

test("nothing is built before the start, and handlers registered until then stay", within, async () => {
  const relative = createBoardConnection("/board", { client: handlers });
  assert.deepEqual([relative.status.state, relative.official], ["connecting", undefined]);
  assert.deepEqual([relative.connection.state, relative.connection.connectionId], ["Disconnected", null]);
  await assert.rejects(relative.hub.notes("lobby", null), { name: "HubCallError", reason: "not-sent" });
  await assert.rejects(relative.hub.send.delete("lobby", 7), { name: "HubCallError", reason: "not-sent" });
  await assert.rejects(async () => {
    for await (const _ of relative.hub.events("lobby"));
  }, { name: "HubCallError", reason: "not-sent" });
  await relative.stop();

  const seen = [];
  const { link, made } = board(undefined, { client: null });
  const part = { mayRemove: undefined, confirm: undefined };
  const first = registerBoardClientPartially(link.connection, { ...part, moodChanged: () => void seen.push(1) });
  registerBoardClientPartially(link.connection, { ...part, moodChanged: () => void seen.push(2) });
  first.dispose();
  await link.start();
  made[0].say({ type: 1, target: "MoodChanged", arguments: ["calm"] });
  assert.deepEqual(seen, [2]);
});

test("a call says why it failed", within, async () => {
  const { link, made } = board();
  await link.start();
  const answered = link.hub.delete("lobby", 7);
  made[0].say({ type: 3, invocationId: "0", error: "no such note" });
  await assert.rejects(answered, { reason: "server", text: "no such note", method: "Delete" });
  const circular = {};
  circular.self = circular;
  await assert.rejects(link.hub.delete("lobby", circular), { reason: "not-sent" });
  // An answer in the same moment as the end is an answer.
  const last = link.hub.delete("lobby", 7);
  const lost = link.hub.delete("lobby", 8);
  const stream = link.hub.events("lobby")[Symbol.asyncIterator]().next();
  made[0].say({ type: 3, invocationId: "2", error: "too late" });
  made[0].drop();
  await assert.rejects(last, { reason: "server", text: "too late" });
  await assert.rejects(lost, { reason: "lost" });
  await assert.rejects(stream, { reason: "lost" });
});

test("the server's Close message is heard, and no try is made where there is no point", within, async () => {
  const { link, made } = board();
  await link.start();
  made[0].say({ type: 7, error: "you are not wanted", allowReconnect: false });
  await is(link, "disconnected");
  assert.match(link.status.error.message, /you are not wanted/);

  let asked = 0;
  const httpClient = {
    async send() {
      asked += 1;
      throw new HttpError("Unauthorized", 401);
    },
  };
  const refused = board(undefined, { retry: retryDelay, http: { httpClient } });
  await assert.rejects(refused.link.start(), /401/);
  assert.deepEqual([asked, refused.link.status.state], [1, "disconnected"]);
});

test("what runs after a connect is waited for, and its failure is told", within, async () => {
  let fail = true;
  const onConnected = async () => {
    if (fail) throw new Error("no such room");
  };
  const { link, made, options } = board(undefined, { onConnected });
  await assert.rejects(link.start(), /no such room/);
  assert.deepEqual([link.status.state, link.status.error.message], ["connected", "no such room"]);
  fail = false;
  const back = is(link, "reconnecting").then(() => is(link, "connected"));
  made[0].drop();
  await back;
  assert.equal(link.status.error, undefined);

  fail = true;
  await assert.rejects(connectBoard("http://localhost/board", options), /no such room/);
  assert.equal(made.at(-1).closed, true, "nothing else could stop it");
});

test("one try is enough where it is asked for, and another policy may be built in", within, async () => {
  const { link, made } = board(() => false, { retry: false });
  await assert.rejects(link.start());
  assert.deepEqual([made.length, link.status.state], [1, "disconnected"]);
  await assert.rejects(
    connectBoard("http://localhost/board", { client: null, configure: (builder) => builder.withAutomaticReconnect() }),
    /reconnectPolicy/,
    "a promise is rejected where something else could be thrown",
  );
  const configure = (builder) => quiet(builder).withAutomaticReconnect([0]);
  const own = board(undefined, { retry: false, configure });
  await own.link.start();
  const back = is(own.link, "reconnecting").then(() => is(own.link, "connected"));
  own.made[0].drop();
  await back;
  const wrong = board(undefined, { configure });
  await assert.rejects(wrong.link.start(), /reconnectPolicy/);
  assert.deepEqual([wrong.link.status.state, wrong.made.length], ["disconnected", 0]);
});

test("waits grow, are never the same, never long, and never end", () => {
  const retryReason = new Error("gone");
  const wait = (previousRetryCount) => retryDelay({ previousRetryCount, elapsedMilliseconds: 0, retryReason });
  for (const [tries, most] of [[0, 1_000], [1, 2_000], [4, 16_000], [5, 30_000], [5_000, 30_000]]) {
    const waits = Array.from({ length: 100 }, () => wait(tries));
    assert.ok(waits.every((wait) => wait >= most / 2 && wait <= most), `${tries}: ${waits}`);
    assert.ok(new Set(waits).size > 1);
  }
});
