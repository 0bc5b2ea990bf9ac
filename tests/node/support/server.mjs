// The fixture server as a process of its own: what it prints, what it is told, how it ends.

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Inbox, LIMIT, within } from "./time.mjs";

/** The folder of the workspace. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** Where cargo builds. */
export const TARGET = process.env.HUBS_TARGET ?? join(ROOT, "target");

/** The path of a program that cargo built. */
export function binary(name) {
  return join(TARGET, "debug", process.platform === "win32" ? `${name}.exe` : name);
}

/** A child process whose end can be waited for, and whose last words are kept for the error message. */
export class Program {
  /** `uid` and `gid` are those of another user to run it as. */
  constructor(path, { args = [], env = {}, cwd = ROOT, uid, gid } = {}) {
    this.path = path;
    this.words = [];
    this.lines = new Inbox();
    this.errors = new Inbox();
    this.child = spawn(path, args, { cwd, env: { ...process.env, ...env }, uid, gid, stdio: ["pipe", "pipe", "pipe"] });
    this.ended = once(this.child, "exit").then(([code, signal]) => ({ code, signal }));
    this.child.on("error", (error) => this.words.push(`${error}`));
    createInterface({ input: this.child.stdout }).on("line", (line) => this.#hear(line));
    createInterface({ input: this.child.stderr }).on("line", (line) => {
      this.words.push(line);
      this.errors.push(line);
    });
  }

  /** Takes the first line of the error output that fits. */
  said(fits, what, limit = LIMIT) {
    return this.errors.find(fits, what, limit);
  }

  #hear(line) {
    this.words.push(line);
    this.lines.push(line);
  }

  get pid() {
    return this.child.pid;
  }

  /** Ends the process, if it has not ended. */
  async stop(signal = "SIGKILL") {
    this.child.kill(signal);
    await within(this.ended, `${this.path} ends`);
  }

  /** How much memory it has in use now, in bytes. Linux only. */
  residentBytes() {
    const line = readFileSync(`/proc/${this.pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB$/m);
    return Number(line[1]) * 1024;
  }

  /** How many files and sockets it has open now. Linux only. */
  openFiles() {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }
}

/** The fixture server, listening. */
export class FixtureServer extends Program {
  static async start(args = []) {
    const server = new FixtureServer(binary("hubs-fixture-server"), { args });
    try {
      const listening = await server.event("listening", () => true);
      server.url = listening.url;
    } catch (error) {
      throw new Error(`${error.message}; it said:\n${server.words.join("\n")}`);
    }
    return server;
  }

  /** Takes the first event of this kind that fits. */
  async event(kind, fits = () => true, limit = LIMIT) {
    const line = await this.lines.find(
      (line) => {
        const event = JSON.parse(line);
        return event.event === kind && fits(event);
      },
      `the server's event \`${kind}\``,
      limit,
    );
    return JSON.parse(line);
  }

  /** The events of this kind that fit and were not taken. */
  untaken(kind, fits = () => true) {
    return this.lines.items.map((line) => JSON.parse(line)).filter((event) => event.event === kind && fits(event));
  }

  /** The server's own counters. */
  async stats() {
    const response = await within(fetch(`${this.url}/control/stats`), "control/stats");
    return response.json();
  }

  /** Tells the server something over plain HTTP. */
  async control(what, body) {
    const request = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) };
    const response = await within(fetch(`${this.url}/control/${what}`, request), `control/${what}`);
    if (!response.ok) {
      throw new Error(`control/${what} answered ${response.status}`);
    }
  }
}

/** A server for all tests of a file; call it at the top of the file. */
export function serverForFile({ before, after }) {
  const held = {};
  before(async () => Object.assign(held, { server: await FixtureServer.start() }));
  after(() => held.server?.stop());
  return () => held.server;
}
