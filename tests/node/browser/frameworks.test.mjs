// The generated composable and hook in a real browser against the chat's server: a component is mounted, hears,
// speaks, changes, and is unmounted, and another client sees it come and go.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, beforeEach, afterEach, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { build } from "esbuild";

import { ChatServer, launch, Visitor } from "../support/chat.mjs";
import { ROOT } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";
import { Folder } from "../support/workspace.mjs";

const PAGES = fileURLToPath(new URL("pages", import.meta.url));
const FRAMEWORKS = ["vue", "react"];
const CONTRACT = join(ROOT, "examples/chat/contract/hubs.json");
const HTML = `<!doctype html><title>page</title><link rel="icon" href="data:,">
<div id="root"></div><script type="module" src="page.js"></script>`;

describe("components on the generated files", () => {
  let folder;
  let browser;
  let server;
  let peer;

  before(async () => {
    folder = new Folder("frameworks");
    const to = ["--to", folder.join("hubs"), "--frameworks", FRAMEWORKS.join()];
    const { code, text } = await folder.hubs("generate", "--from", CONTRACT, ...to);
    assert.equal(code, 0, text);
    await Promise.all(FRAMEWORKS.map(bundle));
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    folder?.remove();
  });
  beforeEach(async () => {
    server = await ChatServer.start({ HUBS_CHAT_WEB: folder.join("web") });
    peer = await Peer.start(server.url);
  });
  afterEach(async () => {
    await peer?.stop();
    await server?.stop();
  });

  /** Writes the page of a framework, as development builds are: they check more. */
  async function bundle(framework) {
    folder.write(`web/${framework}/index.html`, HTML);
    await build({
      entryPoints: [join(PAGES, `${framework}.ts`)],
      bundle: true,
      outfile: folder.join("web", framework, "page.js"),
      format: "esm",
      target: "es2022",
      alias: { hubs: folder.join("hubs") },
      nodePaths: [join(ROOT, "tests/node/node_modules")],
      define: {
        "process.env.NODE_ENV": '"development"',
        __VUE_OPTIONS_API__: "true",
        __VUE_PROD_DEVTOOLS__: "false",
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
      },
    });
  }

  const open = (framework) => Visitor.open(browser, `${server.url}/${framework}/`);
  const mount = (visitor) => visitor.page.evaluate(() => globalThis.mount());
  const unmount = (visitor) => visitor.page.evaluate(() => globalThis.unmount());
  const hears = (visitor, text) => visitor.page.locator("li", { hasText: text }).waitFor();

  for (const framework of FRAMEWORKS) {
    test(`${framework}: mounted, it is one connection; unmounted, it is none`, async () => {
      const visitor = await open(framework);
      await mount(visitor);
      await visitor.sees("state", "connected");
      await peer.members("peer", framework);
      const connection = await visitor.at("connection").innerText();

      await peer.invoke("SendMessage", "lobby", "one");
      await hears(visitor, "heard one");
      await visitor.at("say").click();
      await peer.said("from the page");
      await hears(visitor, "heard from the page");

      // The next render brings other handlers; the connection stays.
      await visitor.at("word").click();
      await peer.invoke("SendMessage", "lobby", "two");
      await hears(visitor, "understood two");
      assert.equal(await visitor.at("connection").innerText(), connection);
      await peer.members("peer", framework);

      await unmount(visitor);
      await peer.members("peer");
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });

    test(`${framework}: unmounted before it is connected, it leaves nothing behind`, async () => {
      const visitor = await open(framework);
      for (let round = 0; round < 5; round += 1) {
        await visitor.page.evaluate(() => {
          globalThis.mount();
          globalThis.unmount();
        });
        await visitor.page.evaluate(async () => {
          globalThis.mount();
          await new Promise((resolve) => requestAnimationFrame(resolve));
          globalThis.unmount();
        });
      }
      await mount(visitor);
      await visitor.sees("state", "connected");
      await peer.members("peer", framework);
      await unmount(visitor);
      await peer.members("peer");
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });

    test(`${framework}: a server that comes back is found again, and the room entered again`, async () => {
      const visitor = await open(framework);
      await mount(visitor);
      await visitor.sees("state", "connected");
      await server.drain();
      await visitor.sees("state", "reconnecting");
      await server.up();
      await visitor.sees("state", "connected");
      await peer.stop();
      peer = await Peer.start(server.url);
      await peer.members(framework, "peer");
      await visitor.close();
    });
  }

  test("vue: unmounted while its setup waits, it never connects", async () => {
    const visitor = await open("vue");
    await visitor.page.evaluate(async () => {
      let go;
      globalThis.mount(new Promise((resolve) => (go = resolve)));
      globalThis.unmount();
      go();
    });
    await mount(visitor);
    await visitor.sees("state", "connected");
    await peer.members("peer", "vue");
    await unmount(visitor);
    await peer.members("peer");
    await visitor.close();
  });

  test("react: another address is another connection", async () => {
    const visitor = await open("react");
    await mount(visitor);
    await visitor.sees("state", "connected");
    await peer.members("peer", "react");
    const first = await visitor.at("connection").innerText();
    await visitor.at("url").click();
    await visitor.at("connection").filter({ hasNotText: first }).filter({ hasText: /./ }).waitFor();
    await peer.members("peer", "react");
    await visitor.at("say").click();
    await hears(visitor, "heard from the page");
    await visitor.close();
  });
});

/** Another client in the room, who sees who is there. */
class Peer {
  #changes = new Inbox();
  /** By key: the name and the number of connections. */
  #members = new Map();
  #said = new Inbox();

  static async start(url) {
    const peer = new Peer();
    peer.connection = new HubConnectionBuilder().withUrl(`${url}/chat`).configureLogging(LogLevel.None).build();
    peer.connection.on("hubs:presence", (_room, { members, joined = [], changed = [], left = [] }) => {
      if (members !== undefined) peer.#members = new Map();
      for (const key of left) peer.#members.delete(key);
      for (const { key, connections } of [...(members ?? []), ...changed, ...joined]) peer.#members.set(key, connections);
      peer.#changes.push(left);
    });
    peer.connection.on("ReceiveMessage", ({ text }) => peer.#said.push(text));
    await within(peer.connection.start(), "the peer connects");
    await peer.invoke("JoinRoom", "lobby", "peer");
    return peer;
  }

  invoke(method, ...args) {
    return within(this.connection.invoke(method, ...args), `\`${method}\` is answered`);
  }

  /** Waits until these are there, in order of their coming, with one connection each. */
  async members(...names) {
    const wanted = names.map((name) => `${name} 1`).join();
    const now = () => [...this.#members].map((member) => member.join(" ")).join();
    while (now() !== wanted) {
      await this.#changes.next(`other members than ${now()}`);
    }
  }

  said(text) {
    return this.#said.find((other) => other === text, `the text ${text}`);
  }

  stop() {
    return within(this.connection.stop(), "the peer stops");
  }
}
