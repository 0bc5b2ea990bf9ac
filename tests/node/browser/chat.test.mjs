// Two people chat, each with a page in a real browser, through the chat's own server.

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";

import { ChatServer, launch, Visitor } from "../support/chat.mjs";

const PHONE = { size: { width: 390, height: 844 }, phone: true };

describe("the chat", () => {
  let server;
  let browser;
  let ada;
  let bob;

  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());
  beforeEach(async () => {
    server = await ChatServer.start();
    ada = await Visitor.open(browser, server.url);
    bob = await Visitor.open(browser, server.url, PHONE);
  });
  afterEach(async () => {
    await Promise.all([ada?.close(), bob?.close()]);
    await server?.stop();
  });

  /** Both in the first room. */
  async function bothIn() {
    await ada.enter("Ada");
    await ada.sees("members", "Ada");
    await bob.enter("Bob");
    await ada.sees("members", "Bob");
  }

  test("they see each other, talk, and see each other type", async () => {
    await ada.picture("01-name-desktop");
    await bob.picture("01-name-phone");
    await bothIn();

    await bob.at("message-input").pressSequentially("Hello A");
    await ada.sees("typing", "Bob is typing");
    await ada.picture("02-typing-desktop");
    await bob.say("Hello Ada, this comes from a phone");
    await ada.sees("message", "Hello Ada, this comes from a phone");
    await ada.misses("typing", "Bob is typing");

    await ada.say("Hello Bob! <b>Not bold</b> & \u{1F980}");
    await bob.sees("message", "Hello Bob! <b>Not bold</b> & \u{1F980}");
    await ada.say("And a second line, so that it looks like a conversation.");
    await bob.sees("message", "And a second line");
    const texts = (await bob.at("message").locator(".bubble").allInnerTexts()).map((text) => text.trim());
    assert.deepEqual(texts, [
      "Hello Ada, this comes from a phone",
      "Hello Bob! <b>Not bold</b> & \u{1F980}",
      "And a second line, so that it looks like a conversation.",
    ]);
    await ada.picture("03-talk-desktop");
    await bob.picture("03-talk-phone");

    await bob.close();
    await ada.misses("member", "Bob");
    assert.deepEqual([ada.complaints, bob.complaints], [[], []]);
  });

  test("a new room is theirs alone until the other comes in, and shows what was said", async () => {
    await bothIn();
    await ada.at("new-room-input").fill("crabs");
    await ada.at("new-room-submit").click();
    // What is written before the room is shown would stay behind in the lobby.
    await ada.page.getByRole("heading", { name: "#crabs", level: 1 }).waitFor();
    await ada.say("No one else is here yet");
    await ada.sees("message", "No one else is here yet");
    await bob.say("Still in the lobby");
    await bob.sees("message", "Still in the lobby");
    assert.deepEqual((await ada.texts("message")).filter((text) => text.includes("lobby")), []);

    const cat = await Visitor.open(browser, `${server.url}/#crabs`);
    await cat.enter("Cat");
    await cat.sees("message", "No one else is here yet");
    await ada.sees("members", "Cat");
    await cat.say("I do");
    await ada.sees("message", "I do");
    await ada.at("room-item-lobby").click();
    await ada.sees("message", "Still in the lobby");
    await ada.picture("04-rooms-desktop");
    await cat.close();
    assert.deepEqual([ada.complaints, bob.complaints, cat.complaints], [[], [], []]);
  });

  test("the server asks before it forgets: the answer decides", async () => {
    await bothIn();
    await ada.say("Words to be forgotten");
    await bob.sees("message", "Words to be forgotten");

    await ada.at("clear-history").click();
    await ada.at("confirm-dialog").waitFor();
    await ada.picture("05-confirm-desktop");
    await ada.at("confirm-no").click();
    await ada.at("confirm-dialog").waitFor({ state: "hidden" });
    await ada.say("They are still there");
    await bob.sees("message", "They are still there");
    await bob.sees("message", "Words to be forgotten");

    await bob.at("clear-history").click();
    await bob.at("confirm-dialog").waitFor();
    await bob.picture("05-confirm-phone");
    await bob.at("confirm-yes").click();
    await ada.misses("message", "Words to be forgotten");
    await bob.misses("message", "Words to be forgotten");
    await ada.sees("notice", "Bob");
    assert.deepEqual([ada.complaints, bob.complaints], [[], []]);
  });

  test("a restart of the server: a banner, then both are back in their rooms", async () => {
    await bothIn();
    await ada.say("Before the restart");
    await bob.sees("message", "Before the restart");

    assert.deepEqual(await server.drain(), { code: 0, signal: null });
    for (const visitor of [ada, bob]) {
      await visitor.sees("banner", "Connection lost");
    }
    await ada.picture("06-banner-desktop");
    await bob.picture("06-banner-phone");
    await server.up();
    for (const visitor of [ada, bob]) {
      await visitor.is("connected");
    }
    await ada.sees("members", "Bob");
    await bob.say("After the restart");
    await ada.sees("message", "After the restart");

    // While there was no server, the browser and the official client log errors; nothing else may be logged.
    const complaints = [...ada.complaints, ...bob.complaints];
    const expected = new RegExp(
      [
        String.raw`Failed to load resource: (net::ERR_|the server responded with a status of 503).*/chat(/negotiate)?\?`,
        "WebSocket connection to .* failed",
        "(Error|Warning): (Connection disconnected|Failed to (complete negotiation|start the connection)|Error from HTTP request)",
      ].join("|"),
    );
    assert.deepEqual(complaints.filter((complaint) => !expected.test(complaint)), []);
  });
});
