// What examples/observability shows of a chat under load, in Debian's Prometheus: every query of the board, every alarm.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { HttpTransportType } from "@microsoft/signalr";

import { ChatServer, freePort } from "../support/chat.mjs";
import { Client } from "../support/client.mjs";
import { EXAMPLE, Prometheus, promtool } from "../support/prometheus.mjs";
import { Raw } from "../support/raw.mjs";
import { LIMIT } from "../support/time.mjs";

const ROOM = "load";
/** The longest message of the chat: 8 KB. */
const TEXT = "😀".repeat(2000);

/** What the load makes happen, each a query that gives nothing before it is seen. */
const HAPPENED = [
  'rate(hubs_calls{method="SendMessage",outcome="ok"}[1m]) > 0',
  'rate(hubs_calls{method="ClearHistory",outcome="error"}[1m]) > 0',
  "rate(hubs_refused_calls[1m]) > 0",
  'rate(hubs_closes{reason="refused_origin"}[1m]) > 0',
  'rate(hubs_closes{reason="too_slow"}[1m]) > 0',
  "rate(hubs_slow_consumers[1m]) > 0",
  "max_over_time(hubs_queued_bytes[1m]) > 0",
  "hubs_groups == 1",
  'signalr_server_active_connections{signalr_transport="web_sockets"} > 0',
  'signalr_server_active_connections{signalr_transport="server_sent_events"} > 0',
];

/** Every query of the board, as Grafana sends it. */
function board() {
  const { panels } = JSON.parse(readFileSync(join(EXAMPLE, "grafana.json"), "utf8"));
  const queries = panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, query: expr })));
  return queries.map(({ title, query }) => ({ title, query: query.replaceAll("$hub", ".*").replaceAll("$__rate_interval", "1m") }));
}

/** Every alarm, as Prometheus has read it, without its limit: the value that it watches. */
async function watched(prometheus) {
  const { groups } = await prometheus.get("rules");
  return groups.flatMap(({ rules }) =>
    rules.map(({ name, query }) => ({ title: name, query: query.replace(/ (>|==) [^><=]+$/, "") })),
  );
}

/** Pages, calls that fail, pages of another site, and a page that reads nothing. `end` ends them, or throws what went wrong. */
async function load(url) {
  const start = async (transport, index) => {
    const client = await Client.start(`${url}/chat`, { transport });
    await client.invoke("JoinRoom", ROOM, `user ${index}`);
    return client;
  };
  const { WebSockets, ServerSentEvents } = HttpTransportType;
  const pages = await Promise.all([WebSockets, WebSockets, WebSockets, ServerSentEvents].map(start));
  const stopped = await Raw.connect(`${url}/chat`);
  await stopped.call("JoinRoom", [ROOM, "stopped"]);
  stopped.socket.pause();

  const round = async () => {
    await Promise.all(pages.map((page) => page.invoke("SendMessage", ROOM, TEXT, null)));
    await pages[0].failure("ClearHistory", "another room");
    await pages[0].failure("SendMessage", 1, 2, 3);
    const headers = { origin: "https://evil.example" };
    const refused = await fetch(`${url}/chat/negotiate?negotiateVersion=1`, { method: "POST", headers });
    assert.equal(refused.status, 403);
    await (await Client.start(`${url}/chat`)).stop();
  };
  let goesOn = true;
  const rounds = (async () => {
    while (goesOn) {
      await round();
    }
  })();
  rounds.catch(() => {});
  const end = async () => {
    goesOn = false;
    stopped.socket.terminate();
    await rounds;
    await Promise.all(pages.map((page) => page.stop()));
  };
  return { rounds, end };
}

/** Asks until every query has data. Returns those that have none within the limit. */
async function withoutData(prometheus, queries) {
  const end = performance.now() + 2 * LIMIT;
  let missing = queries;
  while (missing.length > 0 && performance.now() < end) {
    const results = await Promise.all(missing.map(({ query }) => prometheus.query(query)));
    missing = missing.filter((_, index) => results[index].length === 0);
    await setTimeout(200);
  }
  return missing;
}

test("every query of the board and every alarm has data of a chat under load", async (context) => {
  const numbers = `127.0.0.1:${await freePort()}`;
  const chat = await ChatServer.start({ HUBS_CHAT_METRICS: numbers });
  context.after(() => chat.stop());
  const prometheus = await Prometheus.start(numbers);
  context.after(() => prometheus.stop());

  const happened = HAPPENED.map((query) => ({ title: "load", query }));
  const queries = [...happened, ...board(), ...(await watched(prometheus))];
  assert.ok(queries.length > 40, `there are ${queries.length} queries`);
  const { rounds, end } = await load(chat.url);
  try {
    const missing = await Promise.race([withoutData(prometheus, queries), rounds]);
    assert.deepEqual(missing, [], prometheus.program.words.slice(-5).join("\n"));
  } finally {
    await end();
  }

  const hubs = await prometheus.get("label/hub/values", { "match[]": "hubs_groups" });
  assert.deepEqual(hubs, ["ChatHub"], "the choice of hubs");
  const { groups } = await prometheus.get("rules");
  assert.deepEqual(groups.flatMap(({ rules }) => rules.filter(({ health }) => health === "err")), []);
});

test("each alarm comes when it should, and not before", () =>
  promtool(["test", "rules", fileURLToPath(new URL("alerts.test.yml", import.meta.url))]));

test("the configuration has no mistake", () => promtool(["check", "config", join(EXAMPLE, "prometheus.yml")]));
