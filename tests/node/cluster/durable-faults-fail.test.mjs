// Durable messages on nodes that lose Redis while Redis goes on, and through a deploy: every message that its sender was told
// is recorded reaches every reader once and in order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, newGroup, reader, received, underLoad, until } from "./durable-load.mjs";
import { clusterForFile } from "../support/cluster.mjs";
import { Partition } from "../support/partition.mjs";
import { FixtureServer } from "../support/server.mjs";
import { LIMIT, within } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const ROUNDS = IS_LONG ? 10 : 1;
/** How many clients a deploy has. */
const DEPLOYED = IS_LONG ? 1_000 : 60;
/** How many messages of each sender are recorded while a node is away: more than a node reads of a log at once, fewer than the log keeps. */
const MISSED = 300;

const cluster = clusterForFile({ before, after, redis: { keeps: true } });

const direct = () => cluster().nodes.map(({ url }) => url);
const through = (count) => Array.from({ length: count }, () => cluster().url);

/** How often Redis has cut a client that did not read what was kept for it. */
const cuts = () => cluster().redis.program.words.filter((line) => line.includes("overcoming of output buffer limits")).length;

const health = (node, ...wanted) =>
  node.event("backplane", (event) => event.application === "durable" && wanted.includes(event.health));

/** RELIABILITY 65: from which end nothing arrives at the other. */
const PARTITIONS = [
  ["nothing passes", ["node", "server"]],
  ["Redis does not hear the node", ["node"]],
  ["the node does not hear Redis", ["server"]],
];

test(`nodes that do not reach Redis, in ${PARTITIONS.length} ways, catch up from the log: ${ROUNDS} rounds`, async (context) => {
  const { url, port } = cluster().redis;
  const cut = [];
  for (const [form, ends] of PARTITIONS) {
    const network = await Partition.start(context, port);
    const node = await FixtureServer.start(["node", url.replace(`:${port}`, `:${network.port}`), "127.0.0.1:0"]);
    context.after(() => node.stop());
    await health(node, "healthy");
    cut.push({ form, ends, network, node });
  }
  const accounts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const urls = cut.map(({ node }) => node.url);
    const rows = [];
    const fire = async ({ readers, senders, more }) => {
      const [reached, away] = [senders.slice(0, 2), senders.slice(2)];
      const readersOf = (at) => readers.filter((_, index) => index === at || index === at + cut.length);
      cut.forEach(({ node }) => node.lines.drain());
      reached.forEach((each) => (each.most = each.accepted.length + MISSED / 3));
      cut.forEach(({ network, ends }) => network.hold(...ends));
      await Promise.all(cut.map(({ node }) => health(node, "degraded", "lost")));
      // Until then a node may still hear Redis.
      const before = reached.map(({ sent }) => sent);
      reached.forEach((each) => (each.most = each.accepted.length + MISSED));
      await until(() => reached.every(({ accepted, most }) => accepted.length >= most), "the other nodes go on");
      await until(() => away.every(({ refused }) => refused.length > 0), "the senders of the cut nodes are told");
      const others = readers.slice(2 * cut.length);
      const hasAll = (one) => reached.every((each) => received(one, each).missing.length === 0);
      await until(() => others.every(hasAll), "readers of the other nodes get everything meanwhile");
      for (const [at, { form }] of cut.entries()) {
        const behind = readersOf(at).map((one) =>
          reached.reduce((sum, each, index) => sum + received(one, each).missing.filter((number) => number >= before[index]).length, 0),
        );
        const meanwhile = reached.reduce((sum, { accepted }, index) => sum + accepted.filter((number) => number >= before[index]).length, 0);
        assert.deepEqual(behind, [meanwhile, meanwhile], `${form}: its readers have got nothing of what was recorded meanwhile`);
        assert.ok(meanwhile >= 2 * MISSED - 2, `${meanwhile} messages were recorded meanwhile`);
        rows.push({ round, form, missed: behind[0], refused: away[at].refused.length });
      }
      const healed = performance.now();
      cut.forEach(({ network }) => network.hold());
      const caughtUp = cut.map(async ({ form, node }, at) => {
        await health(node, "healthy");
        await until(() => readersOf(at).every(hasAll), `${form}: its readers get what was recorded meanwhile`);
        rows[at].caughtUp = Math.round(performance.now() - healed);
      });
      await Promise.all(caughtUp);
      reached.forEach((each) => (each.most = Infinity));
      await more(10, away);
      rows.forEach((row, at) => (row.lateOrNever = away[at].refused.length));
      assert.deepEqual(readers.map(({ lost }) => lost), readers.map(() => 0), "every reader stays connected");
    };
    const account = await underLoad([...urls, ...urls, ...direct()], [...direct().slice(0, 2), ...urls], fire, { mayBeLate: true });
    assert.equal(account.recovered, 0);
    accounts.push({ round, ...account });
    console.table(rows);
  }
  console.table(accounts);
});

