// Plays the client's side of a recorded session, frame by frame, and compares the server's side with the recording.

import { once } from "node:events";

import WebSocket from "ws";

import { differences } from "./differences.mjs";
import { split, withId } from "./messages.mjs";
import { Inbox, within } from "../../support/time.mjs";

/** Negotiate says so; a session that counts on it cannot be replayed without. */
const STATEFUL = "stateful reconnect";

/** With this code a socket ends that was cut, not closed. */
const CUT = 1006;

/** Replays a scenario against the hub at `url`; returns where our server's side differs. */
export async function replay({ name, steps }, url, protocol) {
  const stateful = name.startsWith(STATEFUL);
  const query = `negotiateVersion=1${stateful ? "&useStatefulReconnect=true" : ""}`;
  const negotiated = await (await within(fetch(`${url}/negotiate?${query}`, { method: "POST" }), "negotiate")).json();
  if (stateful && negotiated.useStatefulReconnect !== true) {
    return [{ path: "useStatefulReconnect", expected: true, actual: undefined }];
  }
  const session = new Session(`${url.replace(/^http/, "ws")}?id=${negotiated.connectionToken}`, protocol);
  try {
    for (const step of steps) {
      await session.take(step);
    }
    session.finish();
    return session.found;
  } finally {
    session.socket?.terminate();
  }
}

class Session {
  /** Where our side differs from the recording. */
  found = [];
  /** The server's ids: what they are in the recording, and what they are here. */
  #ids = new Map();
  #handshaken = { client: false, server: false };
  #cancelled = new Set();
  #saidGoodbye = false;

  constructor(url, protocol) {
    Object.assign(this, { url, protocol });
  }

  take({ from, what, data, code }) {
    const takes = {
      "client open": () => this.#open(),
      "client frame": () => this.#send(data),
      "client close": () => this.socket.close(),
      "server frame": () => this.#expect(data),
      "server close": () => this.#closes(code),
    };
    return takes[`${from} ${what}`]?.();
  }

  async #open() {
    this.socket = new WebSocket(this.url);
    this.#handshaken = { client: false, server: false };
    const frames = new Inbox();
    this.frames = frames;
    this.messages = [];
    this.closed = once(this.socket, "close").then(([closedWith]) => {
      frames.push({ closedWith });
      return closedWith;
    });
    this.socket.on("message", (data, isBinary) => frames.push({ data, isBinary }));
    await within(once(this.socket, "open"), "the socket opens");
  }

  #send(data) {
    if (!this.#handshaken.client) {
      this.#handshaken.client = true;
      return this.socket.send(data);
    }
    const [message] = split(Buffer.from(data), this.protocol);
    if (message.type === 5) {
      this.#cancelled.add(message.invocationId);
    }
    this.#saidGoodbye ||= message.type === 7;
    const mapped = message.type === 3 ? this.#ids.get(message.invocationId) : undefined;
    return this.socket.send(mapped === undefined ? data : withId(data, this.protocol, mapped));
  }

  async #expect(data) {
    if (!this.#handshaken.server) {
      this.#handshaken.server = true;
      const { data: answer, isBinary } = await this.frames.next("the answer to the handshake");
      return this.#compare({ handshake: data.toString(), binary: this.protocol !== "json" }, { handshake: `${answer}`, binary: isBinary });
    }
    for (const expected of split(Buffer.from(data), this.protocol)) {
      // Whether the answer to a client's Close comes is a race with the client's closing of the socket.
      if (!(expected.type === 7 && this.#saidGoodbye)) {
        this.#compare(this.#renamed(expected), await this.#next(expected));
      }
    }
  }

  /** The next message that is not left out of the comparison. */
  async #next(expected) {
    for (;;) {
      while (this.messages.length === 0) {
        const frame = await this.frames.next(`the server says ${JSON.stringify(expected)}`);
        if ("closedWith" in frame) {
          // There for whoever asks next, too.
          this.frames.push(frame);
          return frame;
        }
        this.messages.push(...split(frame.data, this.protocol));
      }
      const message = this.messages.shift();
      if (message.type === 1 && message.invocationId !== undefined && expected.invocationId !== undefined) {
        this.#ids.set(expected.invocationId, message.invocationId);
        return { ...message, invocationId: expected.invocationId };
      }
      if (!this.#isLeftOut(message, expected)) {
        return message;
      }
    }
  }

  /** Pings where none was recorded, and items on their way when a stream was cancelled. */
  #isLeftOut({ type, invocationId }, expected) {
    const lateItem = type === 2 && this.#cancelled.has(invocationId) && expected.type !== 2;
    return lateItem || (type === 6 && expected.type !== 6);
  }

  #renamed(expected) {
    const { streamIds, ...message } = expected;
    return message;
  }

  #compare(expected, actual) {
    this.found.push(...differences(expected, actual));
  }

  async #closes(code) {
    if (code === CUT) {
      // The network was lost: what was sent has arrived, and there is no Close frame.
      this.socket._socket.end();
      await within(this.closed, "the socket ends");
      return;
    }
    this.#compare({ close: code }, { close: await within(this.closed, "the socket closes") });
  }

  /** After the last step nothing may be left but what is optional. */
  finish() {
    const frames = this.frames.drain().filter(({ data }) => data !== undefined);
    const left = [...this.messages, ...frames.flatMap(({ data }) => split(data, this.protocol))];
    const isOptional = ({ type, error }) => type === 6 || (type === 7 && error === undefined && this.#saidGoodbye);
    this.#compare([], left.filter((message) => !isOptional(message)));
  }
}
