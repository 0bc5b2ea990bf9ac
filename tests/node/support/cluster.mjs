// Three nodes of one cluster, each a process of its own, with a Redis between them and HAProxy in front: each request goes
// to the next node, whatever its connection.

import { createConnection } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { freePort } from "./chat.mjs";
import { Proxy } from "./proxies.mjs";
import { RedisServer } from "./redis.mjs";
import { FixtureServer } from "./server.mjs";
import { within } from "./time.mjs";

const CONFIGURATION = fileURLToPath(new URL("../cluster/haproxy.cfg", import.meta.url));

export class Cluster {
  /** Starts everything. `url` is where the nodes are seen through HAProxy; `redis` is given to {@link RedisServer.start}. */
  static async start(redis) {
    const cluster = new Cluster();
    try {
      await cluster.#start(redis);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async #start(redis) {
    this.redis = await RedisServer.start(redis);
    this.addresses = [];
    this.nodes = [];
    for (let at = 0; at < 3; at++) {
      this.addresses.push(`127.0.0.1:${await freePort()}`);
      this.nodes.push(await this.#node(at));
    }
    const [one, two, three] = this.addresses;
    const edit = (text) => text.replace("NODE_ONE", one).replace("NODE_TWO", two).replace("NODE_THREE", three);
    this.proxy = await Proxy.start("haproxy", CONFIGURATION, this.nodes[0].url, { edit });
    this.url = `http://${this.proxy.host}`;
  }

  async #node(at) {
    const node = await FixtureServer.start(["node", this.redis.url, this.addresses[at]]);
    await node.event("backplane", ({ application, health }) => application === "main" && health === "healthy");
    return node;
  }

  /** Ends a node at once, as a crash does. */
  kill(at) {
    return this.nodes[at].stop("SIGKILL");
  }

  /** Starts a node again that was killed, at its old address. */
  async restart(at) {
    this.nodes[at] = await this.#node(at);
  }

  /** How many requests HAProxy passed to each node, how many answers there were of each class, and how many go on now. */
  async passed() {
    const rows = (await this.#tell("show stat")).trim().split("\n").map((line) => line.replace(/^# /, "").split(","));
    const [names, ...values] = rows;
    const nodes = values.map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])));
    const of = (node) => ({
      requests: Number(node.hrsp_1xx) + Number(node.hrsp_2xx) + Number(node.hrsp_4xx) + Number(node.hrsp_5xx),
      refused: Number(node.hrsp_4xx),
      failed: Number(node.hrsp_5xx),
      open: Number(node.scur),
    });
    return nodes.filter((node) => node.pxname === "nodes" && !["FRONTEND", "BACKEND"].includes(node.svname)).map(of);
  }

  /** Cuts everything that goes through HAProxy now. */
  async cutAll() {
    // In one line, so that no client comes back before the last one is cut.
    await this.#tell(["one", "two", "three"].map((node) => `shutdown sessions server nodes/${node}`).join("; "));
  }

  /** Gives HAProxy a command, and returns what it says. */
  #tell(command) {
    const socket = createConnection(join(this.proxy.folder, "stats.sock"));
    let text = "";
    const all = new Promise((resolve, reject) => {
      socket.on("data", (data) => (text += data));
      socket.on("end", () => resolve(text)).on("error", reject);
    });
    socket.write(`${command}\n`);
    return within(all, `HAProxy answers ${command}`);
  }

  async stop() {
    await this.proxy?.stop();
    await Promise.all((this.nodes ?? []).map((node) => node.stop()));
    await this.redis?.stop();
  }
}

/** A cluster for all tests of a file; call it at the top of the file. */
export function clusterForFile({ before, after, redis }) {
  const held = {};
  before(async () => Object.assign(held, { cluster: await Cluster.start(redis) }));
  after(() => held.cluster?.stop());
  return () => held.cluster;
}
