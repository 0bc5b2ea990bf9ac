// What the loss of a node costs, under a steady load: it is killed, it hangs, it is deployed, all its sockets are cut. The
// clients find another node through HAProxy.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Load } from "./load.mjs";
import { clusterForFile } from "../support/cluster.mjs";
import { LIMIT, within } from "../support/time.mjs";

const IS_LONG = process.env.HUBS_SOAK === "1";
const ROUNDS = IS_LONG ? 20 : 1;
/** How many clients a deploy has, and a storm. */
const DEPLOYED = IS_LONG ? 3_000 : 150;
const STORMING = IS_LONG ? 8_000 : 150;

const cluster = clusterForFile({ before, after });

/** Clients of these nodes. */
const on = (...nodes) => nodes.map((node) => [node, cluster().nodes[node].url]);

/** Clients that come through HAProxy. */
const through = (count) => Array.from({ length: count }, () => ["any", cluster().url]);

/** The members whose connection is on this node. */
function membersOf(load, node) {
  const ids = new Set(cluster().nodes[node].untaken("connected").map(({ connection }) => connection));
  return load.members.filter(({ connection }) => ids.has(connection.connectionId));
}

test(`a node is killed under load: ${ROUNDS} rounds`, async () => {
  const accounts = [];
  for (let round = 0; round < ROUNDS; round++) {
    const victim = round % 3;
    const others = on(...[0, 1, 2].filter((node) => node !== victim));
    await Load.during([...others, ...through(9)], others, async (running) => {
      const cut = membersOf(running, victim);
      assert.ok(cut.length > 0, "HAProxy gave the node some clients");
      const [asker] = running.senders;
      let asked;
      const heard = new Promise((resolve) => (asked = resolve));
      // It never answers.
      cut[0].connection.on("Add", () => new Promise(() => asked()));
      const answer = within(asker.connection.invoke("Ask", cut[0].connection.connectionId, 1, 2), "the asker is told");
      await within(heard, "the client is asked");

      running.phase = "outage";
      const [back, began] = [Promise.all(cut.map((member) => member.comesBack())), performance.now()];
      await cluster().kill(victim);
      await back;
      const recovery = Math.round(performance.now() - began);
      assert.match(await answer, /^error: Connection '.*' disconnected\.$/);
      await running.end();
      const account = running.check({ isAway: (member) => cut.includes(member) });
      assert.equal(account.refused, 0, "senders of other nodes are not refused");
      const unharmed = running.members.filter((member) => !cut.includes(member));
      assert.deepEqual(unharmed.filter(({ lost }) => lost > 0), [], "clients of other nodes stay");
      const missing = unharmed.flatMap((member) => running.missing(member));
      assert.deepEqual(missing, [], "clients of other nodes get everything");
      accounts.push({ round, cut: cut.length, ...account, recovery });
    });
    await cluster().restart(victim);
  }
  console.table(accounts);
});

test("a node hangs and goes on: the others go on meanwhile, and its clients get everything once", () =>
  Load.during(on(0, 1, 2), on(0, 1), async (running) => {
    running.phase = "outage";
    cluster().nodes[2].child.kill("SIGSTOP");
    await running.each(100, "outage");
    cluster().nodes[2].child.kill("SIGCONT");
    await running.end();
    const { refused, lost } = running.check();
    assert.deepEqual({ refused, lost }, { refused: 0, lost: 0 });
  }));

test("a node hangs until its clients have left it: nothing comes twice, and it ends what is left of them", () => {
  const test = async (running) => {
    const moved = membersOf(running, 2);
    assert.ok(moved.length > 0, "HAProxy gave the node some clients");
    const ids = moved.map(({ connection }) => connection.connectionId);
    running.phase = "outage";
    const back = Promise.all(moved.map((member) => member.comesBack()));
    cluster().nodes[2].child.kill("SIGSTOP");
    await back;
    cluster().nodes[2].child.kill("SIGCONT");
    await Promise.all(ids.map((id) => cluster().nodes[2].event("disconnected", ({ connection }) => connection === id)));
    await running.end();
    const account = running.check({ isAway: (member) => moved.includes(member) });
    console.table([{ moved: moved.length, ...account }]);
    assert.equal(account.refused, 0, "senders of other nodes are not refused");
  };
  // A hub that pings twice a second, so that its clients notice soon.
  return Load.during([...on(0, 1), ...through(9)], on(0, 1), test, { hub: "interop-quick", serverTimeout: 2_000 });
});

test(`a deploy: each node is stopped and started again, under load, with ${DEPLOYED} clients`, async () => {
  await Load.during(through(DEPLOYED), through(3), async (running) => {
    running.phase = "outage";
    for (const node of [0, 1, 2]) {
      const before = new Map(running.members.map((member) => [member, member.lost]));
      const leaving = membersOf(running, node);
      const back = Promise.all(leaving.map((member) => member.comesBack()));
      await cluster().nodes[node].control("shutdown");
      const { code } = await within(cluster().nodes[node].ended, "the node ends");
      assert.equal(code, 0);
      await back;
      await cluster().restart(node);
      const more = running.members.filter((member) => member.lost - before.get(member) > 1);
      assert.equal(more.length, 0, "a client reconnects once for a node");
    }
    await running.end();
    console.table([running.check({ isAway: () => true })]);
  });
});

test(`a storm: ${STORMING} sockets are cut at once, and all come back`, () =>
  Load.during([...on(0, 1, 2), ...through(STORMING)], on(0, 1, 2), async (running) => {
    running.phase = "outage";
    const any = running.members.filter(({ node }) => node === "any");
    const [back, began] = [Promise.all(any.map((member) => member.comesBack())), performance.now()];
    await cluster().cutAll();
    await within(back, "all come back", 2 * LIMIT);
    console.log(`${STORMING} clients are back after ${Math.round(performance.now() - began)} ms`);
    await running.end();
    const account = running.check({ isAway: (member) => any.includes(member) });
    console.table([account]);
    assert.equal(account.refused, 0);
  }));
