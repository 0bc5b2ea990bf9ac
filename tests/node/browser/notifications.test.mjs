// examples/notifications in Chromium: who gets what, and what a page shows after a cut connection and after a restart.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { freePort, launch, Visitor } from "../support/chat.mjs";
import { Cutter } from "../support/cutter.mjs";
import { binary, Program } from "../support/server.mjs";
import { within } from "../support/time.mjs";

/** The server; its address and its database stay the same when it is started again. */
class Server {
  static async start(context) {
    const server = new Server();
    server.folder = mkdtempSync(join(tmpdir(), "hubs-notifications-"));
    server.address = `127.0.0.1:${await freePort()}`;
    server.url = `http://${server.address}`;
    await server.up();
    context.after(async () => {
      await server.program.stop();
      rmSync(server.folder, { recursive: true, force: true });
    });
    return server;
  }

  async up() {
    const env = {
      HUBS_NOTIFICATIONS_ADDR: this.address,
      HUBS_NOTIFICATIONS_KEY: "0123456789abcdef0123456789abcdef",
      DATABASE_URL: `sqlite:${join(this.folder, "notifications.db")}?mode=rwc`,
    };
    this.program = new Program(binary("notifications-server"), { env });
    await this.program.lines.find((line) => line.includes(this.url), "the server says where it is");
  }

  post(path, body, headers = {}) {
    const request = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
    return within(fetch(`${this.url}${path}`, request), path);
  }

  /** Sends a notification as a program does. */
  async notify(audience, title, more = {}) {
    const signedIn = await this.post("/sign-in", { name: "printer", team: "machines" });
    const cookie = signedIn.headers.get("set-cookie").split(";")[0];
    const response = await this.post("/notify", { audience, title, ...more }, { cookie });
    assert.equal(response.status, 201, await response.text());
  }
}

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A person at the page. */
async function person(context, url, name, team, settings) {
  const visitor = await Visitor.open(browser, url, settings);
  context.after(() => visitor.context.close());
  await visitor.at("name").fill(name);
  await visitor.at("team").fill(team);
  await visitor.at("enter").click();
  await visitor.is("connected");
  return visitor;
}

/** The titles on the page, newest first. */
const titles = (visitor) => visitor.at("notification").locator("h2").allInnerTexts();

test("each person gets what is for them, by itself", async (context) => {
  const server = await Server.start(context);
  const ann = await person(context, server.url, "Ann", "blue");
  const ben = await person(context, server.url, "Ben", "green");
  await server.notify({ person: "ann" }, "for ann");
  await server.notify({ team: "green" }, "for green");
  await server.notify("everyone", "for all", { text: "with a text", urgent: true });
  await Promise.all([ann.sees("notification", "for all"), ben.sees("notification", "for all")]);
  assert.deepEqual(await titles(ann), ["for all", "for ann"]);
  assert.deepEqual(await titles(ben), ["for all", "for green"]);

  // From the page, with a name as people write it.
  await ann.at("compose").click();
  await ann.at("kind").selectOption("person");
  await ann.at("to").fill(" BEN ");
  await ann.at("title").fill("from ann");
  await ann.at("send").click();
  await ben.sees("notification", "from ann");
  await ann.picture("notifications");

  // What there is comes when the page is opened again, and nothing of another person after signing out.
  await ben.page.reload();
  await ben.sees("notification", "from ann");
  assert.deepEqual(await titles(ben), ["from ann", "for all", "for green"]);
  await ben.at("sign-out").click();
  await ben.at("sign-in").waitFor();
  assert.deepEqual(await titles(ben), []);
  assert.deepEqual([...ann.complaints, ...ben.complaints], []);
});

test("a request without a cookie, or from another site, changes nothing", async (context) => {
  const server = await Server.start(context);
  const body = { audience: "everyone", title: "spam" };
  assert.equal((await server.post("/notify", body)).status, 401);
  const person = { name: "eve", team: "blue" };
  assert.equal((await server.post("/sign-in", person, { origin: "https://evil.example" })).status, 403);
  assert.equal((await fetch(`${server.url}/notifications/feed`)).status, 401);
  const mine = await (await fetch(`${server.url}/notifications/mine`)).json();
  assert.deepEqual(mine, { person: null, notifications: [] });
});

test("a connection that is cut goes on, and nothing is missed", async (context) => {
  const server = await Server.start(context);
  const cutter = await Cutter.start(context, server.url);
  const ann = await person(context, cutter.url, "ann", "blue");
  await server.notify({ person: "ann" }, "before");
  await ann.sees("notification", "before");
  cutter.isOpen = false;
  cutter.cutAll();
  await ann.is("connecting");
  await server.notify({ team: "blue" }, "meanwhile");
  await server.notify({ team: "green" }, "for others");
  cutter.isOpen = true;
  await ann.sees("notification", "meanwhile");
  await server.notify({ person: "ann" }, "live");
  await ann.sees("notification", "live");
  assert.deepEqual(await titles(ann), ["live", "meanwhile", "before"]);
  assert.equal(await ann.at("missed").isVisible(), false);
});

test("after a restart the page says how many it has missed, and shows them", async (context) => {
  const server = await Server.start(context);
  const cutter = await Cutter.start(context, server.url);
  const ann = await person(context, cutter.url, "ann", "blue", { size: { width: 390, height: 844 }, phone: true, dark: true });
  await server.notify({ person: "ann" }, "Your report is ready");
  await ann.sees("notification", "Your report is ready");
  cutter.isOpen = false;
  await server.program.stop();
  await ann.is("connecting");
  await server.up();
  await server.notify("everyone", "The server moves tonight", { text: "From 22:00 on for an hour.\nPlease save your work.", urgent: true });
  await server.notify({ team: "green" }, "for others");
  await server.notify({ team: "blue" }, "Lunch is at 12");
  cutter.isOpen = true;
  await ann.sees("missed", "You missed 2 notifications while the server was away.");
  assert.deepEqual(await titles(ann), ["Lunch is at 12", "The server moves tonight", "Your report is ready"]);
  await server.notify({ person: "ann" }, "live");
  await ann.sees("notification", "live");

  const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wide, false, "the page fits the phone");
  await ann.at("compose").click();
  await ann.picture("notifications-phone-dark");
});
