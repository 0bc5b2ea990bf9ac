// The official client with JSON Web Tokens, over every transport: by a provider, a header and the query; refused, expired.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { HttpTransportType, HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import WebSocket from "ws";

import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";
import { token } from "../support/tokens.mjs";

const server = serverForFile({ before, after });
const TRANSPORTS = ["WebSockets", "ServerSentEvents", "LongPolling"];

async function connected(context, transport, { query = "", ...options }) {
  const connection = new HubConnectionBuilder()
    .withUrl(`${server().url}/members${query}`, { transport: HttpTransportType[transport], ...options })
    .configureLogging(LogLevel.None)
    .build();
  context.after(() => connection.stop());
  await within(connection.start(), "the start");
  return connection;
}

/** How a token is given to the client. */
const WAYS = {
  "by a provider": (token) => ({ accessTokenFactory: () => token }),
  "by a header": (token) => ({ headers: { Authorization: `Bearer ${token}` } }),
  "by the query": (token) => ({ query: `?access_token=${token}` }),
};

for (const transport of TRANSPORTS) {
  for (const [way, options] of Object.entries(WAYS)) {
    test(`${transport}: a token ${way}`, async (context) => {
      const connection = await connected(context, transport, options(token({ sub: "ann" })));
      assert.equal(await within(connection.invoke("Who"), "Who"), "ann");
      await assert.rejects(within(connection.invoke("AdminOnly"), "AdminOnly"), {
        message: "Failed to invoke 'AdminOnly' because user is unauthorized",
      });
      assert.equal(await within(connection.invoke("Who"), "Who"), "ann", "the connection goes on");
    });
  }

  test(`${transport}: a role`, async (context) => {
    const options = { accessTokenFactory: () => token({ sub: "bob", role: ["admin"] }) };
    const connection = await connected(context, transport, options);
    assert.equal(await within(connection.invoke("AdminOnly"), "AdminOnly"), "done");
  });

  test(`${transport}: no token, a bad one and one that has expired are refused`, async (context) => {
    const now = Math.floor(Date.now() / 1000);
    const bad = [token({ sub: "ann" }, Buffer.alloc(32, 8)), token({ sub: "ann", exp: now - 5 }), token({ exp: undefined })];
    const tried = bad.flatMap((bad) => Object.values(WAYS).map((way) => way(bad)));
    for (const options of [{}, ...tried]) {
      await assert.rejects(connected(context, transport, options), /Unauthorized|401/);
    }
  });

  test(`${transport}: the connection ends with its token`, async (context) => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const connection = await connected(context, transport, { accessTokenFactory: () => token({ sub: "ann", exp }) });
    const closed = new Promise((resolve) => connection.onclose(resolve));
    assert.equal(await within(connection.invoke("Who"), "Who"), "ann");
    await within(closed, "the end of the token");
    assert.ok(Date.now() >= exp * 1000 - 100, "not before");
  });
}

test("after negotiation the client sends a ticket, and the token no more", async (context) => {
  const sent = [];
  class Watched extends WebSocket {
    constructor(url, protocols, options) {
      super(url, protocols, options);
      sent.push(`${url} ${JSON.stringify(options?.headers ?? {})}`);
    }
  }
  const secret = token({ sub: "ann" });
  const options = { accessTokenFactory: () => secret, WebSocket: Watched };
  const connection = await connected(context, "WebSockets", options);
  assert.equal(await within(connection.invoke("Who"), "Who"), "ann");
  assert.equal(sent.length, 1);
  assert.ok(sent[0].includes("ticket.") && !sent[0].includes(secret), sent[0]);
});
