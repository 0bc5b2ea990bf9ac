// Streams that go on over another connection. Runs in Node and in a page, so it imports nothing: `OfficialLink` and
// `resumable` are the generated ones, `cut` cuts the connection.

const ITEMS = 1_000;
const CUTS = 10;

/** Reads a stream of 1 000 items that is cut ten times. Returns the items and how often the link reconnected. */
export async function readsThroughCuts({ OfficialLink, resumable, url, http, cut }) {
  const link = new OfficialLink(`${url}/interop`, { retry: () => 10, http }, () => {});
  let reconnects = 0;
  link.subscribe(({ state }) => (reconnects += state === "reconnecting" ? 1 : 0));
  await link.start();
  const items = [];
  let cuts = 0;
  for await (const item of resumable(link.connection, "Ticks", ITEMS)) {
    items.push(item);
    if (cuts < CUTS && items.length === (cuts + 1) * (ITEMS / (CUTS + 1) | 0)) {
      cuts += 1;
      await cut();
    }
  }
  await link.stop();
  return { items, cuts, reconnects };
}

/** What is wrong with what was read, or nothing. */
export function mistakes({ items, cuts, reconnects }) {
  const expected = Array.from({ length: ITEMS }, (_, number) => number);
  const wrong = expected.findIndex((number, at) => items[at] !== number);
  return [
    ...(items.length === ITEMS && wrong < 0 ? [] : [`${items.length} items, the first wrong one at ${wrong}`]),
    ...(cuts === CUTS && reconnects >= CUTS ? [] : [`${cuts} cuts, ${reconnects} reconnects`]),
  ];
}

/** Reads a stream of a server that keeps too little, is cut often, and returns how the stream ended. */
export async function isToldOfAGap({ OfficialLink, resumable, url, http, cut }) {
  const link = new OfficialLink(`${url}/interop-forgets`, { retry: () => 10, http }, () => {});
  await link.start();
  let count = 0;
  try {
    for await (const page of resumable(link.connection, "Pages", 5_000)) {
      count += page.length === 1_000 ? 1 : 0;
      // A cut loses what is on its way, which on a busy machine may be no more than the server keeps: so there are many.
      if (count % 200 === 1) {
        await cut();
      }
    }
    return { count, error: undefined };
  } catch (error) {
    return { count, error: { name: error.name, reason: error.reason, text: error.text } };
  } finally {
    await link.stop();
  }
}

/** How a stream ends whose next item is not kept. */
export const GAP = {
  name: "HubCallError",
  reason: "server",
  text: "The stream cannot be resumed: the server does not have the next item any more.",
};
