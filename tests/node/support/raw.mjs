// A raw WebSocket that speaks hub frames as the test writes them, without a client library.

import WebSocket from "ws";

import { Inbox, within } from "./time.mjs";

/** The end of a hub message. */
export const END = "\x1e";

/** The handshake that every client starts with. */
export const HANDSHAKE = `{"protocol":"json","version":1}${END}`;

/** One raw connection. `records` are hub messages as text, without their end. */
export class Raw {
  constructor(url, options = {}) {
    this.socket = new WebSocket(url.replace(/^http/, "ws"), options);
    this.records = new Inbox();
    this.messages = [];
    this.closed = new Promise((resolve) => this.socket.on("close", (code, reason) => resolve({ code, reason: `${reason}` })));
    this.opened = new Promise((resolve, reject) => {
      this.socket.on("open", resolve);
      this.socket.on("error", reject);
      this.socket.on("unexpected-response", (request, response) => {
        request.destroy();
        reject(new Refused(response.statusCode));
      });
    });
    this.opened.catch(() => {});
    this.socket.on("message", (data, isBinary) => {
      const text = data.toString("utf8");
      this.messages.push({ text, isBinary });
      const records = text.split(END);
      const rest = records.pop();
      if (rest !== "") {
        this.records.push(`NOT ENDED: ${rest}`);
      }
      records.forEach((record) => this.records.push(record));
    });
  }

  /** Opens a socket, without a handshake. */
  static async open(url, options) {
    const raw = new Raw(url, options);
    await within(raw.opened, `a socket to ${url} opens`);
    return raw;
  }

  /** Opens a socket and does the handshake. */
  static async connect(url, options) {
    const raw = await Raw.open(url, options);
    raw.send(HANDSHAKE);
    const answer = await raw.text();
    if (answer !== "{}") {
      throw new Error(`the handshake was answered with ${answer}`);
    }
    return raw;
  }

  /** Sends text as it is, or an object as one hub message. */
  send(data, options) {
    this.socket.send(typeof data === "string" || Buffer.isBuffer(data) ? data : JSON.stringify(data) + END, options);
  }

  /** The next hub message that is no ping, as text. */
  text(limit) {
    return this.records.find((record) => record !== '{"type":6}', "a hub message", limit);
  }

  /** The next hub message that is no ping, read. */
  async message(limit) {
    return JSON.parse(await this.text(limit));
  }

  /** Calls a method and returns its completion. */
  async call(target, args = [], invocationId = "1") {
    this.send({ type: 1, invocationId, target, arguments: args });
    const fits = (record) => record.startsWith('{"type":3') && JSON.parse(record).invocationId === invocationId;
    return JSON.parse(await this.records.find(fits, `the completion of ${target}`));
  }

  /** What is left to hear until the socket closes, without pings, and the code it closes with. */
  async end(limit) {
    const { code } = await within(this.closed, "the socket is closed", limit);
    return { records: this.records.drain().filter((record) => record !== '{"type":6}'), code };
  }

  close(code) {
    this.socket.close(code);
  }
}

/** The upgrade was answered with plain HTTP. */
export class Refused extends Error {
  constructor(status) {
    super(`the upgrade was refused with ${status}`);
    this.status = status;
  }
}

/** Opens raw sockets that are all ended with the test `context`. */
export function raws(context) {
  const opened = [];
  context.after(() => opened.forEach((raw) => raw.socket.terminate()));
  const keep = async (opening) => {
    const raw = await opening;
    opened.push(raw);
    return raw;
  };
  return {
    open: (url, options) => keep(Raw.open(url, options)),
    connect: (url, options) => keep(Raw.connect(url, options)),
  };
}
