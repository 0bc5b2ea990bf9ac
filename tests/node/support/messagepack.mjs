// MessagePack hub messages over a raw WebSocket, as the test writes them.

import assert from "node:assert/strict";

import { encode } from "@msgpack/msgpack";

import { raws } from "./raw.mjs";
import { Inbox, within } from "./time.mjs";

/** Bytes, written in hex, with blanks where it helps. */
export const hex = (text) => Buffer.from(text.replaceAll(" ", ""), "hex");

/** A body with its length before it. */
export function framed(body) {
  const prefix = [];
  for (let left = body.length; ; left >>>= 7) {
    prefix.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    if (left <= 0x7f) {
      return Buffer.from([...prefix, ...body]);
    }
  }
}

/** A hub message. */
export const message = (...parts) => framed(encode(parts));

/** The messages of one frame, without their lengths, in hex. */
function split(data, isBinary) {
  const bodies = [];
  for (let at = 0; at < data.length; ) {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      length += (data[at] & 0x7f) << shift;
      if (data[at++] < 0x80) {
        break;
      }
    }
    const isWhole = isBinary && at + length <= data.length;
    bodies.push(isWhole ? data.subarray(at, at + length).toString("hex") : `no whole messages: ${data.toString("hex")}`);
    at += length;
  }
  return bodies;
}

/** A connection that has shaken hands; `next` gives whole messages, without their length, in hex. */
export async function speak(context, url) {
  const raw = await raws(context).open(url);
  const frames = new Inbox();
  raw.socket.removeAllListeners("message");
  raw.socket.once("message", (data, isBinary) => {
    frames.push({ data, isBinary });
    raw.socket.on("message", (data, isBinary) => split(data, isBinary).forEach((body) => frames.push(body)));
  });
  const send = (data) => raw.socket.send(data);
  raw.socket.send('{"protocol":"messagepack","version":1}\x1e');
  assert.deepEqual(await frames.next("the answer to the handshake"), { data: Buffer.from("{}\x1e"), isBinary: true });
  return { send, next: () => frames.next("a message"), closed: () => within(raw.closed, "the socket closes") };
}
