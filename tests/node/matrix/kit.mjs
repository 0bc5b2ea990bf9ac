// What a feature needs to be tried over one transport with one protocol. Runs in Node and in a browser, so it takes the
// client's packages as arguments and imports nothing of either.

import { Inbox, within } from "../support/time.mjs";

/** The columns of the table: every transport with every protocol. */
export const COLUMNS = ["WebSockets", "ServerSentEvents", "LongPolling"].flatMap((transport) =>
  ["json", "messagepack"].map((protocol) => ({ transport, protocol })),
);

/** Server-Sent Events are text, so the protocol that is binary must be refused. */
export const isRefused = ({ transport, protocol }) => transport === "ServerSentEvents" && protocol === "messagepack";

/** One client's place: connections of it are all stopped by `end`. */
export class Kit {
  #started = [];

  /** `packages` are the modules `signalR` and `messagePack`; `url` is the server's. */
  constructor(packages, url, { transport, protocol }) {
    Object.assign(this, packages, { url, transport, protocol });
  }

  /** Whether values are MessagePack. */
  get isBinary() {
    return this.protocol === "messagepack";
  }

  /** What builds a connection to the hub at `path`. */
  builder(path, { hubProtocol = this.hubProtocol(), reconnect } = {}) {
    const { HttpTransportType, HubConnectionBuilder, LogLevel } = this.signalR;
    const builder = new HubConnectionBuilder()
      .withUrl(`${this.url}${path}`, { transport: HttpTransportType[this.transport] })
      .withHubProtocol(hubProtocol)
      .configureLogging(LogLevel.None);
    return reconnect === undefined ? builder : builder.withAutomaticReconnect(reconnect);
  }

  hubProtocol() {
    return this.isBinary ? new this.messagePack.MessagePackHubProtocol() : new this.signalR.JsonHubProtocol();
  }

  /** A started connection; `on` are its handlers by name. `received` has what `Receive` was called with, as pairs. */
  async connect({ path = "/interop", on = {}, ...options } = {}) {
    const connection = this.builder(path, options).build();
    const received = new Inbox();
    connection.on("Receive", (why, text) => received.push([why, text]));
    for (const [name, handler] of Object.entries(on)) {
      connection.on(name, handler);
    }
    this.#started.push(connection);
    await within(connection.start(), "the connection starts");
    const invoke = (method, ...args) => within(connection.invoke(method, ...args), `\`${method}\` is answered`);
    const next = (what = "a message from the server") => received.next(what);
    return { connection, received, invoke, next, stream: (...args) => new Reader(connection.stream(...args)) };
  }

  /** A subject to send items through; give it away before the first item. */
  subject() {
    return new this.signalR.Subject();
  }

  async end() {
    await Promise.all(this.#started.splice(0).map((connection) => within(leave(connection), "the connection stops")));
  }
}

/**
 * Stops a connection when everything it sent has left: where it sends by requests, one that is cut short would be
 * rejected inside the client, where it cannot be caught.
 */
async function leave(connection) {
  if (connection.state === "Connected") {
    await connection.invoke("Echo", "the last message").catch(() => {});
  }
  await connection.stop();
}

/** Reads a stream: items, then how it ended. */
export class Reader {
  #parts = new Inbox();

  constructor(stream) {
    this.subscription = stream.subscribe({
      next: (item) => this.#parts.push({ item }),
      complete: () => this.#parts.push({ end: "complete" }),
      error: (error) => this.#parts.push({ end: error.message }),
    });
  }

  /** The next item. */
  async next() {
    const part = await this.#parts.next("an item of a stream");
    if ("end" in part) {
      throw new Error(`the stream ended (${part.end}) before its next item`);
    }
    return part.item;
  }

  /** What is left: items, and `complete` or the text of the error. */
  async rest() {
    const items = [];
    for (;;) {
      const part = await this.#parts.next("the end of a stream");
      if ("end" in part) {
        return { items, end: part.end };
      }
      items.push(part.item);
    }
  }
}

/** The text of the error that a promise is rejected with. */
export async function failure(promise) {
  const ended = await promise.then(
    (value) => ({ value }),
    (error) => ({ text: error.message }),
  );
  if ("value" in ended) {
    throw new Error(`it gave ${show(ended.value)} instead of an error`);
  }
  return ended.text;
}

/** Fails unless both are the same, part by part. */
export function same(actual, expected, what = "the value") {
  if (show(actual) !== show(expected)) {
    throw new Error(`${what} is ${show(actual).slice(0, 400)}, expected ${show(expected).slice(0, 400)}`);
  }
}

/** A value as text, the same for equal values whatever the order of their members. */
function show(value) {
  const sorted = (key, part) => {
    if (part instanceof Uint8Array) {
      return { bytes: [...part] };
    }
    const isObject = part !== null && typeof part === "object" && !Array.isArray(part);
    return isObject ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part;
  };
  return JSON.stringify(value, sorted) ?? "undefined";
}
