// Debian's Prometheus with the configuration of examples/observability, on a free port.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { freePort } from "./chat.mjs";
import { program } from "./proxies.mjs";
import { Program, ROOT } from "./server.mjs";
import { LIMIT, within } from "./time.mjs";

/** Where the configuration that users copy is. */
export const EXAMPLE = join(ROOT, "examples/observability");

/** The address of the numbers that the configuration names, and how often it reads them. */
const NUMBERS = "127.0.0.1:9464";
const EVERY = "15s";

/** A running Prometheus. */
export class Prometheus {
  /** Reads the numbers at `address` once a second. */
  static async start(address) {
    const prometheus = new Prometheus();
    prometheus.folder = mkdtempSync(join(tmpdir(), "hubs-prometheus-"));
    cpSync(EXAMPLE, prometheus.folder, { recursive: true });
    const file = join(prometheus.folder, "prometheus.yml");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(NUMBERS, address).replaceAll(EVERY, "1s"));
    const host = `127.0.0.1:${await freePort()}`;
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(prometheus.folder, "data")}`, `--web.listen-address=${host}`];
    prometheus.program = new Program(program("prometheus"), { args, cwd: prometheus.folder });
    prometheus.url = `http://${host}`;
    await prometheus.program.said((line) => line.includes("Server is ready"), "Prometheus is ready");
    return prometheus;
  }

  /** The data of an answer of its HTTP API. */
  async get(path, parameters = {}) {
    const response = await within(fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`), path);
    const answer = await response.json();
    if (answer.status !== "success") {
      throw new Error(`${JSON.stringify(parameters)}: ${answer.error}`);
    }
    return answer.data;
  }

  /** What a query gives now: each series with its labels and its value, but for those that are no number. */
  async query(query) {
    const { result } = await this.get("query", { query });
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) })).filter(({ value }) => !Number.isNaN(value));
  }

  async stop() {
    await this.program.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What `promtool` says of a file; an error if it finds a mistake. */
export async function promtool(args) {
  const tool = new Program(program("promtool"), { args });
  const { code } = await within(tool.ended, "promtool ends", LIMIT);
  if (code !== 0) {
    throw new Error(`promtool ${args.join(" ")}:\n${tool.words.join("\n")}`);
  }
}
