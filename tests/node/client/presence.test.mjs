// What a page knows of the members of groups: the rules one by one, over a connection that is no more than a state and a
// handler, and then by a model with orders of events at random. Each rule is taken out once, and one of the checks has to find that.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "node:test";

import { transform } from "esbuild";

const SOURCE = readFileSync(new URL("../types/src/hubs/presence.ts", import.meta.url), "utf8");
const SEEDS = process.env.HUBS_SOAK === "1" ? 20_000 : 300;
const STEPS = 60;

/** The module, with `from` replaced in its source. */
async function presence(name, from = "", to = "") {
  assert.ok(SOURCE.includes(from), `the source has no ${from}`);
  const { code } = await transform(SOURCE.replace(from, to), { loader: "ts", target: "es2022" });
  const folder = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}presence-${name}-${process.pid}.mjs`;
  writeFileSync(file, code);
  return import(pathToFileURL(file));
}

const member = (key, meta = key, connections = 1) => ({ key, meta, connections });
const keys = ({ members }) => members.map(({ key }) => key).join("");
const UNKNOWN = { members: [], count: 0, isCounted: false, isCurrent: false };

/** A link of which the test says the state and the messages. */
class Link {
  connection = { state: "Connected", on: (target, handler) => this.#handlers.set(target, handler) };
  #handlers = new Map();
  #listeners = [];

  constructor({ presenceOf }) {
    this.presence = presenceOf(this);
  }

  subscribe(listener) {
    this.#listeners.push(listener);
    return { dispose() {} };
  }

  status(state) {
    this.#listeners.forEach((listener) => listener({ state, error: undefined }));
  }

  say(group, change) {
    // As it comes: what is read of one message is not the next one's.
    this.#handlers.get("hubs:presence")(group, structuredClone(change));
  }

  /** Watches a group: the keys after each change, and who came and went. */
  watch(group) {
    const seen = [];
    const watched = this.presence(group);
    const events = {
      onJoin: ({ key }) => seen.push(`+${key}`),
      onLeave: ({ key, meta }) => seen.push(`-${key}${meta === key ? "" : `:${meta}`}`),
    };
    const subscription = watched.subscribe((now) => {
      assert.equal(now, watched.current, "the listener gets what is known now");
      seen.push(now.isCounted ? `#${now.count}` : `${keys(now)}${now.isCurrent ? "" : "?"}`);
    }, events);
    return { seen, subscription, drain: () => seen.splice(0) };
  }
}

/** What `apply` makes of changes, one after the other. */
const after = ({ apply }, ...changes) => changes.reduce((before, change) => apply(before, change), undefined);

const abc = { members: [member("a"), member("b"), member("c")], count: 3 };

