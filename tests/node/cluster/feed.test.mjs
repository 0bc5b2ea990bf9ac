// Readers of a feed on one node of a cluster, and what other nodes send to all, to a group and to a user.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as signalR from "@microsoft/signalr";

import { clusterForFile } from "../support/cluster.mjs";
import { Inbox, within } from "../support/time.mjs";

const cluster = clusterForFile({ before, after });

/** A reader of a node: the data of its events, and the number of the last one. */
async function read(node, query, last) {
  const stop = new AbortController();
  const headers = last === undefined ? {} : { "last-event-id": last };
  const url = `${cluster().nodes[node].url}/fed/feed?${query}`;
  const response = await within(fetch(url, { headers, signal: stop.signal }), "the feed is open");
  assert.equal(response.status, 200);
  const reader = { events: new Inbox(), stop: () => stop.abort() };
  reader.ended = collect(response.body, reader).catch(() => {});
  return reader;
}

async function collect(body, reader) {
  let text = "";
  for await (const bytes of body.pipeThrough(new TextDecoderStream())) {
    const parts = (text + bytes).split("\r\n\r\n");
    text = parts.pop();
    for (const lines of parts.map((part) => part.split("\r\n"))) {
      const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      reader.last = field("id") ?? reader.last;
      if (field("event") !== undefined) {
        reader.events.push({ event: field("event"), data: field("data") });
      }
    }
  }
}

test("what another node sends to all, to a group and to a user reaches a reader, and no other group does", async () => {
  // No client is connected to the first node.
  const reader = await read(0, "group=red&user=ann");
  const sender = new signalR.HubConnectionBuilder()
    .withUrl(`${cluster().nodes[1].url}/fed?user=bob`, { transport: signalR.HttpTransportType.WebSockets })
    .configureLogging(signalR.LogLevel.None)
    .build();
  await within(sender.start(), "the sender connects");
  const push = (text, kind, ...names) =>
    within(sender.invoke("Push", { kind, names, except: [] }, text), `the push of ${text}`);
  await push("not for this reader", "group", "blue");
  await push("group", "group", "red");
  await push("user", "user", "ann");
  await push("all", "all");
  const datas = [];
  for (let event = 0; event < 3; event++) {
    datas.push((await reader.events.next()).data);
  }
  assert.deepEqual(datas.map((data) => ["group", "user", "all"].find((text) => data.includes(text))), ["group", "user", "all"]);

  // It comes back soon: what was sent meanwhile is kept.
  reader.stop();
  await reader.ended;
  await push("meanwhile", "group", "red");
  const again = await read(0, "group=red&user=ann", reader.last);
  assert.match((await again.events.next()).data, /meanwhile/);

  // On another node, or for a group that no reader had here, it is told that events may be missing.
  for (const [node, group] of [[2, "red"], [0, "green"]]) {
    const elsewhere = await read(node, `group=${group}&user=ann`, again.last);
    const { event, data } = await elsewhere.events.next();
    assert.deepEqual([event, Object.keys(JSON.parse(data))], ["hubs:missed", ["reason"]]);
    elsewhere.stop();
  }
  again.stop();
  await within(sender.stop(), "the sender stops");
});
