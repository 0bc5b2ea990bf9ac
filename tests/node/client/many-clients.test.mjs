// Many clients and many messages: none is lost, doubled or out of order.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Client, target } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = () => `${server().url}/fixture`;

const row = (count) => Array.from({ length: count }, (_, number) => number);

async function expectRow(client, count) {
  const got = [];
  while (got.length < count) {
    const { method, args } = await client.received.next(`message ${got.length} of ${count}`);
    assert.equal(method, "tick");
    got.push(args[0]);
  }
  assert.deepEqual(got, row(count));
}

test("200 clients in a group each get every message, in order", async () => {
  const members = [];
  try {
    for (let batch = 0; batch < 10; batch += 1) {
      const started = row(20).map((at) => Client.start(hub(), { skipNegotiation: at % 2 === 0 }));
      members.push(...(await Promise.all(started)));
    }
    await Promise.all(members.map((member) => member.invoke("Join", "everybody")));
    await members[0].invoke("PushRow", target("group", { names: "everybody" }), 50);
    await Promise.all(members.map((member) => expectRow(member, 50)));
    await Promise.all(members.map((member) => member.invoke("Echo", "flushed")));
    assert.equal(members.flatMap((member) => member.received.items).length, 0);
  } finally {
    await Promise.all(members.map((member) => member.stop()));
  }
});

test("1 000 messages arrive in order", async () => {
  const client = await Client.start(hub());
  try {
    await client.invoke("PushRow", target("caller"), 1_000);
    await expectRow(client, 1_000);
  } finally {
    await client.stop();
  }
});

test("1 000 calls are answered in order", async () => {
  const client = await Client.start(hub());
  try {
    const order = [];
    const calls = row(1_000).map((number) => client.invoke("Add", number, 1).then((sum) => order.push(sum - 1)));
    await Promise.all(calls);
    assert.deepEqual(order, row(1_000));
  } finally {
    await client.stop();
  }
});
