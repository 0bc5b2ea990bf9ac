// A TCP proxy before a server that counts the bytes of each WebSocket, in each direction, after its upgrade, and cuts the
// connection after as many as it is told.

import net from "node:net";
import { once } from "node:events";

const HEAD_END = Buffer.from("\r\n\r\n");

/** One direction of one socket: bytes after the head of its first request or answer. */
class Counter {
  #head = Buffer.alloc(0);
  #isHead = true;
  count = 0;

  /** How many of `bytes` are part of the head. */
  head(bytes) {
    if (!this.#isHead) {
      return 0;
    }
    const before = this.#head.length;
    this.#head = Buffer.concat([this.#head, bytes]);
    const at = this.#head.indexOf(HEAD_END);
    if (at < 0) {
      return bytes.length;
    }
    this.#isHead = false;
    return at + HEAD_END.length - before;
  }
}

/** Passes everything on, except where a cut is planned. Ends with the test `context`. */
export class Cutter {
  /** Cuts for the next WebSockets, one for each: `{ from: "client" | "server", after: bytes }`, or nothing. */
  plan = [];
  /** Bytes of each WebSocket in each direction. */
  counted = [];
  cuts = 0;
  /** Whether new connections are let through. */
  isOpen = true;
  #sockets = new Set();

  static async start(context, target) {
    const cutter = new Cutter();
    const { hostname, port } = new URL(target);
    const server = net.createServer((near) => cutter.#join(near, net.connect(port, hostname)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    context.after(() => {
      cutter.cutAll();
      server.close();
    });
    cutter.url = `http://127.0.0.1:${server.address().port}`;
    return cutter;
  }

  /** Cuts all that is open now. */
  cutAll() {
    this.#sockets.forEach((socket) => socket.destroy());
  }

  /** Cuts the newest WebSocket, but none that is still being opened: the official client tries only once to go on. */
  cutOpen() {
    const newest = this.counted.at(-1);
    if (newest !== undefined && newest.client.count > 0 && newest.server.count > 0) {
      newest.pair.forEach((socket) => socket.destroy());
    }
  }

  #join(near, far) {
    const pair = [near, far];
    if (!this.isOpen) {
      pair.forEach((socket) => socket.on("error", () => {}).destroy());
      return;
    }
    pair.forEach((socket) => {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        pair.forEach((other) => other.destroy());
      });
    });
    // A request that is no upgrade is passed on as it is.
    let link;
    near.once("data", (first) => {
      if (/upgrade: websocket/i.test(first.toString("latin1"))) {
        link = { cut: this.plan.shift(), client: new Counter(), server: new Counter(), pair };
        this.counted.push(link);
      }
      this.#pass("client", first, far, link, pair);
      near.on("data", (bytes) => this.#pass("client", bytes, far, link, pair));
    });
    far.on("data", (bytes) => this.#pass("server", bytes, near, link, pair));
  }

  #pass(from, bytes, to, link, pair) {
    if (link === undefined) {
      to.write(bytes);
      return;
    }
    const counter = link[from];
    const head = counter.head(bytes);
    const room = link.cut?.from === from ? link.cut.after - counter.count : Infinity;
    const passed = Math.min(bytes.length - head, Math.max(0, room));
    counter.count += passed;
    if (head + passed > 0) {
      to.write(bytes.subarray(0, head + passed));
    }
    if (bytes.length - head >= room && bytes.length > head) {
      this.cuts += 1;
      link.cut = undefined;
      // What was written leaves first.
      to.end(() => pair.forEach((socket) => socket.destroy()));
      pair.filter((socket) => socket !== to).forEach((socket) => socket.destroy());
    }
  }
}
