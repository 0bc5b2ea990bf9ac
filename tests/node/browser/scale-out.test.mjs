// examples/scale-out as a person uses it: three nodes behind a round-robin HAProxy, pages in Chromium on different nodes, and a
// node that is killed.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { HttpTransportType, HubConnectionBuilder } from "@microsoft/signalr";

import { freePort, launch, Visitor } from "../support/chat.mjs";
import { binary, Program } from "../support/server.mjs";
import { Inbox, LIMIT, within } from "../support/time.mjs";

/** How many prices move in a second: few, so that two pages can be read at one moment. */
const RATE = 100;

/** The example, with the numbers of the processes of each node. */
class Cluster {
  static async start() {
    const cluster = new Cluster();
    const [chat, board] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    const env = { HUBS_CHAT_ADDR: chat, HUBS_TICKER_ADDR: board, HUBS_TICKER_RATE: `${RATE}`, HUBS_CHAT_ANNOUNCE_SECONDS: "3600" };
    cluster.program = new Program(binary("scale-out"), { env });
    cluster.chat = `http://${chat}`;
    cluster.board = `http://${board}`;
    cluster.nodes = new Map();
    try {
      for (const number of [1, 2, 3]) {
        const line = await cluster.program.lines.find((line) => line.includes(`node ${number} `), `node ${number} runs`, 2 * LIMIT);
        cluster.nodes.set(`node-${number}`, line.match(/\d+/g).slice(-2).map(Number));
      }
    } catch (error) {
      throw new Error(`${error.message}; it said:\n${cluster.program.words.join("\n")}`);
    }
    return cluster;
  }

  /** Ends both processes of a node as a power cut does. */
  kill(node) {
    for (const pid of this.nodes.get(node)) process.kill(pid, "SIGKILL");
  }

  /** As Ctrl-C. */
  async stop() {
    this.program.child.kill("SIGINT");
    return within(this.program.ended, "all programs end", 3 * LIMIT);
  }
}

