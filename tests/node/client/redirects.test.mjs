// How the official client reaches a hub indirectly: it falls back, follows redirects, and sends along what it
// was given.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HttpTransportType } from "@microsoft/signalr";

import { clients } from "../support/client.mjs";
import { isEvents, isNegotiate, isUpgrade, proxy } from "../support/proxy.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const { WebSockets, ServerSentEvents, LongPolling } = HttpTransportType;
const ANY = WebSockets | ServerSentEvents | LongPolling;
const REFUSED = { status: 400 };

for (const [transport, refuses] of [
  ["WebSockets", () => false],
  ["ServerSentEvents", isUpgrade],
  ["LongPolling", (request) => isUpgrade(request) || isEvents(request)],
]) {
  test(`falls back to ${transport}`, async (context) => {
    const { url, seen } = await proxy(context, server().url, (request) => (refuses(request) ? REFUSED : undefined));
    const client = await clients(context)(`${url}/fixture`, { transport: ANY });
    assert.equal((await client.invoke("WhoAmI")).transport, transport);
    const negotiated = seen.filter(isNegotiate).length;
    assert.equal(negotiated, ["WebSockets", "ServerSentEvents", "LongPolling"].indexOf(transport) + 1, "each try anew");
  });
}

test("follows where negotiation sends it, with the token it is given there", async (context) => {
  const there = await proxy(context, server().url);
  const body = JSON.stringify({ url: `${there.url}/fixture?from=elsewhere`, accessToken: "NEW" });
  const moved = { status: 200, headers: { "content-type": "application/json" }, body };
  const { url, seen } = await proxy(context, server().url, (request) => (isNegotiate(request) ? moved : undefined));
  const client = await clients(context)(`${url}/fixture`, { accessTokenFactory: () => "OLD" });
  assert.match((await client.invoke("WhoAmI")).query, /from=elsewhere/);
  assert.deepEqual(seen.map((request) => request.headers.authorization), ["Bearer OLD"]);
  assert.deepEqual(there.seen.map((request) => request.headers.authorization), ["Bearer NEW", "Bearer NEW"]);
});

for (const [name, transport] of Object.entries({ WebSockets, ServerSentEvents, LongPolling })) {
  test(`brings its token and its cookies along, ${name}`, async (context) => {
    const sticky = { headers: { "set-cookie": "node=7; Path=/" } };
    const { url, seen } = await proxy(context, server().url, (request) => (isNegotiate(request) ? sticky : undefined));
    const client = await clients(context)(`${url}/fixture`, { transport, accessTokenFactory: () => "T0K" });
    assert.equal((await client.invoke("WhoAmI")).transport, name);
    assert.ok(seen.length >= 2);
    // Where the client can send no header, as for event sources, the token is in the query.
    const token = ({ url, headers }) => headers.authorization ?? `Bearer ${new URL(url, "http://a").searchParams.get("access_token")}`;
    assert.ok(seen.every((request) => token(request) === "Bearer T0K"));
    const later = seen.filter((request) => !isNegotiate(request));
    assert.ok(later.every(({ headers }) => headers.cookie?.startsWith("node=7")));
  });
}
