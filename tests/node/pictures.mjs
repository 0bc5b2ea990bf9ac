// Takes the pictures in docs/images: the chat in its first minute, busy, and reconnecting. `npm run pictures`, after a build.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { ChatServer, launch, Visitor } from "./support/chat.mjs";
import { ROOT } from "./support/server.mjs";

const FOLDER = join(ROOT, "docs/images");
const DESKTOP = { size: { width: 1200, height: 750 } };
const PHONE = { size: { width: 390, height: 780 }, phone: true };
const TALK = [
  ["Grace", "Morning! The new price feed is live on staging."],
  ["Grace", "Two thousand updates a second, and the page still scrolls."],
  ["Linus", "Nice. Did the rename of post_order go through?"],
  ["Ada", "It did not compile until I had changed the page as well, so: yes."],
  ["Linus", "That is what I like to hear."],
  ["CI", "Build 412 is green: https://ci.example.com/builds/412"],
  ["Margaret", "I am on the train, so I may drop out now and then."],
  ["Margaret", "What I say meanwhile is sent when I am back."],
];

mkdirSync(FOLDER, { recursive: true });
const browser = await launch();
const server = await ChatServer.start({ HUBS_CHAT_ANNOUNCE_SECONDS: "3600" });
const shot = (visitor, name) => visitor.page.screenshot({ path: join(FOLDER, `${name}.png`), animations: "disabled", caret: "hide" });
const open = (options) => Visitor.open(browser, server.url, options);
/** Until nothing moves. */
const settled = (visitor) => visitor.page.evaluate(() => document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 400))));

const first = await open(DESKTOP);
await settled(first);
await shot(first, "chat-name");
await first.enter("Ada");
await first.sees("first-minute", "You are the first");
await settled(first);
await shot(first, "chat-first-minute");
await first.close();

for (const [user, text] of TALK) {
  const body = JSON.stringify({ user, text });
  await fetch(`${server.url}/rooms/lobby/messages`, { method: "POST", headers: { "content-type": "application/json" }, body });
}
const others = [];
for (const name of ["Grace", "Linus", "Margaret"]) {
  const other = await open(DESKTOP);
  await other.enter(name);
  others.push(other);
}
const views = { desktop: DESKTOP, dark: { ...DESKTOP, dark: true }, phone: PHONE, "phone-dark": { ...PHONE, dark: true } };
for (const [at, [name, options]] of Object.entries(views).entries()) {
  const typist = others[at % others.length];
  const ada = await open(options);
  await ada.enter("Ada");
  if (at === 0) await ada.say("See you at the stand-up.");
  await ada.sees("message", "See you at the stand-up.");
  await typist.at("message-input").pressSequentially("On my w");
  await ada.sees("typing", "is typing");
  await settled(ada);
  await shot(ada, `chat-${name}`);
  await typist.at("message-input").fill("");
  await ada.close();
}

await others.pop().close();
const ada = await open(DESKTOP);
const phone = await open(PHONE);
await ada.enter("Ada");
await phone.enter("Margaret");
await server.kill();
for (const [visitor, name] of [[ada, "chat-reconnecting"], [phone, "chat-phone-reconnecting"]]) {
  await visitor.sees("banner", "Connection lost");
  await visitor.say("I say this without a connection.");
  await visitor.say("And this.");
  await visitor.sees("pending", "Sending as soon as");
  await visitor.sees("next-try", "Next try in");
  await settled(visitor);
  await shot(visitor, name);
}
await browser.close();
await server.stop().catch(() => {});
