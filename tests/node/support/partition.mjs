// A network between a node and a server on this machine that stops passing on, in one direction or in both: sockets look
// alive meanwhile, and what was sent arrives when the network passes on again.

import net from "node:net";
import { once } from "node:events";

export class Partition {
  #links = new Set();
  #held = [];

  /** In front of the server with this port. Ends with the test `context`. */
  static async start(context, target) {
    const partition = new Partition();
    const server = net.createServer((near) => partition.#join(near, net.connect(target, "127.0.0.1")));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    partition.port = server.address().port;
    context.after(() => {
      partition.#links.forEach((link) => Object.values(link).forEach((socket) => socket.destroy()));
      server.close();
    });
    return partition;
  }

  /** Passes nothing on that comes from these ends, `node` or `server`, until it is called again. */
  hold(...ends) {
    this.#held = ends;
    this.#links.forEach((link) => this.#apply(link));
  }

  #apply(link) {
    for (const [end, socket] of Object.entries(link)) {
      this.#held.includes(end) ? socket.pause() : socket.resume();
    }
  }

  #join(node, server) {
    const link = { node, server };
    this.#links.add(link);
    for (const [from, to] of [[node, server], [server, node]]) {
      from.setNoDelay(true);
      from.on("data", (bytes) => to.write(bytes));
      from.on("error", () => {});
      from.on("close", () => {
        this.#links.delete(link);
        // What was written leaves first.
        to.destroySoon();
      });
    }
    this.#apply(link);
  }
}