test(`Redis cuts a node that reads too slowly, and its readers get everything from the log: ${ROUNDS} rounds`, async (context) => {
  // More than a whole log: what a node reads of logs counts, too.
  await cluster().redis.command('CONFIG SET client-output-buffer-limit "pubsub 4mb 4mb 1"');
  const accounts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const slow = cluster().nodes[2];
    slow.lines.drain();
    // A second log, whose messages fill what Redis keeps for the node. It keeps fewer of them than the node misses.
    const full = newGroup();
    const [filling, filled] = [await Client.start(direct()[0]), await reader(slow.url, full)];
    context.after(() => Promise.all([filling.stop(), filled.stop()]));
    const cutBefore = cuts();
    let fillers = 0;
    const fill = () => within(filling.call("SayToGroup", full, `f:${fillers++}:${"x".repeat(24_000)}`), "it is recorded");
    const fire = async ({ readers, senders, more }) => {
      senders.forEach((each) => (each.most = each.accepted.length + MISSED));
      slow.child.kill("SIGSTOP");
      try {
        do {
          await Promise.all([fill(), fill(), fill(), fill()]);
        } while (cuts() === cutBefore);
        // The node is told of none of these.
        senders.forEach((each) => (each.most = each.accepted.length + MISSED / 3));
        await more(MISSED / 3);
      } finally {
        slow.child.kill("SIGCONT");
      }
      await health(slow, "degraded", "lost");
      await health(slow, "healthy");
      senders.forEach((each) => (each.most = Infinity));
      await more(10);
      assert.deepEqual(readers.map(({ lost }) => lost), readers.map(() => 0), "every reader stays connected");
    };
    const account = await underLoad([slow.url, slow.url, ...direct().slice(0, 2)], direct().slice(0, 2), fire);
    // The full log is not read in part: its reader is told, and gets what comes next.
    await until(() => filled.gaps.length > 0, "the reader of the full log is told");
    assert.deepEqual(filled.gaps, [{ group: full, reason: "trimmed" }]);
    await within(filling.call("SayToGroup", full, "e:0"), "it is recorded");
    await filled.inbox.find((text) => text === "e:0", "the next message of the full log");
    const numbers = filled.got.get("f");
    assert.deepEqual(numbers, numbers.map((_, at) => at), "what came before the gap is whole");
    assert.equal(cuts(), cutBefore + 1, "Redis has cut the node once");
    accounts.push({ round, fillers, fillersRead: numbers.length, ...account });
  }
  console.table(accounts);
});

/** How many logs a node reads again at once. Together they are more than Redis keeps for a client that is subscribed: 32 MB. */
const LOGS = 60;

test(`a node that follows ${LOGS} full logs reads them all after an outage, and Redis does not cut it`, async (context) => {
  await cluster().redis.command('CONFIG SET client-output-buffer-limit "pubsub 32mb 8mb 60"');
  const { url, port } = cluster().redis;
  const network = await Partition.start(context, port);
  const node = await FixtureServer.start(["node", url.replace(`:${port}`, `:${network.port}`), "127.0.0.1:0"]);
  context.after(() => node.stop());
  await health(node, "healthy");
  const groups = Array.from({ length: LOGS }, newGroup);
  const [speaker, ...readers] = await Promise.all([Client.start(direct()[0]), ...groups.map((group) => reader(node.url, group))]);
  context.after(() => Promise.all([speaker, ...readers].map((client) => client.stop())));
  node.lines.drain();
  network.hold("node", "server");
  await health(node, "degraded", "lost");
  // Some 850 KB of each log, in both protocols of the hub.
  const numbers = Array.from({ length: 18 }, (_, number) => number);
  for (const group of groups) {
    const say = (number) => speaker.call("SayToGroup", group, `a:${number}:${"x".repeat(24_000)}`);
    await within(Promise.all(numbers.map(say)), "they are recorded");
  }
  const [cutBefore, healed] = [cuts(), performance.now()];
  network.hold();
  const gotOf = ({ got }) => got.get("a") ?? [];
  await until(() => readers.every((one) => gotOf(one).length >= numbers.length), "every reader gets what it has missed", LIMIT);
  console.table([{ logs: LOGS, caughtUp: Math.round(performance.now() - healed), cuts: cuts() - cutBefore }]);
  for (const one of readers) {
    assert.deepEqual({ got: gotOf(one).toSorted((a, b) => a - b), gaps: one.gaps, lost: one.lost }, { got: numbers, gaps: [], lost: 0 });
  }
  assert.equal(cuts() - cutBefore, 0, "Redis does not cut the node");
});

test(`a deploy: each node is stopped and started again, under load, with ${DEPLOYED} readers`, async () => {
  const moved = [];
  const account = await underLoad(through(DEPLOYED), through(3), async ({ readers, more }) => {
    for (const node of [0, 1, 2]) {
      const before = readers.map(({ lost }) => lost);
      await cluster().nodes[node].control("shutdown");
      const { code } = await within(cluster().nodes[node].ended, "the node ends");
      assert.equal(code, 0);
      const left = () => readers.filter(({ lost }, at) => lost > before[at]);
      await until(() => left().length > 0 && readers.every(({ isBack }) => isBack), "its readers are told what they have missed");
      moved.push(left().length);
      await cluster().restart(node);
      await more(5);
      assert.deepEqual(readers.filter(({ lost }, at) => lost > before[at] + 1), [], "a reader connects once again for a node");
    }
    for (const { lost, recovered } of readers) {
      assert.ok(lost > 0, "every reader was on one of the nodes");
      assert.equal(recovered.length, lost, "it is told each time that it has missed nothing");
    }
  });
  assert.equal(account.refused, 0, "no sender is refused");
  console.table([{ moved: moved.join(" "), ...account }]);
});
