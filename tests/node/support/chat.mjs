// The examples as a person uses them: the server as a process, and the page in a Chromium.

import { randomInt } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { chromium } from "playwright-core";

import { binary, Program, TARGET } from "./server.mjs";
import { LIMIT, within } from "./time.mjs";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The server of an example; its address stays the same when it is started again. */
class ExampleServer {
  /** `env` are more variables for the server. */
  static async start(example, env) {
    const server = new ExampleServer();
    server.example = example;
    // A database of its own, which is gone with the folder; a restart finds it again.
    server.folder = mkdtempSync(join(tmpdir(), `hubs-${example}-`));
    server.env = { DATABASE_URL: `sqlite:${join(server.folder, "example.db")}?mode=rwc`, ...env };
    server.address = `127.0.0.1:${await freePort()}`;
    server.url = `http://${server.address}`;
    await server.up();
    return server;
  }

  async up() {
    const variable = `HUBS_${this.example.toUpperCase()}_ADDR`;
    this.program = new Program(binary(`${this.example}-server`), { env: { ...this.env, [variable]: this.address } });
    try {
      await this.program.lines.find((line) => line.includes(this.url), `${this.example}-server says where it is`);
    } catch (error) {
      throw new Error(`${error.message}; it said:\n${this.program.words.join("\n")}`);
    }
  }

  /** Ends the server as ctrl-c does, and returns how it ended. */
  async drain() {
    this.program.child.kill("SIGINT");
    return within(this.program.ended, `${this.example}-server ends`, 2 * LIMIT);
  }

  /** Ends the server as a power cut does. */
  kill() {
    return this.program.stop("SIGKILL");
  }

  async stop() {
    await this.program.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The server of the chat. */
export const ChatServer = { start: (env = {}) => ExampleServer.start("chat", env) };

/** The server of the trading board. */
export const TickerServer = { start: (env = {}) => ExampleServer.start("ticker", env) };

/** A free port, below those that the system gives to outgoing connections: it stays free until it is used. */
export async function freePort() {
  for (;;) {
    const server = createServer();
    const port = randomInt(10_000, 30_000);
    const listening = new Promise((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (await listening) return port;
  }
}

/** The Chromium of this machine. */
export async function launch() {
  const named = process.env.CHROMIUM;
  const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
  const folders = (process.env.PATH ?? "").split(delimiter);
  const found = named ?? folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
  if (found === undefined) {
    throw new Error("no Chromium: `cargo xtask test --only setup` installs one where it can, or set CHROMIUM");
  }
  return chromium.launch({ executablePath: found, args: ARGUMENTS });
}

/** What is in one place of the page, by its `data-testid`. */
const at = (page, id) => page.getByTestId(id);

/** A person with a page of their own. */
export class Visitor {
  /** `size` is the window's; `phone` makes it a touch screen; `dark` is what the person prefers. */
  static async open(browser, url, { size = { width: 1280, height: 800 }, phone = false, dark = false } = {}) {
    const visitor = new Visitor();
    visitor.context = await browser.newContext({ viewport: size, hasTouch: phone, isMobile: phone, locale: "en-GB", colorScheme: dark ? "dark" : "light" });
    visitor.context.setDefaultTimeout(LIMIT);
    visitor.page = await visitor.context.newPage();
    /** What the console says that should not be there. */
    visitor.complaints = [];
    visitor.page.on("pageerror", (error) => visitor.complaints.push(`${error}`));
    visitor.page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        visitor.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    await visitor.page.goto(url);
    return visitor;
  }

  at(id) {
    return at(this.page, id);
  }

  /** Says who they are and waits for the connection. */
  async enter(name) {
    await this.at("name-input").fill(name);
    await this.at("name-submit").click();
    await this.is("connected");
  }

  /** Waits for a state of the connection; on a phone it is behind a drawer. */
  async is(state) {
    await this.page.locator(`[data-testid="state"][data-state="${state}"]`).first().waitFor({ state: "attached" });
  }

  async say(text) {
    await this.at("message-input").fill(text);
    await this.at("message-send").click();
  }

  /** Waits for a text in a place. */
  async sees(id, text) {
    await this.at(id).filter({ hasText: text }).first().waitFor();
  }

  /** Waits until a text is nowhere in a place. */
  async misses(id, text) {
    await this.at(id).filter({ hasText: text }).first().waitFor({ state: "hidden" });
  }

  /** The texts of all elements of a kind. */
  texts(id) {
    return this.at(id).allInnerTexts();
  }

  async picture(name) {
    const folder = join(TARGET, "screenshots");
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }

  close() {
    return this.context.close();
  }
}