const RULES = {
  "a list is the state, in its order": (api) => {
    const list = { members: [member("b"), member("a", { name: "Ada" }, 2)], count: 2 };
    assert.deepEqual(after(api, list), { ...list, isCounted: false, isCurrent: true });
    assert.equal(keys(after(api, abc, { members: [member("z")], count: 1 })), "z", "it replaces what was known");
  },
  "who joins is last, and who is changed keeps the place": (api) => {
    const now = after(api, abc, { joined: [member("e"), member("d")], changed: [member("b", "new", 2)], count: 5 });
    assert.equal(keys(now), "abced");
    assert.deepEqual([now.members[1], now.count], [member("b", "new", 2), 5]);
    assert.equal(keys(after(api, abc, { joined: [member("a", "again")], count: 3 })), "abc", "a member is there once");
  },
  "who leaves is gone, and comes back as the last": (api) => {
    assert.equal(keys(after(api, abc, { left: ["a", "x"], count: 2 })), "bc");
    assert.equal(keys(after(api, abc, { left: ["a"], joined: [member("a", "new")], count: 3 })), "bca");
  },
  "a count alone empties the list, until a list comes": (api) => {
    const counted = after(api, abc, { count: 1000 });
    assert.deepEqual(counted, { members: [], count: 1000, isCounted: true, isCurrent: true });
    const more = after(api, abc, { count: 1000 }, { joined: [member("d")], count: 1001 });
    assert.deepEqual(more, { members: [], count: 1001, isCounted: true, isCurrent: true });
    assert.equal(keys(after(api, abc, { count: 1000 }, abc)), "abc");
    assert.equal(after(api, abc, { count: 1000 }, abc).isCounted, false);
    assert.deepEqual(after(api, { count: 7 }), { ...counted, count: 7 });
  },
  "null is the end": (api) => assert.equal(after(api, abc, null), undefined),
  "a difference to a list that is not known is not taken": (api) => {
    assert.equal(after(api, { joined: [member("a")], count: 1 }), undefined);
    assert.equal(after(api, { left: ["a"], count: 1 }), undefined);
    assert.equal(after(api, abc, null, { changed: [member("a")], count: 3 }), undefined);
  },
  "what was given stays as it is, and nothing new is the same object": (api) => {
    const before = after(api, abc);
    const copy = structuredClone(before);
    for (const change of [{ left: ["a"], count: 2 }, { joined: [member("d")], count: 4 }, { count: 9 }, null]) {
      assert.notEqual(api.apply(before, change), before);
    }
    assert.deepEqual(before, copy);
    const counted = after(api, { count: 9 });
    assert.equal(api.apply(counted, { count: 9 }), counted);
    assert.equal(api.apply(counted, { left: ["a"], count: 9 }), counted);
  },
  "a group is the same object until it changes": (api) => {
    const link = new Link(api);
    const group = link.presence("room");
    assert.deepEqual(group.current, UNKNOWN);
    assert.equal(group.current, link.presence("other").current);
    link.say("room", abc);
    const { current } = group;
    assert.equal(keys(current), "abc");
    link.say("other", { count: 3 });
    assert.equal(group.current, current);
    assert.equal(link.presence("room").current, current);
    link.say("room", { joined: [member("d")], count: 4 });
    assert.notEqual(group.current, current);
    assert.equal(keys(current), "abc");
  },
  "listeners hear of their group, and of changes alone": (api) => {
    const link = new Link(api);
    const [room, other] = [link.watch("room"), link.watch("other")];
    link.say("room", { joined: [member("a")], count: 1 });
    link.say("room", null);
    assert.deepEqual(room.drain(), []);
    link.say("room", abc);
    link.say("room", { count: 20 });
    link.say("room", { count: 20 });
    link.say("room", null);
    assert.deepEqual([room.drain(), other.drain()], [["abc", "#20", "?"], []]);
  },
  "who comes and goes is told, before the state; the first list is no event": (api) => {
    const link = new Link(api);
    const room = link.watch("room");
    link.say("room", abc);
    assert.deepEqual(room.drain(), ["abc"]);
    link.say("room", { changed: [member("a", "busy")], count: 3 });
    assert.deepEqual(room.drain(), ["abc"]);
    link.say("room", { joined: [member("d")], left: ["a", "c"], count: 2 });
    assert.deepEqual(room.drain(), ["-a:busy", "-c", "+d", "bd"]);
    link.say("room", { members: [member("d"), member("e")], count: 2 });
    assert.deepEqual(room.drain(), ["-b", "+e", "de"]);
  },
  "nothing is told of members that are not known": (api) => {
    const link = new Link(api);
    const room = link.watch("room");
    for (const change of [abc, { count: 20 }, abc, null, abc]) link.say("room", change);
    assert.deepEqual(room.drain(), ["abc", "#20", "abc", "?", "abc"]);
  },
  "a list outlives its connection, until the next one has its own": (api) => {
    const link = new Link(api);
    const room = link.watch("room");
    link.say("room", abc);
    link.status("reconnecting");
    link.status("reconnecting");
    assert.equal(keys(link.presence("room").current), "abc");
    link.status("connected");
    link.say("room", { joined: [member("x")], left: ["a"], count: 3 });
    link.say("room", { changed: [member("a", "old")], count: 3 });
    assert.deepEqual(room.drain(), ["abc", "abc?"], "differences to the list of the connection before are not taken");
    link.say("room", { members: [member("a"), member("d")], count: 2 });
    link.say("room", { joined: [member("e")], count: 3 });
    assert.deepEqual(room.drain(), ["-b", "-c", "+d", "ad", "+e", "ade"]);
  },
  "a connection with the same socket lost keeps its list": (api) => {
    const link = new Link(api);
    const room = link.watch("room");
    link.say("room", abc);
    link.status("resuming");
    link.say("room", { left: ["a"], count: 2 });
    link.status("connected");
    assert.deepEqual(room.drain(), ["abc", "-a", "bc"]);
  },
  "a count from before is stale as well": (api) => {
    const link = new Link(api);
    link.say("room", { count: 9 });
    link.status("reconnecting");
    link.say("room", { joined: [member("a")], count: 10 });
    assert.deepEqual(link.presence("room").current, { members: [], count: 9, isCounted: true, isCurrent: false });
    link.say("room", { count: 9 });
    assert.equal(link.presence("room").current.isCurrent, true);
  },
  "messages of a connection that is being closed are not taken": (api) => {
    const link = new Link(api);
    const room = link.watch("room");
    link.say("room", abc);
    link.status("reconnecting");
    for (const state of ["Disconnecting", "Disconnected"]) {
      link.connection.state = state;
      link.say("room", { members: [member("old")], count: 1 });
      link.say("room", null);
    }
    assert.deepEqual(room.drain(), ["abc", "abc?"]);
    // The first messages come before the state is `Connected`.
    link.connection.state = "Reconnecting";
    link.say("room", { members: [member("new")], count: 1 });
    assert.deepEqual(room.drain(), ["-a", "-b", "-c", "+new", "new"]);
  },
  "the end of the link empties everything": (api) => {
    const link = new Link(api);
    const [room, other] = [link.watch("room"), link.watch("other")];
    link.say("room", abc);
    link.say("other", { count: 3 });
    link.status("disconnected");
    assert.deepEqual([room.drain(), other.drain()], [["abc", "?"], ["#3", "?"]]);
    assert.deepEqual([link.presence("room").current, link.presence("other").current], [UNKNOWN, UNKNOWN]);
    link.status("connecting");
    link.say("room", abc);
    assert.deepEqual(room.drain(), ["abc"], "a link that is started again has its listeners");
  },
  "what has ended is not called, not even by a change that is being told": (api) => {
    const link = new Link(api);
    const seen = [];
    const room = link.presence("room");
    const first = room.subscribe(() => {
      seen.push("first");
      first.dispose();
      second.dispose();
    });
    const second = room.subscribe(() => seen.push("second"));
    const third = room.subscribe(() => seen.push("third"), {
      onLeave: ({ key }) => {
        seen.push(`-${key}`);
        third.dispose();
      },
    });
    link.say("room", abc);
    link.say("room", { left: ["a", "b"], count: 1 });
    assert.deepEqual(seen, ["first", "third", "-a"]);
    first.dispose();
    const again = link.watch("room");
    third.dispose();
    link.say("room", { left: ["c"], count: 0 });
    assert.deepEqual(again.drain(), ["-c", ""]);
  },
  "a listener is told as often as it has subscribed": (api) => {
    const link = new Link(api);
    let calls = 0;
    const listener = () => (calls += 1);
    const one = link.presence("room").subscribe(listener);
    link.presence("room").subscribe(listener);
    link.say("room", abc);
    one.dispose();
    link.say("room", { count: 1 });
    assert.equal(calls, 3);
  },
  "a listener that changes the state leaves no old one behind": (api) => {
    const link = new Link(api);
    link.presence("room").subscribe((now) => now.count === 3 && link.status("disconnected"));
    const last = [];
    link.presence("room").subscribe((now) => last.push(now.count));
    link.say("room", abc);
    assert.deepEqual([last.at(-1), link.presence("room").current], [0, UNKNOWN]);
  },
  "names of groups and keys are only names": (api) => {
    const link = new Link(api);
    const names = ["__proto__", "constructor", "toString", ""];
    for (const name of names) {
      const watched = link.watch(name);
      assert.deepEqual(link.presence(name).current, UNKNOWN);
      link.say(name, { members: names.map((key) => member(key)), count: 4 });
      link.say(name, { changed: [member("__proto__", "new")], left: ["constructor"], count: 3 });
      assert.deepEqual(link.presence(name).current.members, [member("__proto__", "new"), member("toString"), member("")]);
      assert.deepEqual(watched.drain(), ["__proto__constructortoString", "-constructor", "__proto__toString"]);
    }
  },
};

