// A Redis for tests, on a port of its own, that can be killed and started again.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./chat.mjs";
import { program } from "./proxies.mjs";
import { Program } from "./server.mjs";

export class RedisServer {
  /** Starts one; it takes connections when this returns. */
  static async start() {
    const redis = new RedisServer();
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
    const args = ["--port", `${this.port}`, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
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

  async stop() {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
