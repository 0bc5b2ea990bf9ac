// The official client, with everything it receives kept in order.

import { HttpTransportType, HubConnectionBuilder, LogLevel } from "@microsoft/signalr";

import { Inbox, within } from "./time.mjs";

/** One connection of `@microsoft/signalr`, unmodified. */
export class Client {
  /** Settings: `user`, `query`, `skipNegotiation`, `headers`, `accessTokenFactory`, `transport`, and `build`, which is given the builder. */
  constructor(url, settings = {}) {
    const { query = {}, user, skipNegotiation = false, headers, build = (builder) => builder } = settings;
    const { transport = HttpTransportType.WebSockets, accessTokenFactory } = settings;
    const search = new URLSearchParams(user === undefined ? query : { ...query, user });
    const full = `${search}` === "" ? url : `${url}?${search}`;
    const options = { transport, skipNegotiation, headers, accessTokenFactory };
    this.connection = build(new HubConnectionBuilder().withUrl(full, options).configureLogging(LogLevel.None)).build();
    this.received = new Inbox();
    this.closed = new Promise((resolve) => this.connection.onclose((error) => resolve(error ?? null)));
    for (const method of ["receive", "tick", "grumble"]) {
      this.connection.on(method, (...args) => {
        this.received.push({ method, args });
      });
    }
  }

  static async start(url, options) {
    const client = new Client(url, options);
    await within(client.connection.start(), `a connection to ${url} starts`);
    return client;
  }

  /** The public id, asked from the server, since the client does not know it without negotiation. */
  async id() {
    return (await this.invoke("WhoAmI")).connectionId;
  }

  invoke(method, ...args) {
    return within(this.connection.invoke(method, ...args), `\`${method}\` is answered`);
  }

  /** The text of the error that a call is rejected with. */
  async failure(method, ...args) {
    try {
      const value = await this.invoke(method, ...args);
      throw new Error(`\`${method}\` gave ${JSON.stringify(value)} instead of an error`, { cause: "no error" });
    } catch (error) {
      if (error.cause === "no error") {
        throw error;
      }
      return error.message;
    }
  }

  /** The error that the connection is closed with, or null. */
  async end(limit) {
    return (await within(this.closed, "the connection is closed", limit))?.message ?? null;
  }

  async stop() {
    await within(this.connection.stop(), "the connection stops");
  }
}

/** Starts clients that are all stopped at the end of the test `context`. */
export function clients(context) {
  const started = [];
  context.after(() => Promise.all(started.map((client) => client.stop())));
  return async (url, options) => {
    const client = await Client.start(url, options);
    started.push(client);
    return client;
  };
}

/** Shorthands for a target of a push. */
export const target = (kind, { names = [], except = [] } = {}) => ({ kind, names: [names].flat(), except: [except].flat() });