describe("three nodes behind HAProxy", () => {
  let cluster;
  let browser;
  before(async () => {
    [cluster, browser] = await Promise.all([Cluster.start(), launch()]);
  });
  after(async () => {
    await browser?.close();
    if (cluster !== undefined) assert.deepEqual(await cluster.stop(), { code: 0, signal: null });
  });

  /** A visitor whose WebSocket is on a node that fits; `enter` brings the page to its connection. */
  async function visit(url, enter, fits) {
    for (let tries = 0; tries < 12; tries += 1) {
      const visitor = await Visitor.open(browser, "about:blank");
      const session = await visitor.context.newCDPSession(visitor.page);
      session.on("Network.webSocketHandshakeResponseReceived", ({ response }) => {
        const name = Object.keys(response.headers).find((name) => name.toLowerCase() === "x-node");
        visitor.node = response.headers[name];
      });
      await session.send("Network.enable");
      await visitor.page.goto(url);
      await enter(visitor);
      if (fits(visitor.node)) return visitor;
      await visitor.close();
      // A page makes the same number of requests each time, and could come to the same node for ever: one more is the next node's.
      await within(fetch(url), "one more request");
    }
    throw new Error("no page came to such a node");
  }

  /** All prices on a board, and on another one at the same moment. */
  const prices = (...boards) => Promise.all(boards.map((board) => board.at("prices").locator("li .price").allInnerTexts()));

  /** Waits until two boards show the same prices: between two prices they do. */
  async function agree(one, two) {
    const until = Date.now() + LIMIT;
    for (;;) {
      const [first, second] = await prices(one, two);
      if (first.length === 200 && first.join() === second.join()) return;
      const different = first.filter((price, at) => price !== second[at]).length;
      assert.ok(Date.now() < until, `${different} of ${first.length} prices are different`);
    }
  }

  /** Waits until a board shows another price somewhere. */
  async function moves(board) {
    const [before] = await prices(board);
    const differs = (before) => [...document.querySelectorAll('[data-testid="prices"] li .price')].map((price) => price.innerText).join() !== before;
    await board.page.waitForFunction(differs, before.join(), { timeout: LIMIT });
  }

  test("each price is moved once, by one node for all", async () => {
    const connection = new HubConnectionBuilder()
      .withUrl(`${cluster.board}/ticker`, { transport: HttpTransportType.LongPolling })
      .build();
    const moved = new Inbox();
    connection.on("PriceMoved", ({ symbol }) => moved.push(symbol));
    await within(connection.start(), "the connection over long polling, each poll on the next node");
    const symbols = (await within(connection.invoke("Quotes"), "the quotes")).map(({ symbol }) => symbol);
    await within(connection.invoke("Watch", symbols), "the symbols are watched");
    // A node moves the prices in the order of their symbols. With two of them, their orders would mix.
    let at = symbols.indexOf(await moved.next("a price"));
    for (let count = 0; count < 2 * RATE; count += 1) {
      at = (at + 1) % symbols.length;
      assert.equal(await moved.next("the next price"), symbols[at]);
    }
    await within(connection.stop(), "the connection ends");
  });

  test("a node is killed: people go on talking, nothing is missing, and prices move on", async () => {
    const board = (visitor) => visitor.is("connected");
    // The first node moves the prices, because it was there first.
    const ada = await visit(cluster.chat, (visitor) => visitor.enter("Ada"), (node) => node === "node-1");
    const bob = await visit(cluster.chat, (visitor) => visitor.enter("Bob"), (node) => node !== "node-1");
    const cat = await visit(cluster.board, board, (node) => node === "node-1");
    const dan = await visit(cluster.board, board, (node) => node !== "node-1");
    await ada.sees("members", "Bob");
    await bob.sees("members", "Ada");
    await bob.at("message-input").pressSequentially("Hello");
    await ada.sees("typing", "Bob is typing");
    await agree(cat, dan);
    for (const visitor of [cat, dan]) await visitor.sees("watching", "2 watching");
    await ada.picture("scale-out-chat");

    const texts = Array.from({ length: 20 }, (_, n) => [`Ada says ${n}.`, `Bob says ${n}.`]).flat();
    for (const [n, text] of texts.entries()) {
      if (n === 20) {
        // She finds no other node before Bob has spoken on.
        await ada.context.setOffline(true);
        cluster.kill("node-1");
      }
      await (text.startsWith("Ada") ? ada : bob).say(text);
    }
    await bob.sees("message", texts.at(-1));
    await ada.context.setOffline(false);
    for (const visitor of [ada, bob]) {
      await visitor.misses("pending", "");
      for (const text of texts) await visitor.sees("message", text);
      await visitor.is("connected");
    }
    const said = async (visitor) => (await visitor.at("message").locator(".bubble").allInnerTexts()).map((text) => text.trim());
    assert.deepEqual(await said(ada), await said(bob));
    assert.deepEqual((await said(ada)).sort(), [...texts].sort());
    assert.notEqual(ada.node, "node-1");
    // Her page says that it got what Bob said while it was away; his page was never away.
    await ada.picture("scale-out-recovered");
    const told = await ada.at("notice").filter({ hasText: "Connected again" }).innerText();
    assert.ok(Number(told.match(/(\d+) missed messages recovered/)?.[1]) >= 10, told);
    assert.equal(await bob.at("notice").filter({ hasText: "Connected again" }).count(), 0);
    // Both see the two of them, once each: she was back before she was missed, though her node is gone.
    for (const visitor of [ada, bob]) {
      const names = await visitor.at("member").locator(".name").allInnerTexts();
      assert.deepEqual(names.map((name) => name.replace(" you", "")).sort(), ["Ada", "Bob"]);
      assert.equal(await visitor.at("notice").filter({ hasText: " left" }).count(), 0);
    }

    await cat.is("connected");
    for (const visitor of [cat, dan]) await moves(visitor);
    await agree(cat, dan);
    // Cat is a guest, and one of two on her new node, too.
    for (const visitor of [cat, dan]) {
      await visitor.sees("watching", "2 watching");
      await visitor.sees("watchers", "You and 1 guest are watching");
    }
    await cat.picture("scale-out-board");
    await bob.picture("scale-out-chat-after");
    assert.deepEqual([bob.complaints, dan.complaints], [[], []]);
    await Promise.all([ada, bob, cat, dan].map((visitor) => visitor.close()));
  });
});
