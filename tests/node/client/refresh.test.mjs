// The generated connection renews its token before it ends: on the same connection, over every transport.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { DefaultHttpClient, HttpTransportType, NullLogger } from "@microsoft/signalr";

import { generated } from "../support/generated.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";
import { token } from "../support/tokens.mjs";

const server = serverForFile({ before, after });
const { OfficialLink, invoke } = await generated();

/** Now and then, in whole seconds of the Unix clock. */
const now = () => Math.floor(Date.now() / 1000);

/** Notes each request to renew with how it ended; `fails` of them do not reach the server. */
class Noted extends DefaultHttpClient {
  constructor(fails = 0) {
    super(NullLogger.instance);
    this.fails = fails;
    this.renewed = new Inbox();
  }

  async send(request) {
    const renews = request.url.includes("/refresh");
    if (renews && this.fails > 0) {
      this.fails -= 1;
      this.renewed.push("no network");
      throw new Error("no network");
    }
    try {
      const response = await super.send(request);
      if (renews) {
        this.renewed.push(response.statusCode);
      }
      return response;
    } catch (error) {
      if (renews) {
        this.renewed.push(error.statusCode);
      }
      throw error;
    }
  }
}

/** A link whose first token is good for some seconds, and what the page is told. */
async function connect(context, { seconds, next, fails, transport = "WebSockets" }) {
  const exp = now() + seconds;
  const tokens = [token({ sub: "ann", exp })];
  const httpClient = new Noted(fails);
  const accessTokenFactory = () => tokens.shift() ?? next();
  const http = { httpClient, accessTokenFactory, transport: HttpTransportType[transport] };
  const link = new OfficialLink(`${server().url}/members`, { http, retry: () => 30 }, () => {});
  const states = new Inbox();
  link.subscribe(({ state }) => states.push(state));
  context.after(() => link.stop());
  await within(link.start(), "the link starts");
  states.drain();
  return { link, exp, states, renewed: httpClient.renewed };
}

/** Waits until the first token has ended on the server. */
const ended = (exp) => new Promise((resolve) => setTimeout(resolve, exp * 1000 + 1_500 - Date.now()));

for (const transport of ["WebSockets", "ServerSentEvents", "LongPolling"]) {
  test(`${transport}: the connection goes on with the new token, and has its claims`, async (context) => {
    const next = () => token({ sub: "ann", role: "admin" });
    const { link, exp, states, renewed } = await connect(context, { seconds: 5, next, transport });
    const id = link.connection.connectionId;
    await assert.rejects(invoke(link.connection, "AdminOnly"), { reason: "unauthorized" });
    assert.equal(await renewed.next("it renews"), 200);
    assert.ok(Date.now() < exp * 1000, "before the old token ended");
    assert.equal(await invoke(link.connection, "AdminOnly"), "done");
    await ended(exp);
    assert.equal(await invoke(link.connection, "Who"), "ann");
    assert.deepEqual([link.connection.connectionId, states.drain()], [id, []]);
  });
}

test("a network that fails once is tried again", async (context) => {
  const next = () => token({ sub: "ann" });
  const { link, exp, states, renewed } = await connect(context, { seconds: 8, next, fails: 1 });
  assert.equal(await renewed.next("it tries"), "no network");
  assert.equal(await renewed.next("it tries again"), 200);
  await ended(exp);
  assert.equal(await invoke(link.connection, "Who"), "ann");
  assert.deepEqual(states.drain(), []);
});

test("another user is another connection", async (context) => {
  const next = () => token({ sub: "bob" });
  const { link, states, renewed } = await connect(context, { seconds: 4, next });
  const id = link.connection.connectionId;
  assert.equal(await renewed.next("it tries"), 403);
  await states.find((state) => state === "reconnecting", "the connection ends with its token");
  await states.find((state) => state === "connected", "and is made again");
  assert.equal(await invoke(link.connection, "Who"), "bob");
  assert.notEqual(link.connection.connectionId, id);
});

test("a link that is stopped renews nothing", async (context) => {
  const asked = [];
  const next = () => {
    asked.push("a token");
    return token({ sub: "ann" });
  };
  const { link, exp } = await connect(context, { seconds: 3, next });
  await within(link.stop(), "it stops");
  await ended(exp);
  assert.deepEqual(asked, []);
});
