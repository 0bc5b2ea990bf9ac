// What people said outlives the server: it is killed in the middle of sending, on SQLite and on Postgres, and every message is
// there once. And what else the chat does with its history: older messages, links, a way in for programs.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { ChatServer, launch, Visitor } from "../support/chat.mjs";
import { Postgres } from "../support/postgres.mjs";
import { within } from "../support/time.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** The texts in a visitor's timeline, in their order. */
const bubbles = async (visitor) => (await visitor.at("message").locator(".bubble").allInnerTexts()).map((text) => text.trim());

/** Says something as a program does. */
const post = (server, body, type = "application/json") =>
  within(
    fetch(`${server.url}/rooms/lobby/messages`, { method: "POST", headers: { "content-type": type }, body: JSON.stringify(body) }),
    "the message is answered",
  );

for (const database of ["sqlite", "postgres"]) {
  describe(`killed while people talk, on ${database}`, () => {
    let postgres;
    let server;
    let ada;
    let bob;
    beforeEach(async () => {
      if (database === "postgres") postgres = await Postgres.start();
      server = await ChatServer.start(postgres === undefined ? {} : { DATABASE_URL: postgres.url });
      ada = await Visitor.open(browser, server.url);
      bob = await Visitor.open(browser, server.url);
      await ada.enter("Ada");
      await bob.enter("Bob");
      await ada.sees("members", "Bob");
    });
    afterEach(async () => {
      await Promise.all([ada?.close(), bob?.close()]);
      await server?.stop();
      await postgres?.stop();
    });

    test("nothing is shown twice, and nothing that was confirmed is missing", async () => {
      const texts = Array.from({ length: 60 }, (_, n) => `Ada says ${n}`);
      const confirmed = new Set();
      for (const [n, text] of texts.entries()) {
        await ada.say(text);
        if (n === 20 || n === 40) {
          // Some are confirmed, some are under way, and some are not sent yet.
          for (const shown of await bubbles(ada)) confirmed.add(shown);
          for (const waits of await ada.at("pending").locator(".bubble").allInnerTexts()) confirmed.delete(waits.trim());
          await server.kill();
          await ada.sees("banner", "Connection lost");
          await ada.sees("next-try", /Next try in \d+ s|Trying/);
        }
        if (n === 30) {
          await ada.sees("pending", "Sending as soon as the connection is back");
          await ada.sees("next-try", "messages wait");
          await server.up();
        }
      }
      assert.ok(confirmed.size > 0, "some were confirmed before the server was killed");
      await server.up();
      await ada.at("banner").getByRole("button", { name: "Try now" }).click({ timeout: 2_000 }).catch(() => {});
      await ada.misses("pending", "");
      for (const visitor of [ada, bob]) {
        await visitor.is("connected");
        await visitor.sees("message", texts.at(-1));
        // The timeline shows the last fifty; the rest is further up.
        await visitor.at("messages").evaluate((box) => (box.scrollTop = 0));
        await visitor.sees("message", texts[0]);
        assert.deepEqual(await bubbles(visitor), texts);
      }

      // The same after one more restart, for a person who comes in now.
      await server.drain();
      await server.up();
      const cat = await Visitor.open(browser, server.url);
      await cat.enter("Cat");
      await cat.sees("message", texts.at(-1));
      await cat.at("messages").evaluate((box) => (box.scrollTop = 0));
      await cat.sees("message", texts[0]);
      assert.deepEqual(await bubbles(cat), texts);
      await cat.close();
    });
  });
}

describe("the history", () => {
  let server;
  let ada;
  beforeEach(async () => {
    server = await ChatServer.start();
    ada = await Visitor.open(browser, server.url);
  });
  afterEach(async () => {
    await ada?.close();
    await server?.stop();
  });

  test("the first minute says what to try, and is gone with the second person", async () => {
    await ada.enter("Ada");
    await ada.sees("first-minute", "You are the first in #lobby");
    const [second] = await Promise.all([
      ada.context.waitForEvent("page"),
      ada.at("first-minute").getByRole("link", { name: "Open a second window" }).click(),
    ]);
    await second.getByTestId("name-input").fill("Ada in the other window");
    await second.getByTestId("name-submit").click();
    await ada.sees("members", "Ada in the other window");
    await ada.misses("first-minute", "You are the first");
    const contract = await within(fetch(`${server.url}/contract.rs`), "the contract");
    assert.match(await contract.text(), /pub trait ChatHub/);
    assert.deepEqual(ada.complaints, []);
  });

  test("a program says something, once, and every page in the room shows it", async () => {
    await ada.enter("Ada");
    const said = await post(server, { user: "CI", text: "The build is green: https://example.com/builds/7.", key: "build-7" });
    assert.equal(said.status, 201);
    const again = await post(server, { user: "CI", text: "The build is green: https://example.com/builds/7.", key: "build-7" });
    assert.deepEqual(await again.json(), await said.json());
    await ada.sees("message", "The build is green");
    const link = ada.at("message").getByRole("link");
    assert.equal(await link.getAttribute("href"), "https://example.com/builds/7");
    assert.match(await link.getAttribute("rel"), /noopener noreferrer/);
    assert.deepEqual(await bubbles(ada), ["The build is green: https://example.com/builds/7."]);

    const refused = await post(server, { user: "", text: "hello" });
    assert.deepEqual([refused.status, await refused.text()], [400, "Please choose a name.\n"]);
    // What a form of another site can send.
    assert.equal((await post(server, { user: "a", text: "b" }, "text/plain")).status, 415);
    assert.deepEqual(ada.complaints, []);
  });

  test("older messages come while one scrolls up, and what one reads stays where it is", async () => {
    for (let n = 0; n < 130; n += 1) {
      assert.equal((await post(server, { user: "Bob", text: `line ${n}` })).status, 201);
    }
    await ada.enter("Ada");
    await ada.sees("message", "line 129");
    assert.equal((await bubbles(ada)).length, 50);
    await ada.at("messages").focus();
    // By keyboard.
    for (let page = 0; page < 200 && !(await bubbles(ada)).includes("line 0"); page += 1) {
      await ada.page.keyboard.press("PageUp");
      await ada.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await ada.sees("message", "line 0");
    assert.deepEqual(await bubbles(ada), Array.from({ length: 130 }, (_, n) => `line ${n}`));
    await ada.at("older").waitFor({ state: "hidden" });
    assert.deepEqual(ada.complaints, []);
  });
});
