// A WebSocket that leads nowhere: what the official client writes is kept, what the test says is read by it.

const END = "\u001e";

/**
 * Gives a class for the option `WebSocket` and the sockets that were made of it; `works` tells whether a new
 * one does; where it gives `null`, nothing ever happens.
 */
export function sockets(works = () => true) {
  const made = [];
  class Socket {
    binaryType = "blob";
    sent = [];

    constructor(url) {
      this.url = url;
      made.push(this);
      const opens = works();
      if (opens !== null) queueMicrotask(() => (opens ? this.onopen?.({}) : this.drop()));
    }

    send(data) {
      for (const text of data.split(END).filter((text) => text !== "")) {
        const message = JSON.parse(text);
        if (message.protocol !== undefined) {
          queueMicrotask(() => this.onmessage?.({ data: `{}${END}` }));
        } else if (message.type !== 6) {
          this.sent.push(message);
          this.woken?.();
        }
      }
    }

    /** A hub message of the server. */
    say(message) {
      this.onmessage?.({ data: JSON.stringify(message) + END });
    }

    /** The messages so far, once there are that many. */
    async messages(count) {
      while (this.sent.length < count) {
        await new Promise((resolve) => (this.woken = resolve));
      }
      return this.sent;
    }

    /** As when the network is gone. */
    drop() {
      this.onclose?.({ wasClean: false, code: 1006, reason: "" });
    }

    close() {
      this.closed = true;
      this.onclose?.({ wasClean: true, code: 1000, reason: "" });
    }
  }
  return { Socket, made };
}
