// A Redis for tests, on a port of its own, that can be killed and started again.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./chat.mjs";
import { program } from "./proxies.mjs";
import { Program } from "./server.mjs";
import { within } from "./time.mjs";

export class RedisServer {
  /**
   * Starts one; it takes connections when this returns. With `keeps` it has what it is given on the disk before it answers:
   * with its default, `everysec`, it loses what it has answered in the last two seconds when it is killed.
   */
  static async start({ keeps = false } = {}) {
    const redis = new RedisServer();
    redis.keeps = keeps;
    redis.folder = mkdtempSync(join(tmpdir(), "hubs-redis-"));
    redis.port = await freePort();
    await redis.restart();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}/0`;
  }

  /** Starts it again with the same port, after it was killed. */
  async restart() {
    const file = this.keeps ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
    const args = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", ...file];
    this.program = new Program(program("redis-server"), { args, cwd: this.folder });
    await this.program.lines.find((line) => line.includes("Ready to accept connections"), "Redis is ready");
  }

  /** Ends it at once, as a crash does. */
  kill() {
    return this.program.stop("SIGKILL");
  }

  /** Stops it in the middle of what it does, or lets it go on. */
  freeze(isFrozen) {
    this.program.child.kill(isFrozen ? "SIGSTOP" : "SIGCONT");
  }

  /** Sends a command, as in `redis-cli`, and returns the reply as Redis writes it. */
  async command(line) {
    const socket = createConnection(this.port, "127.0.0.1");
    let text = "";
    const reply = new Promise((resolve, reject) => {
      socket.on("data", (data) => (text += data));
      socket.on("end", () => resolve(text)).on("error", reject);
    });
    socket.write(`${line}\r\nQUIT\r\n`);
    const said = await within(reply, `Redis answers ${line}`);
    assert.ok(!said.startsWith("-"), said);
    return said;
  }

  /** How many clients are subscribed to channels. */
  async subscribers() {
    const list = await this.command("CLIENT LIST");
    return list.split("\n").filter((client) => / sub=[1-9]/.test(client)).length;
  }

  async stop() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
