// People at the trading board, each with a page in a real browser: what they watch, order, and read.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { launch, TickerServer, Visitor } from "../support/chat.mjs";

const PHONE = { size: { width: 390, height: 844 }, phone: true, dark: true };

/** Notes each other number of people who watch, from now on. */
function noteCounts() {
  globalThis.counts = [];
  const place = document.querySelector(".live");
  new MutationObserver(() => globalThis.counts.push(place.innerText)).observe(place, { subtree: true, childList: true, characterData: true });
}

describe("the trading board", () => {
  let server;
  let browser;
  let ada;
  let bob;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    server = await TickerServer.start();
    ada = await Visitor.open(browser, server.url);
    bob = await Visitor.open(browser, server.url, PHONE);
    await Promise.all([ada.is("connected"), bob.is("connected")]);
  });
  afterEach(async () => {
    await Promise.all([ada?.close(), bob?.close()]);
    await server?.stop();
  });

  async function signIn(visitor, name, trader) {
    await visitor.at("sign-in").click();
    await visitor.at("name").fill(name);
    await visitor.at("trader").setChecked(trader);
    await visitor.at("enter").click();
    await visitor.sees("me", name);
    await visitor.is("connected");
  }

  /** Waits until a price is another one. */
  async function moves(visitor, symbol) {
    const before = await visitor.at(`row-${symbol}`).locator(".price").innerText();
    await visitor.at(`row-${symbol}`).locator(".price").filter({ hasNotText: before }).waitFor();
  }

  test("prices move, in the sector that is chosen", async () => {
    await moves(ada, "ALDE");
    assert.equal(await ada.at("prices").locator("li").count(), 200);
    await ada.at("sector-Foods").click();
    await ada.at("row-ALDE").waitFor({ state: "detached" });
    assert.equal(await ada.at("prices").locator("li").count(), 20);
    await moves(ada, "BIRF");
    await ada.at("row-BIRF").click();
    await ada.sees("selected", "BIRF");
    await ada.at("chart").locator("canvas").waitFor();
    await ada.picture("ticker-desktop");
    await bob.picture("ticker-phone-dark");
    assert.deepEqual([ada.complaints, bob.complaints], [[], []]);
  });

  test("a trader trades and all see it; who is none is refused and told so", async () => {
    await signIn(ada, "Ada", true);
    await signIn(bob, "Bob", false);
    await bob.at("tab-Trade").click();
    await bob.at("buy").click();
    await bob.sees("error", "Only traders may trade.");
    await bob.picture("ticker-refused-phone-dark");

    await ada.at("quantity").fill("25");
    await ada.at("sell").click();
    await ada.sees("receipts", "Sold 25 ALDE at");
    await ada.at("basket-toggle").click();
    await ada.at("basket").fill("buy 3 BIRS\n\nsell 1 NONE\nbuy 0 ALDE\nbuy 4 cede");
    await ada.at("send").click();
    await ada.sees("receipts", "Bought 4 CEDE at");
    assert.deepEqual((await ada.at("receipts").locator("li").allInnerTexts()).map((text) => text.replace(/at [\d,.]+$/, "at ..")), [
      "Bought 3 BIRS at ..",
      'NONE: There is no symbol "NONE".',
      "ALDE: An order is for 1 to 10000 shares.",
      "Bought 4 CEDE at ..",
    ]);
    await bob.at("tab-Activity").click();
    for (const text of ["Ada sold 25 ALDE", "Ada bought 3 BIRS", "Ada bought 4 CEDE"]) {
      await bob.sees("trades", text);
    }
    assert.deepEqual([ada.complaints, bob.complaints], [[], []]);
  });

  test("who watches is on every page, and who has left is gone", async () => {
    await ada.sees("watching", "2 watching");
    await bob.sees("watchers", "You and 1 guest are watching");
    await signIn(ada, "Ada Lovelace", true);
    await signIn(bob, "Bob", false);
    // The guests that they were are shown for 3 s more.
    await ada.sees("watchers", /^ALB\s*You and Bob are watching$/);
    await bob.sees("watchers", "You and Ada Lovelace are watching");
    await ada.sees("watching", "2 watching");
    await ada.picture("ticker-watching");
    await bob.picture("ticker-watching-phone-dark");

    // In another chart she is elsewhere, and still one of two. When her page is loaded again, she does not leave.
    await ada.at("row-ALDF").click();
    await ada.sees("watchers", "Only you are watching");
    await bob.sees("watchers", "Only you are watching");
    await bob.sees("watching", "2 watching");
    await bob.at("row-ALDF").click();
    await ada.sees("watchers", "You and Bob are watching");
    await bob.page.evaluate(noteCounts);
    await ada.page.reload();
    await ada.is("connected");
    await ada.sees("me", "Ada Lovelace");
    await ada.at("row-ALDF").click();
    await bob.sees("watchers", "You and Ada Lovelace are watching");
    assert.deepEqual(await bob.page.evaluate(() => globalThis.counts), []);

    await ada.close();
    await bob.sees("watchers", "Only you are watching");
    await bob.sees("watching", "1 watching");
    assert.deepEqual([ada.complaints, bob.complaints], [[], []]);
  });

  test("news that a program posts is on every page", async () => {
    const body = JSON.stringify({ text: "A <b>new</b> field", symbol: "BIRE" });
    const answer = await fetch(`${server.url}/news`, { method: "POST", headers: { "content-type": "application/json" }, body });
    assert.equal(answer.status, 204);
    await ada.sees("news", "BIRE A <b>new</b> field");
    await bob.at("tab-Activity").click();
    await bob.sees("news", "BIRE A <b>new</b> field");
  });

  test("after a restart the page is back, signed in, with the trades of before", async () => {
    await signIn(ada, "Ada", true);
    await ada.at("buy").click();
    await ada.sees("trades", "Ada bought 10 ALDE");
    await server.kill();
    await ada.sees("banner", "Connection lost");
    await ada.picture("ticker-lost");
    await server.up();
    await ada.is("connected");
    await moves(ada, "ALDE");
    await ada.at("sell").click();
    await ada.sees("trades", "Ada sold 10 ALDE");
    await ada.sees("trades", "Ada bought 10 ALDE");
    const cat = await Visitor.open(browser, server.url);
    await cat.sees("trades", "Ada bought 10 ALDE");
    await cat.close();
  });
});
