// A page of another site in the browser of a person who is signed in to the chat: its requests carry what the browser adds
// to them, and reach nothing. B3 test 3 in docs/authentication.md, in a real browser.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";

import { ChatServer, launch, Visitor } from "../support/chat.mjs";
import { LIMIT } from "../support/time.mjs";

/** A page of another origin, on this machine. */
async function elsewhere(context) {
  const server = createServer((_, response) => response.setHeader("Content-Type", "text/html").end("<title>evil</title>"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

/** What the server answers to each path, which the page itself is not told. The browser's events come in no order. */
async function watched(page) {
  const [paths, statuses] = [new Map(), new Map()];
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) => paths.set(requestId, new URL(request.url).pathname));
  devtools.on("Network.responseReceivedExtraInfo", ({ requestId, statusCode }) => statuses.set(requestId, statusCode));
  return async (path) => {
    for (const end = performance.now() + LIMIT; ; await setTimeout(20)) {
      const answered = [...paths].find(([id, requested]) => requested === path && statuses.has(id));
      if (answered) {
        return statuses.get(answered[0]);
      }
      assert.ok(performance.now() < end, `the browser tells no answer to ${path}`);
    }
  };
}

/** Runs in the page: tries every way in, and returns what became of each. */
async function tryAll(chat) {
  const sends = (path, options) =>
    fetch(`${chat}${path}`, { credentials: "include", ...options }).then(
      ({ status }) => `status ${status}`,
      () => "failed",
    );
  const opens = (source) =>
    new Promise((resolve) => {
      source.onopen = () => resolve("open");
      source.onerror = () => resolve("failed");
    });
  return {
    negotiate: await sends("/chat/negotiate?negotiateVersion=1", { method: "POST" }),
    poll: await sends("/chat?id=any", {}),
    post: await sends("/chat?id=any", { method: "POST", body: "{}" }),
    refresh: await sends("/chat/refresh?id=any", { method: "POST" }),
    signIn: await sends("/sign-in", { method: "POST", body: JSON.stringify({ name: "Mallory", moderator: true }) }),
    socket: await opens(new WebSocket(`${chat.replace("http", "ws")}/chat`)),
    events: await opens(new EventSource(`${chat}/chat?id=any`, { withCredentials: true })),
  };
}

test("b3_03: a page of another origin gets in by no way, with the cookie of the person who visits it", async (context) => {
  const server = await ChatServer.start();
  context.after(() => server.stop());
  const browser = await launch();
  context.after(() => browser.close());
  const grace = await Visitor.open(browser, server.url);
  await grace.at("account").selectOption("moderator");
  await grace.enter("Grace");
  await grace.sees("members", "Grace");
  const cookie = async () => (await grace.context.cookies()).find(({ name }) => name === "__Host-hubs-session")?.value;
  const before = await cookie();
  assert.ok(before, "she is signed in");

  const evil = await grace.context.newPage();
  const answer = await watched(evil);
  // The same host under another port is another origin, but the same site, so that the browser sends the cookie.
  await evil.goto(await elsewhere(context));
  assert.deepEqual(await evil.evaluate(tryAll, server.url), {
    negotiate: "failed",
    poll: "failed",
    post: "failed",
    refresh: "failed",
    signIn: "failed",
    socket: "failed",
    events: "failed",
  });
  assert.equal(await answer("/chat/negotiate"), 403, "the server refused it, and not the browser alone");
  assert.equal(await answer("/sign-in"), 403);
  assert.equal(await cookie(), before, "she is who she was");
  await grace.say("still here");
  await grace.sees("message", "still here");
});
