// Who is in a group, on all nodes of a cluster, while connections, nodes and Redis fail. The numbers in the names of tests
// are those of the list of promises; they hold for members of groups as they do for messages.

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { Client, right, truthOf } from "./presence.mjs";
import { Cluster } from "../support/cluster.mjs";
import { Cutter } from "../support/cutter.mjs";
import { FixtureServer } from "../support/server.mjs";
import { LIMIT, until, within } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const ROUNDS = IS_LONG ? 20 : 1;
/** How often the tests with few members are run. */
const AGAIN = IS_LONG ? 5 : 1;
const MEMBERS = IS_LONG ? 2_000 : 150;
/** How many clients connect at once. */
const TOGETHER = 100;
const BIG = "everyone";
/** How many of the small groups are watched on each node. */
const WATCHED = 15;

/** A member leaves after 3 s. Who is back in this time, by the clock of the test, is not seen to leave. */
const BACK = 2_500;
/** Longer than it takes until a silent node is given up and its members have left. */
const OUTLASTS = 14_000;

/** A cluster, and all clients of a test. */
class Stage {
  clients = [];
  /** The keys of those who were told to leave. */
  leaving = new Set();

  /** Runs `run` with a new cluster each time, and gives all that it returned. */
  static async during(run, rounds = 1) {
    const results = [];
    for (let round = 0; round < rounds; round++) {
      const stage = new Stage();
      stage.cluster = await Cluster.start();
      try {
        results.push({ round, ...(await run(stage, round)) });
      } finally {
        await Promise.allSettled(stage.clients.map((client) => client.stop()));
        await stage.cluster.stop();
      }
    }
    return results;
  }

  async client(url, options) {
    const client = await Client.start(url, options);
    this.clients.push(client);
    return client;
  }

  /** So many clients. `options` gives those of each, by its number; `url` is where it connects. */
  async crowd(count, options, url = () => this.cluster.url) {
    const crowd = [];
    while (crowd.length < count) {
      const numbers = Array.from({ length: Math.min(TOGETHER, count - crowd.length) }, (_, at) => crowd.length + at);
      crowd.push(...(await Promise.all(numbers.map((number) => this.client(url(number), options(number))))));
    }
    return crowd;
  }

  /** One that watches these groups on each of these nodes. */
  observers(groups, nodes = this.cluster.nodes) {
    return Promise.all(nodes.map(({ url }) => this.client(url, { watched: groups })));
  }

  /** How many clients came to each node through HAProxy and are there now. */
  async spread() {
    return (await this.cluster.passed()).map(({ open }) => open);
  }

  /** Fails where an observer has seen one leave that was not told to. */
  noneLeft(observers) {
    const left = observers.flatMap(({ left }) => left.filter(({ key }) => !this.leaving.has(key)));
    assert.deepEqual(left, [], "who is there does not leave");
  }
}

/** The members that observers saw leave since then, though they were back in time. */
function leftInError(observers, members, since, back) {
  const of = new Map(members.map((member) => [Object.values(member.shown)[0], member]));
  const left = observers.flatMap((observer) => observer.left.filter(({ at }) => at >= since));
  return left.filter(({ key }) => !of.get(key).isClosed && of.get(key).backAt - since < back);
}

/** The members whose connections are cut by `cut`, once each is back, or has stopped if it stays away. */
async function cutFrom(members, count, cut) {
  const before = new Map(members.map((member) => [member, member.lost]));
  const hit = () => members.filter((member) => member.lost > before.get(member));
  await cut();
  const isOver = (member) => (member.isQuitting ? member.isClosed : !member.isAway);
  await until(() => hit().length >= count && hit().every(isOver), () => `${count} members are cut, and back: ${hit().filter(isOver).length} of ${hit().length}`, 2 * LIMIT);
  assert.equal(hit().length, count, "no others are cut");
  return hit();
}

const smalls = (count) => Array.from({ length: count / 10 }, (_, number) => `small ${number}`);

/** Members through HAProxy, each in the big group and in one of the small ones, and an observer on each node. */
async function populate(stage, count) {
  const groups = [BIG, ...smalls(count)];
  const places = (number) => ({ shown: { [BIG]: `member ${number}`, [groups[1 + (number % (count / 10))]]: `member ${number}` } });
  const observers = await stage.observers(groups.slice(0, 1 + WATCHED));
  const members = await stage.crowd(count, places);
  const truth = () => truthOf(members.filter(({ isClosed }) => !isClosed), groups);
  // A node that has none of a group's members asks the others first, one group after the other for one caller.
  const part = () => new Map([...truth()].slice(0, 1 + 2 * WATCHED));
  return { groups, observers, members, truth, part };
}

