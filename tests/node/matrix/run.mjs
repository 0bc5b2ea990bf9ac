// Fills the table: every feature over every transport with every protocol. Runs in Node and in a browser.

import { FEATURES } from "./features/index.mjs";
import { COLUMNS, failure, isRefused, Kit, same } from "./kit.mjs";
import { within } from "../support/time.mjs";

/** The row that has the refusal. */
export const REFUSAL = "refused, with SignalR's text";

/** The rows of the table. */
export const ROWS = [...Object.keys(FEATURES), REFUSAL];

/** How long one feature may take in one column. */
const LIMIT = 120_000;

/** Runs everything; returns cells `{ row, transport, protocol, failed }`, where `failed` is a text or null. */
export async function fill(packages, url) {
  const cells = [];
  for (const column of COLUMNS) {
    const rows = isRefused(column) ? { [REFUSAL]: refuses } : FEATURES;
    for (const [row, feature] of Object.entries(rows)) {
      cells.push({ row, ...column, failed: await attempt(new Kit(packages, url, column), feature) });
    }
  }
  return cells;
}

async function attempt(kit, feature) {
  try {
    await within(feature(kit), "the feature is done", LIMIT);
    return null;
  } catch (error) {
    return error.message;
  } finally {
    await kit.end().catch(() => {});
  }
}

/** The client refuses by itself; one that did not would be told by the server. */
async function refuses(kit) {
  const byClient = await failure(kit.connect());
  same(/'ServerSentEvents' does not support Binary/.test(byClient), true, `the error of the client (${byClient})`);
  const byServer =
    "Cannot use the 'messagepack' protocol on the current transport. The transport does not support 'Binary' transfer format.";
  same(await eventsAfter(`${kit.url}/interop`, '{"protocol":"messagepack","version":1}\x1e'), `:\r\ndata: {"error":"${byServer}"}\x1e\r\n\r\n`);
}

/** All events of a connection that says this and is then ended by the server. */
async function eventsAfter(hub, handshake) {
  const { connectionToken } = await (await fetch(`${hub}/negotiate?negotiateVersion=1`, { method: "POST" })).json();
  const place = `${hub}?id=${connectionToken}`;
  const events = await fetch(place, { headers: { accept: "text/event-stream" } });
  await fetch(place, { method: "POST", body: handshake });
  return events.text();
}
