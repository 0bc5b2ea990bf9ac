// The chat with people who sign in: by a cookie, and by a JSON Web Token. What moderators may do and members may not, and
// that the token is in no address that the browser asks for.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ChatServer, launch, Visitor } from "../support/chat.mjs";

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Notes every address that a page asks for, sockets included, and every token that the server gives it. */
async function watched(visitor) {
  const seen = { urls: [], tokens: [] };
  const devtools = await visitor.context.newCDPSession(visitor.page);
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ request }) => seen.urls.push(request.url));
  devtools.on("Network.webSocketCreated", ({ url }) => seen.urls.push(url));
  visitor.page.on("response", async (response) => {
    if (response.url().endsWith("/sign-in") && response.status() === 200) {
      seen.tokens.push((await response.json()).token);
    }
  });
  return seen;
}

/** Signs in and waits for the lobby. */
async function enter(visitor, name, account) {
  await visitor.at("account").selectOption(account);
  await visitor.enter(name);
  await visitor.sees("members", name);
}

for (const way of ["cookie", "token"]) {
  test(`by ${way}: moderators remove messages, members are refused and told so`, async (context) => {
    const server = await ChatServer.start({ HUBS_CHAT_SIGN_IN: way });
    context.after(() => server.stop());
    const people = await Promise.all([1, 2, 3].map(() => Visitor.open(browser, server.url)));
    context.after(() => Promise.all(people.map((person) => person.close())));
    const [guest, member, moderator] = people;
    const seen = await watched(moderator);
    await enter(guest, "Ada", "guest");
    await enter(member, "Bob", "member");
    await enter(moderator, "Grace", "moderator");
    await guest.say("rude words");
    for (const person of people) {
      await person.sees("message", "rude words");
    }
    assert.equal(await guest.at("remove-message").count(), 0, "guests are not offered it");

    await member.at("remove-message").click();
    await member.sees("error", "Only moderators may do this.");
    await member.picture(`07-refused-${way}`);
    await guest.say("still here");
    for (const person of people) {
      await person.sees("message", "still here");
      await person.sees("message", "rude words");
    }

    await moderator.at("remove-message").first().click();
    for (const person of people) {
      await person.misses("message", "rude words");
      await person.sees("notice", "Grace removed a message");
      await person.sees("message", "still here");
    }
    assert.equal(await moderator.at("error").count(), 0);

    const sockets = seen.urls.filter((url) => url.startsWith("ws:"));
    assert.ok(sockets.length >= 1, `a socket was seen: ${seen.urls.join("\n")}`);
    const cookies = (await moderator.context.cookies()).filter(({ name }) => name === "__Host-hubs-session");
    if (way === "cookie") {
      assert.deepEqual([cookies.length, cookies[0]?.httpOnly, seen.tokens], [1, true, []]);
    } else {
      assert.deepEqual(cookies, []);
      assert.ok(seen.tokens.length >= 1 && seen.tokens.every((token) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)), `${seen.tokens}`);
      for (const url of seen.urls) {
        assert.ok(!seen.tokens.some((token) => url.includes(token.split(".")[2])), `a token is in ${url}`);
      }
      assert.match(sockets.at(-1), /access_token=ticket\./, "the socket was opened with a ticket");
    }
    assert.deepEqual(people.flatMap((person) => person.complaints), []);
  });

  test(`by ${way}: a reload stays signed in, and who signs out is a guest again`, async (context) => {
    const server = await ChatServer.start({ HUBS_CHAT_SIGN_IN: way });
    context.after(() => server.stop());
    const grace = await Visitor.open(browser, server.url);
    context.after(() => grace.close());
    await enter(grace, "Grace", "moderator");
    await grace.say("first");
    await grace.sees("message", "first");
    await grace.page.reload();
    await grace.is("connected");
    await grace.at("remove-message").click();
    await grace.sees("notice", "Grace removed a message");
    await grace.at("sign-out").click();
    await grace.at("sign-out").waitFor({ state: "hidden" });
    await grace.is("connected");
    assert.deepEqual((await grace.context.cookies()).filter(({ name }) => name === "__Host-hubs-session"), []);
    await grace.say("as a guest");
    await grace.sees("message", "as a guest");
    assert.equal(await grace.at("remove-message").count(), 0);
    assert.deepEqual(grace.complaints, []);
  });
}