test(`61, 63 and 70: ${MEMBERS} members through a storm and the death of a node`, async () => {
  const account = await Stage.during(async (stage) => {
    const { cluster } = stage;
    const { groups, observers, members, truth, part } = await populate(stage, MEMBERS);
    const joined = await right(truth, observers, "all have joined");
    const spread = await stage.spread();
    assert.ok(spread.every((count) => count > MEMBERS / 4), `each node has about a third: ${spread}`);

    const stormed = performance.now();
    await cutFrom(members, MEMBERS, () => cluster.cutAll());
    const back = seconds(stormed);
    const storm = await right(truth, observers, "all are back");
    assert.deepEqual(leftInError(observers, members, stormed, BACK), [], "who is back in time does not leave");
    const inTime = members.filter(({ backAt }) => backAt - stormed < BACK).length;
    const seenLeaving = observers.map(({ left }) => left.length);

    const victim = 1;
    const rest = observers.filter((_, at) => at !== victim);
    await observers[victim].stop();
    members.forEach((member, at) => (member.isQuitting = at % 2 === 0));
    const onVictim = (await stage.spread())[victim];
    const killed = performance.now();
    const cut = await cutFrom(members, onVictim, () => cluster.kill(victim));
    members.forEach((member) => (member.isQuitting = false));
    const away = cut.filter(({ isClosed }) => isClosed).length;
    assert.ok(away > 0 && away < cut.length, "some come back, and some do not");
    const death = await right(truth, rest, "who did not come back is gone", { began: killed });
    // The other nodes notice the death after 8 s, and members leave 3 s later.
    assert.deepEqual(leftInError(rest, members, killed, 10_000), [], "who came back does not leave");

    await cluster.restart(victim);
    const [again] = await stage.observers(observers[victim].watched, [cluster.nodes[victim]]);
    const restart = await right(part, [again], "the node that is back knows all");
    members.forEach(({ complaints }) => assert.deepEqual(complaints, []));

    await Promise.all(members.map((member) => member.stop()));
    const end = await right(() => truthOf([], groups.slice(0, 1 + WATCHED)), [again, ...rest], "all are gone");
    return { spread: `${spread}`, joined, back, inTime, seenLeaving: `${seenLeaving}`, storm, cut: cut.length, away, death, restart, end };
  });
  console.table(account);
});

/** Joins and leaves all the time, each time with another key, until it is stopped. */
class Mover {
  #isRunning = true;
  moves = 0;

  static async start(stage, url, group, name) {
    const mover = new Mover();
    mover.client = await stage.client(url);
    mover.ended = mover.#run(stage, group, name);
    mover.ended.catch(() => {});
    return mover;
  }

  get shown() {
    return this.client.shown;
  }

  async #run(stage, group, name) {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 180));
    for (;;) {
      const key = `${name}:${this.moves++}`;
      this.client.shown = { [group]: key };
      await this.client.join(group, key);
      await pause();
      if (!this.#isRunning) {
        return;
      }
      stage.leaving.add(key);
      this.client.shown = {};
      await (this.moves % 2 === 0 ? this.client.invoke("Leave", group) : this.client.renew());
      await pause();
      // Half of them end as members, and half do not.
      if (!this.#isRunning && Math.random() < 0.5) {
        return;
      }
    }
  }

  async stop() {
    this.#isRunning = false;
    await within(this.ended, "a member comes to rest");
  }
}

/** On each of these nodes: members who stay, and whom all know; others who come and go; and an observer. */
async function commotion(stage, nodes = stage.cluster.nodes) {
  const groups = [BIG, "few"];
  const observers = await stage.observers(groups, nodes);
  const shown = (number) => ({ shown: { [BIG]: `stays ${number}`, few: `stays ${number}` } });
  const staying = await stage.crowd(4 * nodes.length, shown, (number) => nodes[number % nodes.length].url);
  await right(() => truthOf(staying, groups), observers, "all know who is there");
  const start = ({ url }, at) => groups.map((group) => Mover.start(stage, url, group, `moves on ${at} in ${group}`));
  const movers = await Promise.all(nodes.flatMap(start));
  return {
    groups,
    observers,
    staying,
    movers,
    truth: () => truthOf([...staying, ...movers], groups),
    rest: () => Promise.all(movers.map((mover) => mover.stop())),
    moves: () => movers.reduce((sum, { moves }) => sum + moves, 0),
    /** Looks all the time, for as long as this, and fails where one who stays is not listed. */
    async stays(time) {
      const end = performance.now() + time;
      const look = async () => {
        for (const [at, observer] of observers.entries()) {
          const list = await observer.invoke("List", BIG);
          const missing = staying.flatMap(({ shown }) => (list.includes(shown[BIG]) ? [] : [shown[BIG]]));
          assert.deepEqual(missing, [], `listed on node ${at}`);
          assert.deepEqual(observer.complaints, [], `told on node ${at}`);
        }
        stage.noneLeft(observers);
        return performance.now() >= end;
      };
      await until(look, "the time is over", time + LIMIT);
    },
  };
}

