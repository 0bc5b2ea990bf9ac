// Fills the table: every feature over every transport with every protocol. Runs in Node and in a browser.

import { FEATURES } from "./features/index.mjs";
import { COLUMNS, failure, isRefused, Kit, same } from "./kit.mjs";
import { within } from "../support/time.mjs";

/** The row that has the refusal. */
export const REFUSAL = "refused, with SignalR's text";

/** The rows of the table. */
export const ROWS = [...Object.keys(FEATURES), REFUSAL];

/** How long one feature may take in one column. */
const LIMIT = 30_000;

/** Runs everything; gives cells `{ row, transport, protocol, failed }`, where `failed` is a text or null. */
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

/** The client refuses by itself; where it does not notice, the server does. */
async function refuses(kit) {
  const start = (hubProtocol) => kit.connect({ hubProtocol });
  const byClient = await failure(start(kit.hubProtocol()));
  same(/'ServerSentEvents' does not support Binary/.test(byClient), true, `that the client says so (${byClient})`);
  const disguised = Object.assign(kit.hubProtocol(), { transferFormat: kit.signalR.TransferFormat.Text });
  const byServer =
    "Server returned handshake error: Cannot use the 'messagepack' protocol on the current transport. The transport does not support 'Binary' transfer format.";
  same(await failure(start(disguised)), byServer);
}
