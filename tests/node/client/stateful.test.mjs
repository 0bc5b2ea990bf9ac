// Stateful reconnect with the official client, unmodified: a session of 50 messages each way that is cut at random bytes,
// in both directions, also while messages are sent again and while they are acknowledged. Each message comes once, in
// order.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HttpTransportType, HubConnectionBuilder, JsonHubProtocol, LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { Cutter } from "../support/cutter.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const MESSAGES = 50;

/** How many sessions are cut in each of the four tables. */
const SESSIONS = Number(process.env.HUBS_SOAK === "1" ? 2_000 : 120);

/** Sessions that run at once. */
const AT_ONCE = 12;

const PROTOCOLS = { json: () => new JsonHubProtocol(), messagepack: () => new MessagePackHubProtocol() };

const server = serverForFile({ before, after });

/** Numbers from a seed, so that a failure can be repeated. */
function random(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A client behind `cutter`. */
async function connect(cutter, protocol, path = "/resume") {
  const connection = new HubConnectionBuilder()
    .withUrl(`${cutter.url}${path}`, { transport: HttpTransportType.WebSockets })
    .withHubProtocol(PROTOCOLS[protocol]())
    .withStatefulReconnect()
    .configureLogging(LogLevel.None)
    .build();
  const received = [];
  const said = new Inbox();
  connection.on("Receive", (why, text) => {
    received.push(text);
    said.push(text);
  });
  const closed = new Promise((resolve) => connection.onclose((error) => resolve(error ?? null)));
  await within(connection.start(), "the connection starts");
  return { connection, received, said, closed };
}

/** Calls and is called 50 times. `pause` lets acknowledgements come in between. */
async function session(cutter, protocol, pause) {
  const { connection, received, closed } = await connect(cutter, protocol);
  const ended = closed.then((error) => Promise.reject(new Error(`the connection ended: ${error?.message}`)));
  ended.catch(() => {});
  const answers = [];
  const calls = [];
  for (let number = 0; number < MESSAGES; number += 1) {
    calls.push(connection.invoke("Echo", `${number}`).then((answer) => answers.push(answer)));
    calls.push(connection.send("SayToCaller", `${number}`));
    if (pause > 0 && number % 10 === 9) {
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
  await within(Promise.race([Promise.all(calls), ended]), "all calls are answered", 20_000);
  // What was pushed before this answer has come before it.
  await within(Promise.race([connection.invoke("Echo", "last"), ended]), "the last call is answered", 20_000);
  const expected = Array.from({ length: MESSAGES }, (_, number) => `${number}`);
  assert.deepEqual(received, expected, "what the server sent");
  assert.deepEqual(answers, expected, "what the server answered");
  await connection.stop();
}

/** Runs `count` sessions, some at once. */
async function many(context, count, run) {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const number = next;
      next += 1;
      await run(number);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

for (const protocol of Object.keys(PROTOCOLS)) {
  describe(protocol, () => {
    for (const from of ["client", "server"]) {
      test(`case 48: cut at any byte that the ${from} sends, also of the messages that are sent again`, { timeout: 110_000 }, async (context) => {
        // How much a session is, uncut.
        const whole = await Cutter.start(context, server().url);
        await session(whole, protocol, 0);
        const length = whole.counted[0][from].count;
        assert.ok(length > 1_000);
        let cuts = 0;
        await many(context, SESSIONS, async (number) => {
          const pick = random(number + 1);
          const cutter = await Cutter.start(context, server().url);
          const other = from === "client" ? "server" : "client";
          // After the handshake: before it there is nothing to resume.
          cutter.plan = [{ from, after: 120 + pick(length - 120) }];
          for (let again = pick(4); again > 0; again -= 1) {
            cutter.plan.push({ from: pick(2) === 0 ? from : other, after: 60 + pick(length / 2) });
          }
          await session(cutter, protocol, 0).catch((error) => {
            throw new Error(`session ${number}: ${error.message}`, { cause: error });
          });
          cuts += cutter.cuts;
        });
        assert.ok(cuts >= SESSIONS, `${cuts} cuts`);
      });
    }

    test("case 48: cut while acknowledgements are on their way", { timeout: 110_000 }, async (context) => {
      await many(context, 36, async (number) => {
        const pick = random(number + 77);
        const cutter = await Cutter.start(context, server().url);
        cutter.plan = [];
        const cuts = [1, 2, 3].map(() => setTimeout(() => cutter.cutOpen(), 990 + pick(2_200)));
        await session(cutter, protocol, 700);
        cuts.forEach(clearTimeout);
      });
    });
  });
}

test("a call that was under way is answered over the next socket, and groups stay", async (context) => {
  const cutter = await Cutter.start(context, server().url);
  const { connection, said } = await connect(cutter, "json");
  const id = connection.connectionId;
  await connection.invoke("Join", "those who stay");
  const slow = connection.invoke("Slow", 300);
  cutter.cutAll();
  assert.equal(await within(slow, "the slow call is answered"), 300);
  await connection.invoke("SayToGroup", "those who stay", "still here");
  assert.equal(await said.next(), "still here");
  assert.equal(await connection.invoke("ConnectionId"), id);
  assert.equal(cutter.counted.length, 2, "without a new connection");
  await connection.stop();
});

test("the client goes on with what the server has closed: it ends as without stateful reconnect", async (context) => {
  const cutter = await Cutter.start(context, server().url);
  const { connection, closed } = await connect(cutter, "json");
  connection.send("Abort").catch(() => {});
  assert.equal(await within(closed, "the connection ends"), null);
});