const tenths = (number) => Math.round(number * 10) / 10;

/** How long it is since then. */
const seconds = (began) => tenths((performance.now() - began) / 1_000);

const health = (nodes, ...wanted) =>
  Promise.all(nodes.map((node) => node.event("backplane", ({ application, health }) => application === "presence" && wanted.includes(health))));

/** Redis is away between `begin` and `end`, for this time, under changes. */
async function withoutRedis(stage, away, begin, end) {
  const { nodes } = stage.cluster;
  const { observers, truth, rest, moves, stays } = await commotion(stage);
  nodes.forEach(({ lines }) => lines.drain());
  await begin();
  await health(nodes, "degraded", "lost");
  await stays(away);
  await end();
  const began = performance.now();
  await health(nodes, "healthy");
  const healthy = seconds(began);
  // Changes go on for a while.
  await stays(1_000);
  await rest();
  const all = await right(truth, observers, "Redis is back", { began });
  stage.noneLeft(observers);
  return { away: away / 1_000, moves: moves(), healthy, right: all };
}

describe("with few members", { concurrency: IS_LONG ? 1 : 5 }, () => {
  test(`61: Redis is killed while members come and go: ${ROUNDS} rounds`, async () => {
    // In the short form, only a Redis that hangs outlasts what a silent node is given.
    const away = (round) => (!IS_LONG ? 1_000 : round % 2 === 0 ? 3_000 : OUTLASTS);
    const kill = (stage, round) =>
      withoutRedis(stage, away(round), () => stage.cluster.redis.kill(), () => stage.cluster.redis.restart());
    console.table(await Stage.during(kill, ROUNDS));
  });

  test("62: Redis hangs for longer than a silent node is given, and goes on", async () => {
    const hang = (stage) => {
      const freeze = (isFrozen) => () => stage.cluster.redis.freeze(isFrozen);
      return withoutRedis(stage, OUTLASTS, freeze(true), freeze(false));
    };
    console.table(await Stage.during(hang, AGAIN));
  });

  test("61 and 63: a node dies while Redis is away, and is started again before it returns", async () => {
    const run = async (stage) => {
      const { cluster } = stage;
      const victim = 2;
      const calm = await commotion(stage, cluster.nodes.filter((_, at) => at !== victim));
      const shown = (number) => ({ shown: { [BIG]: `lost ${number}` } });
      const lost = await stage.crowd(4, shown, () => cluster.nodes[victim].url);
      await until(async () => (await calm.observers[0].invoke("List", BIG)).filter((key) => key.startsWith("lost")).length === 4, "they are known");
      lost.forEach(({ shown }) => stage.leaving.add(shown[BIG]));
      lost.forEach((member) => (member.isQuitting = true));
      await cluster.redis.kill();
      await cluster.kill(victim);
      cluster.nodes[victim] = await FixtureServer.start(["node", cluster.redis.url, cluster.addresses[victim]]);
      const late = await stage.crowd(4, (number) => ({ shown: { [BIG]: `late ${number}` } }), () => cluster.nodes[victim].url);
      const [own] = await stage.observers([BIG, "few"], [cluster.nodes[victim]]);
      assert.deepEqual(await own.invoke("List", BIG), late.map(({ shown }) => shown[BIG]).sort(), "it knows its own members");
      cluster.nodes.forEach(({ lines }) => lines.drain());
      await cluster.redis.restart();
      const returned = performance.now();
      await health(cluster.nodes, "healthy");
      const [healthy, began] = [seconds(returned), performance.now()];
      await calm.rest();
      const truth = () => truthOf([...calm.staying, ...calm.movers, ...late], calm.groups);
      const all = await right(truth, [...calm.observers, own], "Redis is back", { began });
      stage.noneLeft([...calm.observers, own]);
      return { healthy, right: all };
    };
    console.table(await Stage.during(run, AGAIN));
  });


  test("64: a node hangs until its members have left, of whom some have moved, and goes on", async () => {
    const run = async (stage) => {
      const { cluster } = stage;
      const node = cluster.nodes[2];
      const calm = await commotion(stage, cluster.nodes.slice(0, 2));
      const members = await stage.crowd(6, (number) => ({ shown: { [BIG]: `hung ${number}` } }), () => node.url);
      const [own] = await stage.observers([BIG, "few"], [node]);
      const keys = members.map(({ shown }) => shown[BIG]);
      const listed = async (observer) => (await observer.invoke("List", BIG)).filter((key) => keys.includes(key));
      const each = (observers, count) => until(async () => (await Promise.all(observers.map(listed))).every(({ length }) => length === count), `${count} are listed`, 15_000);
      await each([own, ...calm.observers], members.length);
      keys.forEach((key) => stage.leaving.add(key));
      node.child.kill("SIGSTOP");
      const began = performance.now();
      await each(calm.observers, 0);
      const gone = seconds(began);
      const moved = members.splice(0, 3);
      await Promise.all(moved.map((member) => member.stop()));
      const back = await stage.crowd(3, (number) => moved[number], () => cluster.nodes[0].url);
      await each(calm.observers, 3);
      node.child.kill("SIGCONT");
      const woken = performance.now();
      await calm.rest();
      const truth = () => truthOf([...calm.staying, ...calm.movers, ...members, ...back], calm.groups);
      const all = await right(truth, [own, ...calm.observers], "the node goes on", { began: woken });
      stage.noneLeft([own, ...calm.observers]);
      return { gone, right: all };
    };
    console.table(await Stage.during(run, AGAIN));
  });

  test("65: one node does not reach Redis: its members leave elsewhere, the others stay on it, and all come back", async (context) => {
    const run = async (stage) => {
      const { redis } = stage.cluster;
      const cutter = await Cutter.start(context, `http://127.0.0.1:${redis.port}`);
      const url = redis.url.replace(`:${redis.port}`, `:${new URL(cutter.url).port}`);
      const node = await FixtureServer.start(["node", url, "127.0.0.1:0"]);
      try {
        await health([node], "healthy");
        const calm = await commotion(stage);
        const members = await stage.crowd(6, (number) => ({ shown: { [BIG]: `cut ${number}` } }), () => node.url);
        const [own] = await stage.observers([BIG, "few"], [node]);
        const keys = members.map(({ shown }) => shown[BIG]);
        const staying = calm.staying.map(({ shown }) => shown[BIG]);
        const list = async (observer, wanted) => {
          const listed = await observer.invoke("List", BIG);
          return wanted.filter((key) => listed.includes(key));
        };
        await until(async () => (await list(own, staying)).length === staying.length, "the node knows the others");
        for (const observer of calm.observers) {
          await until(async () => (await list(observer, keys)).length === keys.length, "the others know its members");
        }
        keys.forEach((key) => stage.leaving.add(key));
        cutter.isOpen = false;
        cutter.cutAll();
        const began = performance.now();
        await health([node], "degraded", "lost");
        for (const observer of calm.observers) {
          const gone = async () => (await list(observer, keys)).length === 0;
          await until(gone, "the members of the node leave elsewhere", 15_000 - (performance.now() - began));
        }
        const gone = seconds(began);
        // Both sides change meanwhile.
        await members.pop().stop();
        members.push(await stage.client(node.url, { shown: { [BIG]: "cut, and new" } }));
        await until(async () => (await list(own, [...staying, "cut, and new"])).length === staying.length + 1, "the node still shows all", 1_000);
        cutter.isOpen = true;
        await health([node], "healthy");
        const healed = performance.now();
        await calm.rest();
        const truth = () => truthOf([...calm.staying, ...calm.movers, ...members], calm.groups);
        const all = await right(truth, [own, ...calm.observers], "the node is reached again", { began: healed });
        stage.noneLeft([own, ...calm.observers]);
        return { gone, right: all };
      } finally {
        await node.stop();
      }
    };
    console.table(await Stage.during(run, AGAIN));
  });

  test("65: Redis ends connections of all nodes again and again, of one kind at a time", async () => {
    const run = async (stage) => {
      const { observers, truth, rest, moves, stays } = await commotion(stage);
      for (let cut = 0; cut < 10; cut++) {
        // What a node subscribes to and what it publishes go over different connections.
        await stage.cluster.redis.command(`CLIENT KILL TYPE ${cut % 2 === 0 ? "pubsub" : "normal"}`);
        await stays(200);
      }
      const began = performance.now();
      await rest();
      const all = await right(truth, observers, "the connections stay", { began });
      stage.noneLeft(observers);
      return { moves: moves(), right: all };
    };
    console.table(await Stage.during(run, AGAIN));
  });

  test("67 and 68: Redis cuts a node that reads too slowly what does not belong there", async () => {
    const run = async (stage) => {
      const { nodes, redis } = stage.cluster;
      const { observers, truth, rest, moves, stays } = await commotion(stage);
      await redis.command('CONFIG SET client-output-buffer-limit "pubsub 1mb 1mb 1"');
      const channel = (await redis.command("PUBSUB CHANNELS *")).split("\r\n").find((name) => name.endsWith(`presence:${BIG}`));
      const fill = Array.from({ length: 10 }, () => `PUBLISH ${channel} ${"x".repeat(60_000)}`).join("\r\n");
      const subscribed = await redis.subscribers();
      const slow = nodes[2];
      slow.lines.drain();
      slow.child.kill("SIGSTOP");
      const began = performance.now();
      await until(async () => (await redis.command(fill)) && (await redis.subscribers()) < subscribed, "Redis cuts the node");
      const before = moves();
      await until(() => moves() >= before + 10, "members come and go meanwhile");
      slow.child.kill("SIGCONT");
      const hung = seconds(began);
      await health([slow], "degraded", "lost");
      await health([slow], "healthy");
      const healthy = performance.now();
      await stays(500);
      await rest();
      const all = await right(truth, observers, "the node reads again", { began: healthy });
      stage.noneLeft(observers);
      return { hung, moves: moves(), right: all };
    };
    console.table(await Stage.during(run, AGAIN));
  });
});

