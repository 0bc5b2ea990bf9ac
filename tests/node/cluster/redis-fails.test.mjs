// What a failing Redis costs, under a steady load: it is killed, it hangs, it cuts a node off.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { connect, Load } from "./load.mjs";
import { clusterForFile } from "../support/cluster.mjs";
import { Cutter } from "../support/cutter.mjs";
import { FixtureServer } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const ROUNDS = IS_LONG ? 20 : 1;
/** How long Redis is away in the long form, as one that is started again by a supervisor. */
const AWAY = 3_000;

const cluster = clusterForFile({ before, after });

/** Runs `test` with two members and a sender on each node. */
function underLoad(test) {
  const each = cluster().nodes.map(({ url }, node) => [node, url]);
  // What a test before this one has not waited for.
  cluster().nodes.forEach(({ lines }) => lines.drain());
  return Load.during([...each, ...each], each, test);
}

const health = (node, ...wanted) =>
  node.event("backplane", (event) => event.application === "main" && wanted.includes(event.health));
const all = (...wanted) => Promise.all(cluster().nodes.map((node) => health(node, ...wanted)));

/** The processor time that the nodes have used, in ms. */
function spent() {
  const of = ({ pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  return cluster().nodes.map(of).reduce((sum, one) => sum + one, 0);
}

test(`Redis is killed under load: ${ROUNDS} rounds`, async () => {
  const accounts = [];
  for (let round = 0; round < ROUNDS; round++) {
    await underLoad(async (running) => {
      running.phase = "outage";
      const [began, used] = [performance.now(), spent()];
      await cluster().redis.kill();
      await all("degraded", "lost");
      await running.each(5, "outage", false);
      if (IS_LONG) {
        await new Promise((resolve) => setTimeout(resolve, AWAY));
      }
      const cpu = (spent() - used) / (performance.now() - began);
      await cluster().redis.restart();
      const up = performance.now();
      await all("healthy");
      const recovery = performance.now() - up;
      await running.end();
      const account = running.check();
      assert.equal(account.lost, 0, "what is accepted reaches all");
      accounts.push({ round, ...account, recovery: Math.round(recovery), cpuOfOutage: Math.round(cpu * 100) / 100 });
      assert.equal(running.members.filter(({ lost }) => lost > 0).length, 0, "every connection stays");
    });
  }
  console.table(accounts);
});

test("Redis hangs: sends are refused in time, clients are served, and all is well when it goes on", () =>
  underLoad(async (running) => {
    running.phase = "outage";
    cluster().redis.freeze(true);
    await all("degraded", "lost");
    await running.each(IS_LONG ? 30 : 3, "outage", false);
    for (const { connection } of running.members) {
      assert.equal(await within(connection.invoke("Echo", "still here"), "a call is answered"), "still here");
    }
    cluster().redis.freeze(false);
    await all("healthy");
    await running.end();
    console.table([running.check()]);
    assert.equal(running.members.filter(({ lost }) => lost > 0).length, 0, "every connection stays");
  }));

const REFUSING = [
  ["as a replica without its master", "REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE"],
  ["because its memory is full", "CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"],
];
for (const [why, begin, end] of REFUSING) {
  test(`Redis refuses writes, ${why}: messages still pass, and clients still come in`, () =>
    underLoad(async (running) => {
      await cluster().redis.command(begin);
      await assert.rejects(cluster().redis.command("SET a 1"), /READONLY|OOM/);
      await running.each(20, "before");
      for (const { url } of cluster().nodes) {
        const late = await connect(url);
        assert.equal(await within(late.invoke("Echo", "let in"), "a call is answered"), "let in");
        await late.stop();
      }
      await cluster().redis.command(end);
      await running.end();
      const { refused, lost } = running.check();
      assert.deepEqual({ refused, lost }, { refused: 0, lost: 0 });
    }));
}

test("Redis is slow: messages come late, and none is lost", () =>
  underLoad(async (running) => {
    running.phase = "outage";
    for (let pause = 0; pause < 3; pause++) {
      // Nothing is answered or passed on meanwhile.
      await cluster().redis.command("CLIENT PAUSE 500 ALL");
      await running.each(5 * (pause + 1), "outage");
    }
    await running.end();
    const account = running.check();
    console.table([account]);
    assert.equal(account.lost, 0);
  }));

test("one node does not reach Redis: its senders are told, the others go on, and it comes back", async (context) => {
  const { url, port } = cluster().redis;
  const cutter = await Cutter.start(context, `http://127.0.0.1:${port}`);
  const node = await FixtureServer.start(["node", url.replace(`:${port}`, `:${new URL(cutter.url).port}`), "127.0.0.1:0"]);
  context.after(() => node.stop());
  await health(node, "healthy");
  const all = [...cluster().nodes.map((other, at) => [at, other.url]), ["cut", node.url]];
  await Load.during(all, [all[0], all[3]], async (running) => {
    running.phase = "outage";
    cutter.isOpen = false;
    cutter.cutAll();
    await health(node, "degraded", "lost");
    const [reached, cut] = running.senders;
    await cut.has(5, ({ from, accepted }) => from === "outage" && !accepted, "5 refused messages");
    await reached.has(5, ({ from, accepted }) => from === "outage" && accepted, "5 accepted messages");
    cutter.isOpen = true;
    await health(node, "healthy");
    await running.end();
    const account = running.check();
    console.table([account]);
    assert.deepEqual(reached.sent.filter(({ accepted }) => !accepted), [], "no other node notices");
    assert.equal(running.members.filter(({ lost }) => lost > 0).length, 0, "every connection stays");
  });
});

test("Redis cuts a node that reads too slowly: the node notices, subscribes again and says what it has missed", () =>
  underLoad(async (running) => {
    await cluster().redis.command("CONFIG SET client-output-buffer-limit \"pubsub 256kb 256kb 1\"");
    const slow = cluster().nodes[2];
    running.phase = "outage";
    // Senders of the stopped node wait; those of the others fill what Redis keeps for it.
    slow.child.kill("SIGSTOP");
    const [sender] = running.senders;
    const filler = "x".repeat(24_000);
    const subscribed = await cluster().redis.subscribers();
    do {
      await within(sender.connection.invoke("SayToAll", filler), "a large message is sent");
    } while ((await cluster().redis.subscribers()) === subscribed);
    slow.child.kill("SIGCONT");
    await health(slow, "degraded", "lost");
    await health(slow, "healthy");
    await running.end();
    console.table([running.check()]);
  }));
