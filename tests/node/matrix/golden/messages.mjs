// Hub messages as plain objects, the same for both protocols, with numbers by value: an integer that JavaScript cannot
// hold is its digits.

import { decode, encode } from "@msgpack/msgpack";

const END = "\x1e";
const KINDS = { 1: "error", 2: "void", 3: "result" };

/** The hub messages of one frame. */
export function split(data, protocol) {
  return protocol === "json" ? splitText(data.toString("utf8")) : splitBinary(data);
}

function splitText(text) {
  const records = text.split(END);
  if (records.pop() !== "") {
    throw new Error(`a frame ends inside a message: ${text}`);
  }
  return records.map(parse);
}

/** Parses with all digits of large integers. */
function parse(text) {
  return JSON.parse(text.replace(/([:,[])(-?\d{16,})(?=[,}\]])/g, (all, before, digits) => `${before}"${digits}n"`));
}

function splitBinary(data) {
  const messages = [];
  for (let at = 0; at < data.length; ) {
    const { length, start } = prefix(data, at);
    if (start + length > data.length) {
      throw new Error(`a frame ends inside a message: ${data.toString("hex")}`);
    }
    messages.push(named(decode(digits(data.subarray(start, start + length)))));
    at = start + length;
  }
  return messages;
}

function prefix(data, from) {
  let [length, at] = [0, from];
  for (let shift = 0; ; shift += 7) {
    const byte = data[at++];
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      return { length, start: at };
    }
  }
}

/** The decoder rounds what is beyond 2^53, so the two 64-bit markers are made strings of digits before. */
function digits(body) {
  const parts = [];
  let at = 0;
  while (at < body.length) {
    const end = after(body, at);
    const marker = body[at];
    const value = marker === 0xcf ? body.readBigUInt64BE(at + 1) : marker === 0xd3 ? body.readBigInt64BE(at + 1) : 0n;
    const large = value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER;
    parts.push(large ? encode(`${value}n`) : body.subarray(at, end));
    at = end;
  }
  return Buffer.concat(parts);
}

/** Where a value's own bytes end: its content for scalars, its header for arrays and maps. */
function after(body, at) {
  const marker = body[at];
  const sized = (bytes, extra = 0) => at + 1 + bytes + extra + body.readUIntBE(at + 1, bytes);
  if (marker >= 0xa0 && marker <= 0xbf) {
    return at + 1 + (marker & 0x1f);
  }
  const fixed = { 0xca: 5, 0xcb: 9, 0xcc: 2, 0xcd: 3, 0xce: 5, 0xcf: 9, 0xd0: 2, 0xd1: 3, 0xd2: 5, 0xd3: 9 };
  const extensions = { 0xd4: 3, 0xd5: 4, 0xd6: 6, 0xd7: 10, 0xd8: 18, 0xdc: 3, 0xdd: 5, 0xde: 3, 0xdf: 5 };
  const strings = { 0xc4: [1], 0xc5: [2], 0xc6: [4], 0xc7: [1, 1], 0xc8: [2, 1], 0xc9: [4, 1], 0xd9: [1], 0xda: [2], 0xdb: [4] };
  return marker in strings ? sized(...strings[marker]) : at + (fixed[marker] ?? extensions[marker] ?? 1);
}

/** A decoded array with the names that JSON has. */
function named([type, ...rest]) {
  if (type === 6) {
    return { type };
  }
  if (type === 7) {
    const [error, allowReconnect] = rest;
    return { type, ...(error !== null && { error }), ...(allowReconnect && { allowReconnect }) };
  }
  if (type > 7) {
    return { type, sequenceId: rest[0] };
  }
  const [headers, invocationId, third, fourth] = rest;
  const message = { type, ...(Object.keys(headers).length > 0 && { headers }), ...(invocationId !== null && { invocationId }) };
  const parts = {
    1: () => ({ target: third, arguments: fourth }),
    2: () => ({ item: third }),
    3: () => (KINDS[third] === "void" ? {} : { [KINDS[third]]: fourth }),
    4: () => ({ target: third, arguments: fourth }),
    5: () => ({}),
  };
  return { ...message, ...parts[type]() };
}

/** A completion of the client with another id. */
export function withId(data, protocol, id) {
  if (protocol === "json") {
    return JSON.stringify({ ...JSON.parse(data.slice(0, -1)), invocationId: id }) + END;
  }
  const { start } = prefix(data, 0);
  const message = decode(data.subarray(start));
  message[2] = id;
  const body = encode(message);
  if (body.length > 127) {
    throw new Error("a length of more than one byte is not written here");
  }
  return Buffer.from([body.length, ...body]);
}