test(`69: each node is stopped and started again, with ${MEMBERS} members, of whom some stay away and are gone within 5 s`, async () => {
  const rows = [];
  await Stage.during(async (stage) => {
    const { cluster } = stage;
    const { observers, members, truth, part } = await populate(stage, MEMBERS);
    await right(truth, observers, "all have joined");
    for (const node of [0, 1, 2]) {
      const there = members.filter(({ isClosed }) => !isClosed);
      there.forEach((member, at) => (member.isQuitting = at % 4 === 0));
      const rest = observers.filter((_, at) => at !== node);
      const count = (await stage.spread())[node];
      const losses = new Map(there.map((member) => [member, member.lost]));
      const began = performance.now();
      const cutting = cutFrom(there, count, () => cluster.nodes[node].control("shutdown"));
      const areGone = async () => {
        const hit = there.filter((member) => member.lost > losses.get(member));
        const lists = await Promise.all(rest.map((observer) => observer.invoke("List", BIG)));
        const away = hit.filter(({ isClosed }) => isClosed).map(({ shown }) => shown[BIG]);
        return hit.length === count && away.every((key) => lists.every((list) => !list.includes(key)));
      };
      // The node tells that it ends: its members leave after 3 s, as they do when a connection ends.
      const ending = within(cluster.nodes[node].ended, "the node ends").then(async ({ code }) => {
        assert.equal(code, 0);
        const ended = performance.now();
        await until(areGone, "who does not come back is gone", 5_000);
        return [(ended - began) / 1_000, seconds(ended)];
      });
      const [cut, [drained, gone]] = await Promise.all([cutting, ending]);
      const back = (Math.max(...cut.map(({ backAt }) => backAt)) - began) / 1_000;
      const all = await right(part, rest, "the other nodes know all", { began });
      assert.deepEqual(leftInError(rest, members, began, BACK), [], "who is back in time does not leave");
      assert.ok(cut.every((member) => member.lost === losses.get(member) + 1), "a client reconnects once for a node");
      await cluster.restart(node);
      const started = performance.now();
      await until(() => !observers[node].isAway, "the observer of the node is back");
      const restart = await right(part, observers, "the node knows all", { began: started });
      const away = cut.filter(({ isClosed }) => isClosed).length;
      rows.push({ node, cut: cut.length, away, back: tenths(back), drained: tenths(drained), gone, right: all, restart });
    }
    members.forEach(({ complaints }) => assert.deepEqual(complaints, []));
  });
  console.table(rows);
});