/** Numbers below `limit` that are the same for each seed. */
function random(seed) {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

/** A server with one group, and a page that is told of it, loses its connection, and tracks again. */
class Model {
  members = new Map();
  #told = undefined;
  #isBig = false;
  /** Who has left since the server spoke last. */
  #gone = new Set();
  /** Who is there by what the events say. */
  #heard = undefined;

  constructor(api, seed) {
    this.below = random(seed);
    this.link = new Link(api);
    this.group = this.link.presence("room");
    this.group.subscribe(() => {}, {
      onJoin: ({ key }) => assert.equal(this.#heard.has(key), this.#heard.add(key) && false, `${key} joins twice`),
      onLeave: ({ key }) => assert.ok(this.#heard.delete(key), `${key} leaves, and was not there`),
    });
  }

  run() {
    const steps = [this.move, this.move, this.move, this.tell, this.tell, this.lose, this.track, this.grow, this.untrack];
    const weights = [100, 100, 100, 100, 100, 30, 60, 15, 10];
    for (let step = 0; step < STEPS; step += 1) {
      const at = this.below(steps.length);
      if (this.below(100) < weights[at]) steps[at].call(this);
    }
    this.track();
    this.tell();
  }

  /** A member joins, shows another thing, leaves, or leaves and comes back. */
  move() {
    const key = ["a", "b", "c", "__proto__", "e"][this.below(5)];
    if (this.below(2) === 0 && this.members.delete(key)) this.#gone.add(key);
    if (this.below(3) > 0) this.members.set(key, member(key, this.below(1000), 1 + this.below(3)));
  }

  /** The server says what has changed since it spoke last. */
  tell() {
    if (this.#told === undefined) return;
    const [old, gone, count] = [this.#told, this.#gone, this.members.size];
    this.#speak();
    if (this.#isBig) return this.say({ count });
    // Who has left and come back is behind those who stayed.
    const isKept = (key) => old.has(key) && !gone.has(key);
    const now = [...this.members.values()];
    const change = {
      joined: now.filter(({ key }) => !isKept(key)),
      changed: now.filter((member) => isKept(member.key) && old.get(member.key) !== member),
      left: [...old.keys()].filter((key) => gone.has(key)),
    };
    const said = Object.entries(change).filter(([, list]) => list.length > 0);
    if (said.length > 0) this.say({ ...Object.fromEntries(said), count });
  }

  #speak() {
    this.#told = new Map(this.members);
    this.#gone = new Set();
  }

  say(change) {
    const { isCurrent, isCounted } = this.group.current;
    // A list that was not known before is no event.
    if (change?.members !== undefined && (this.#heard === undefined || isCounted)) {
      this.#heard = new Set(change.members.map(({ key }) => key));
    }
    this.link.say("room", change);
    if (change === null) this.#heard = undefined;
    this.check();
    assert.ok(isCurrent || change === null || this.group.current.isCurrent);
  }

  /** The page shows what the server has said. */
  check() {
    const { current } = this.group;
    if (this.#told === undefined) return assert.equal(current.isCurrent, false);
    assert.equal(current.count, this.#told.size);
    assert.deepEqual(current.members, this.#isBig ? [] : [...this.#told.values()]);
    if (!this.#isBig) assert.deepEqual([...this.#heard].sort(), [...this.#told.keys()].sort());
  }

  track() {
    if (this.#told !== undefined) return;
    this.#speak();
    const count = this.members.size;
    this.say(this.#isBig ? { count } : { members: [...this.members.values()], count });
  }

  grow() {
    this.#isBig = !this.#isBig;
    if (this.#told === undefined) return;
    this.#told = undefined;
    this.track();
  }

  untrack() {
    if (this.#told === undefined) return;
    this.#told = undefined;
    this.say(null);
  }

  lose() {
    const { members } = this.group.current;
    this.link.status("reconnecting");
    assert.deepEqual(this.group.current.members, members, "nothing flickers");
    this.#told = undefined;
    // What the old connection had on its way is of no use any more.
    this.link.say("room", { joined: [member("late")], left: ["a"], count: 99 });
    this.check();
  }
}

/** The first check that fails, with what it says. */
function fault(api) {
  const run = (name, check) => {
    try {
      check();
      return undefined;
    } catch (error) {
      return `${name}: ${error.message.split("\n")[0]}`;
    }
  };
  for (const [name, rule] of Object.entries(RULES)) {
    const found = run(name, () => rule(api));
    if (found !== undefined) return found;
  }
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const found = run(`seed ${seed}`, () => new Model(api, seed).run());
    if (found !== undefined) return found;
  }
  return undefined;
}

const whole = await presence("whole");
for (const [name, rule] of Object.entries(RULES)) test(name, () => rule(whole));

test(`the page shows what the server has said: ${SEEDS} orders of events`, () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) new Model(whole, seed).run();
});

for (const [name, from, to] of [
  ["forgotten", "return undefined;\n  }\n  const { members", "return before;\n  }\n  const { members"],
  ["replaced", "  if (members !== undefined) {", "  if (members !== undefined && !isCurrent) {"],
  ["counted", "(joined ?? changed ?? left) === undefined", "false"],
  ["same-count", "const isSame = isCurrent", "const isSame = false && isCurrent"],
  ["unknown", "  if (!isCurrent) {\n    return before;", "  if (before === undefined) {\n    return before;"],
  ["still-counted", "  if (before.isCounted) {", "  if (false) {"],
  ["left", "    byKey.delete(key);", "    void key;"],
  ["changed", "...(changed ?? []), ", ""],
  ["joined", ", ...(joined ?? [])", ""],
  ["closing", "if (!isClosing) {", "if (true) {"],
  ["early", "state === HubConnectionState.Disconnected;", "state !== HubConnectionState.Connected;"],
  ["stale", '    if (state === "reconnecting") {', '    if (state === "never") {'],
  ["resuming", '    if (state === "reconnecting") {', '    if (state === "reconnecting" || state === "resuming") {'],
  ["kept", "      presences.lost();", "      presences.ended();"],
  ["ended", "      presences.ended();", "      presences.lost();"],
  ["nothing-new", "    if (after === before) {\n      return;\n    }\n", ""],
  ["open", "if (one.isOpen) {", "if (true) {"],
  ["open-events", "left.forEach((member) => one.isOpen && events", "left.forEach((member) => events"],
  ["copied", "of [...(this.#subscriptions.get(group) ?? [])]", "of [...(this.#subscriptions.get(group) ?? [])].slice(0, 1)"],
  ["newest", "listener(this.current(group));", "listener(after ?? UNKNOWN);"],
  ["other-listeners", " && this.#subscriptions.get(group) === all", ""],
  ["first-list", "return presence?.isCounted === false ? presence.members : undefined;", "return presence?.members ?? [];"],
]) {
  test(`the checks find a page without the rule "${name}"`, async (context) => {
    const found = fault(await presence(name, from, to));
    assert.notEqual(found, undefined, "no check fails");
    context.diagnostic(found);
  });
}
