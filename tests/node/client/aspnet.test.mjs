// The generated connection against a real ASP.NET Core SignalR server, which `HUBS_ASPNET` starts: a command that serves
// the hubs of its `/resume` on the port in `PORT`. Without it nothing is tested here, and the tests say that.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";

import WebSocket from "ws";

import { freePort } from "../support/chat.mjs";
import { Cutter } from "../support/cutter.mjs";
import { generated } from "../support/generated.mjs";
import { Inbox, within } from "../support/time.mjs";

const COMMAND = process.env.HUBS_ASPNET;
const missing = COMMAND === undefined && "HUBS_ASPNET is not set: NOTHING was tested against ASP.NET Core";
if (missing) {
  console.error(`\n*** ${missing}. Set it to a command that starts the server. ***\n`);
}

const { OfficialLink, invoke } = await generated();

describe("against ASP.NET Core", { skip: missing }, () => {
  let server;
  let url;

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    server = spawn("/bin/sh", ["-c", `exec ${COMMAND}`], { env: { ...process.env, PORT: `${port}` }, stdio: "ignore" });
    const up = async () => {
      for (;;) {
        const answer = await fetch(`${url}/resume/negotiate?negotiateVersion=1`, { method: "POST" }).catch(() => undefined);
        if (answer?.ok) {
          return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    // The first time it may have to unpack a runtime.
    await within(up(), "ASP.NET Core answers", 90_000);
  });
  after(() => server?.kill());

  async function connect(context, options) {
    const cutter = await Cutter.start(context, url);
    const link = new OfficialLink(`${cutter.url}/resume`, { retry: () => 30, http: { WebSocket }, ...options }, () => {});
    const states = new Inbox();
    link.subscribe(({ state }) => states.push(state));
    context.after(() => link.stop());
    await within(link.start(), "the link starts");
    return { cutter, link, until: (state) => states.find((it) => it === state, `the state is ${state}`) };
  }

  test("a connection survives the loss of its socket, again and again, and each message comes once", async (context) => {
    const { cutter, link, until } = await connect(context, { statefulReconnect: true });
    const id = link.connection.connectionId;
    const received = [];
    link.connection.on("Receive", (why, text) => received.push(text));
    const expected = [];
    for (let round = 0; round < 10; round += 1) {
      const calls = Array.from({ length: 20 }, (_, number) => {
        expected.push(`${round}-${number}`);
        return invoke(link.connection, "SayToCaller", `${round}-${number}`);
      });
      const slow = invoke(link.connection, "Slow", 50);
      // So that the server notices the loss before the client comes back: it refuses a client whose old socket looks alive.
      await invoke(link.connection, "Echo", "all are there");
      cutter.cutAll();
      await until("resuming");
      await within(Promise.all([...calls, slow]), `round ${round} is answered`);
      await until("connected");
    }
    assert.deepEqual(received, expected);
    assert.equal(link.connection.connectionId, id);
  });

  test("without the option a cut is a new connection", async (context) => {
    const { cutter, link, until } = await connect(context, {});
    const id = link.connection.connectionId;
    cutter.cutAll();
    await until("reconnecting");
    await until("connected");
    assert.notEqual(link.connection.connectionId, id);
  });
});