/** What Redis has done so far: bytes that came and went, and how often each command was called. */
async function counters(redis) {
  const of = async (section, pattern) => [...(await redis.command(`INFO ${section}`)).matchAll(pattern)].map(([, name, value]) => [name, Number(value)]);
  const all = await Promise.all([
    of("stats", /^total_net_(input|output)_bytes:(\d+)/gm),
    of("commandstats", /^cmdstat_(publish|subscribe|unsubscribe):calls=(\d+)/gm),
  ]);
  return { at: performance.now(), ...Object.fromEntries(all.flat()) };
}

/** What has come since `before`, for each of `count`, without what comes anyway. `idle` is what comes in each ms. */
async function since(redis, before, count, idle = {}) {
  const now = await counters(redis);
  const time = now.at - before.at;
  const of = (name) => ((now[name] ?? 0) - (before[name] ?? 0) - (idle[name] ?? 0) * time) / count;
  return { time, ...Object.fromEntries(["input", "output", "publish", "subscribe", "unsubscribe"].map((name) => [name, of(name)])) };
}

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
/** Until nodes have repeated for the last time what they have told. */
const REPEATED = 21_000;

const LAYOUTS = [
  ["in groups of ten", (number) => `small ${number % (MEMBERS / 10)}`],
  ["in one group", () => BIG],
];
// A measurement, for the long form alone.
for (const [layout, group] of IS_LONG ? LAYOUTS : []) {
  test(`what a member costs, ${MEMBERS} members ${layout}`, async () => {
    const rows = [];
    const row = (what, { time, ...costs }) => {
      const rounded = Object.entries(costs).map(([name, value]) => [name, Math.round(value * 100) / 100]);
      rows.push({ what, seconds: Math.round(time / 100) / 10, ...Object.fromEntries(rounded) });
    };
    await Stage.during(async (stage) => {
      const { redis, nodes } = stage.cluster;
      const members = await stage.crowd(MEMBERS, () => ({}), (number) => nodes[number % nodes.length].url);
      const resident = () => nodes.reduce((sum, node) => sum + node.residentBytes(), 0);
      // The connections come to rest, and nothing is told of members yet.
      await pause(5_000);
      const quiet = await counters(redis);
      await pause(10_000);
      const idle = await since(redis, quiet, 1);
      Object.keys(idle).forEach((name) => name !== "time" && (idle[name] /= idle.time));

      const inTurns = async (run) => {
        for (let next = 0; next < members.length; next += TOGETHER) {
          await Promise.all(members.slice(next, next + TOGETHER).map((member, at) => run(member, next + at)));
        }
      };
      const [memory, joins] = [resident(), await counters(redis)];
      await inTurns((member, number) => member.join(group(number), `member ${number}`));
      await pause(1_000);
      row("joins, of many at once", await since(redis, joins, MEMBERS, idle));
      const size = Math.max(...(await Promise.all(members.slice(0, 3).map((member, number) => member.invoke("Count", group(number))))));
      assert.equal(size, group(0) === group(1) ? MEMBERS : 10);
      await pause(REPEATED);
      row("joins, with what is repeated", await since(redis, joins, MEMBERS, idle));
      rows.push({ what: `memory of the three nodes: ${Math.round((resident() - memory) / MEMBERS)} bytes for each member` });

      const quietAgain = await counters(redis);
      await pause(10_000);
      const used = await since(redis, quietAgain, 1);
      Object.keys(idle).forEach((name) => (idle[name] = name === "time" ? used.time : used[name] / used.time));

      // So few that nothing is repeated before the last one.
      const alone = members.slice(0, 30);
      const leaving = await counters(redis);
      for (const [number, member] of alone.entries()) {
        await member.invoke("Leave", group(number));
        await pause(130);
      }
      row("leaves, alone", await since(redis, leaving, alone.length, idle));
      // The members have left on all nodes, and nothing is repeated any more.
      await pause(REPEATED);
      const joining = await counters(redis);
      for (const [number, member] of alone.entries()) {
        await member.join(group(number), `member ${number}`);
        await pause(130);
      }
      row("joins, alone", await since(redis, joining, alone.length, idle));
      await pause(REPEATED);

      const leaves = await counters(redis);
      await inTurns((member, number) => member.invoke("Leave", group(number)));
      await pause(4_000);
      row("leaves, of many at once", await since(redis, leaves, MEMBERS, idle));
      await pause(REPEATED);
      row("leaves, with what is repeated", await since(redis, leaves, MEMBERS, idle));
      rows.push({ what: `memory that is left: ${Math.round((resident() - memory) / MEMBERS)} bytes for each member` });
    });
    console.log(layout);
    console.table(rows);
  });
}
