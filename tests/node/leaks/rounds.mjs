// What one client does from its connect to its end: every way to use a connection, and to leave it.

import WebSocket from "ws";

import { END, HANDSHAKE } from "../support/raw.mjs";
import { Inbox, within } from "../support/time.mjs";

/** One WebSocket with JSON. */
class Line {
  static async open(hub) {
    const line = new Line();
    line.socket = new WebSocket(hub.replace(/^http/, "ws"), { perMessageDeflate: false });
    line.records = new Inbox();
    line.closed = new Promise((resolve) => line.socket.on("close", resolve));
    line.socket.on("message", (data) => data.toString().split(END).slice(0, -1).forEach((record) => line.records.push(record)));
    await within(new Promise((resolve, reject) => line.socket.on("open", resolve).on("error", reject)), "a socket opens");
    return line;
  }

  static async connect(hub) {
    const line = await Line.open(hub);
    line.socket.send(HANDSHAKE);
    await line.records.next("the answer to the handshake");
    return line;
  }

  say(...messages) {
    this.socket.send(messages.map((message) => JSON.stringify(message) + END).join(""));
  }

  /** The next message of this type. */
  hear(type) {
    return this.records.find((record) => record.startsWith(`{"type":${type}`), `a message of type ${type}`);
  }

  /** Sends a Close message, as the official client does. */
  close() {
    this.say({ type: 7 });
    this.socket.close();
    return within(this.closed, "the socket closes");
  }

  /** Goes without a word. */
  drop() {
    this.socket.terminate();
    return within(this.closed, "the socket is gone");
  }
}

const call = (target, args = [], more = {}) => ({ type: 1, invocationId: "1", target, arguments: args, ...more });
const stream = (target, args = []) => ({ type: 4, invocationId: "2", target, arguments: args });
const item = (value) => ({ type: 2, invocationId: "s", item: value });

/** Connects by long polling, makes a call, and leaves in one way or the other. */
async function poll(hub, leave) {
  const { connectionToken } = await (await fetch(`${hub}/negotiate?negotiateVersion=1`, { method: "POST" })).json();
  const place = `${hub}?id=${connectionToken}`;
  const read = async () => (await fetch(place)).text();
  const post = (body) => fetch(place, { method: "POST", body }).then((response) => response.text());
  await read();
  await post(HANDSHAKE + JSON.stringify(call("Join", ["pollers"])) + END);
  let heard = "";
  while (!heard.includes('"type":3')) {
    heard += await read();
  }
  if (leave) {
    await (await fetch(place, { method: "DELETE" })).text();
  }
}

/** Connects by Server-Sent Events, makes a call, and goes. */
async function listen(hub) {
  const { connectionToken } = await (await fetch(`${hub}/negotiate?negotiateVersion=1`, { method: "POST" })).json();
  const place = `${hub}?id=${connectionToken}`;
  const hangUp = new AbortController();
  const events = await fetch(place, { headers: { accept: "text/event-stream" }, signal: hangUp.signal });
  await (await fetch(place, { method: "POST", body: HANDSHAKE + JSON.stringify(call("Sum", [1, 2])) + END })).text();
  const reader = events.body.pipeThrough(new TextDecoderStream()).getReader();
  let heard = "";
  while (!heard.includes('"result":3')) {
    heard += (await reader.read()).value;
  }
  hangUp.abort();
}

/** The rounds, by name. */
export const ROUNDS = {
  "a call, a close message": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Echo", ["x".repeat(1_000)]));
    await line.hear(3);
    await line.close();
  },
  "a group, a close message": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Join", [`group ${Math.floor(Math.random() * 100)}`]), call("SayToGroup", ["group 1", "hello"]));
    await line.hear(3);
    await line.close();
  },
  "a group, and gone": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Join", ["the lost"]));
    await line.hear(3);
    await line.drop();
  },
  "a stream, cancelled": async (hub) => {
    const line = await Line.connect(hub);
    line.say(stream("Endless"));
    await line.hear(2);
    line.say({ type: 5, invocationId: "2" });
    await line.hear(3);
    await line.close();
  },
  "streams, and gone": async (hub) => {
    const line = await Line.connect(hub);
    line.say(stream("Endless"), { ...stream("Count", [100_000, 0]), invocationId: "3" });
    await line.hear(2);
    await line.drop();
  },
  "an upload": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Total", [], { streamIds: ["s"] }), item(1), item(2), { type: 3, invocationId: "s" });
    await line.hear(3);
    await line.close();
  },
  "half an upload, and gone": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Total", [], { streamIds: ["s"] }), item(1), stream("Endless"));
    await line.hear(2);
    await line.drop();
  },
  "an answer to a question": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Ask", [null, 1, 2]));
    const { invocationId } = JSON.parse(await line.hear(1));
    line.say({ type: 3, invocationId, result: 3 });
    await line.hear(3);
    await line.close();
  },
  "no answer to a question, and gone": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Ask", [null, 1, 2]));
    await line.hear(1);
    await line.drop();
  },
  "an abort": async (hub) => {
    const line = await Line.connect(hub);
    line.say(call("Abort"));
    await line.hear(7);
    await within(line.closed, "the server closes");
  },
  "nonsense": async (hub) => {
    const line = await Line.connect(hub);
    line.socket.send(`nonsense${END}`);
    await line.hear(7);
    await within(line.closed, "the server closes");
  },
  "no handshake, and gone": async (hub) => {
    const line = await Line.open(hub);
    line.socket.send('{"protocol":');
    await line.drop();
  },
  "polls, a close message": (hub) => poll(hub, true),
  "events, and gone": listen,
};

/** Too slow to be done as often: the server notices after its disconnect time-out. */
export const SLOW_ROUNDS = {
  "polls, and gone": (hub) => poll(hub, false),
  "negotiated, and never seen again": async (hub) => {
    await (await fetch(`${hub}/negotiate?negotiateVersion=1`, { method: "POST" })).text();
  },
};
