// The server's own samples, as the types say they look here. Bytes are written as MessagePack has them.

import type { EchoHub, MakeHub } from "./hubs/index.js";

/** The types that every hub of the corpus has a method for. */
export type Methods = Exclude<keyof EchoHub, "send">;

/** What a method gives back. */
export type Given<H, M extends keyof H> = H[M] extends (...args: never[]) => Promise<infer T> ? T : never;

const BYTES = new Uint8Array([0, 1, 127, 128, 255]);

export const made: { [M in Methods]: Given<MakeHub, M> } = {
  renamed: [{ "": 4, "2nd": 3, __proto: 5, "a-b.c": 2, loop: true, plainField: 1, type: "a" }],
  screaming: [{ "FIRST-NAME": "Ann", X: 1 }],
  unicode: [{ "emoji 🎉": 2, größe: 1, "☂ \"quoted\" \\ back\nline": true, 名前: "日本 \u0000 \u2028 🎉" }],
  mood: ["calm", "veryBusy", "sehr müde"],
  external: [
    "unit",
    { one: 7 },
    { two: [1, "b"] },
    { named: { "other-field": 1, someField: true } },
    { named: { "other-field": null, someField: false } },
    { empty: {} },
    { noItems: [] },
    { holds: { x: 1.5, y: -2 } },
    { perhaps: 1 },
    { perhaps: null },
    { nested: "veryBusy" },
  ],
  internal: [{ kind: "unit" }, { kind: "named", someField: true }, { kind: "holds", x: 1.5, y: -2 }, { kind: "empty" }],
  adjacent: [
    { t: "unit" },
    { c: 7, t: "one" },
    { c: [1, "b"], t: "two" },
    { c: { someField: true }, t: "named" },
    { c: { x: 1.5, y: -2 }, t: "perhaps" },
    { c: null, t: "perhaps" },
  ],
  untagged: [-7, "a", { x: 1.5, y: -2 }, { someField: true }, [1, "b"], null],
  catchAll: ["known", { held: 1 }, "anything"],
  cased: ["FIRST_ONE", "2", { WITH_FIELDS: { some_field: 1 } }, { OWN_FIELDS: { SomeField: 2 } }],
  hidden: ["seen", { also: 1 }],
  open: [{ kind: "known", size: 1 }, { kind: "plain" }],
  point: [{ x: 0.1, y: -0 }],
  optional: [
    { defaulted: 0, five: 5, nested: null, plain: null },
    { defaulted: 3, five: 4, leftOut: "a", list: [1], nested: 2, onlyWritten: 6, plain: 1 },
  ],
  defaulted: [{ count: 0, inner: { always: 0, note: null }, name: "" }],
  outer: [
    {
      byName: { a: { always: 1, note: "a" }, b: { always: 0, note: null } },
      inner: { always: 0, note: null },
      many: [{ always: 1, note: "a" }, { always: 0, note: null }],
      pair: [{ always: 1, note: "a" }, 1],
    },
  ],
  flattened: [{ always: 1, id: 1, note: null, x: 1, y: 2.5 }],
  rest: [{ a: 1, "b c": 2, id: 1 }],
  chosen: [{ depth: 2, id: 1, kind: "left" }, { id: 2, kind: "right", mood: "calm" }],
  chosenExternally: [{ id: 1, up: 2 }, { down: { depth: 3 }, id: 2 }],
  perhapsFlattened: [{ id: 1, x: 1, y: 2 }, { id: 2 }],
  closed: [{ a: 1 }],
  empties: [{ empty: {}, noItems: [], nothing: null, unit: null }],
  page: [{ first: { x: 1, y: 2 }, items: [{ x: 1, y: 2 }], next: null }, { first: null, items: [], next: "end" }],
  pages: [
    {
      either: { right: { value: { always: 1, note: null } } },
      inner: { first: { always: 1, note: null }, items: [{ always: 1, note: null }], next: null },
      pages: {
        first: { first: 1, items: [1], next: null },
        items: [{ first: 1, items: [1], next: null }, { first: null, items: [], next: "end" }],
        next: null,
      },
      points: { first: { x: 1, y: 2 }, items: [{ x: 1, y: 2 }], next: null },
      swapped: { both: ["a", [[1, true]]] },
      words: { first: "a", items: ["a"], next: null },
    },
  ],
  tree: [
    {
      children: [{ children: [], name: "b", twin: null }, { children: [], name: "c", twin: null }],
      name: "a",
      twin: { children: [], name: "d", twin: null },
    },
  ],
  list: ["nil", { cons: [1, { cons: [2, "nil"] }] }],
  question: [{ answers: [{ text: "b", then: { answers: [], text: "c" } }, { text: "d", then: null }], text: "a" }],
  room: ["a"],
  handle: [7],
  perhaps: [null, { always: 1, note: null }],
  triple: [[1, "a", null], [2, "b", { x: 1, y: 2 }]],
  wrapped: [
    {
      boxed: { x: 1, y: 2 },
      handle: 1,
      height: null,
      perhaps: null,
      room: "a",
      rooms: ["b"],
      shared: "e",
      single: [9],
      triple: [1, "c", null],
      tuple: [1, ["d", true], null],
      width: 1.5,
    },
  ],
  lists: [
    {
      boxed: [1, 2],
      deque: ["a"],
      grid: [[0.1, 0.2], [-1.5, 3e10]],
      list: [1, null],
      none: [],
      set: ["calm"],
      sorted: [1, 2],
      three: [1, 2, 3],
    },
  ],
  maps: [
    {
      choice: { "sehr müde": 2, veryBusy: 1 },
      hash: { a: null },
      letter: { ß: 1, "🎉": 2 },
      nested: { "1": { a: [1, 2] } },
      room: { a: 1 },
      signed: { "-1": 2, "-9223372036854775808": 1, "9223372036854775807": 3 },
      text: { "☂ a": { always: 1, note: null } },
      truth: { false: 0, true: 1 },
      uuid: { "67e55044-10b1-426f-9247-bb680e5fe0c8": 1 },
      whole: { "0": "a", "4294967295": "b" },
    },
  ],
  binary: [{ bytes: BYTES, perhaps: null, many: [new Uint8Array(), BYTES], numbers: [0, 255] }],
  whole: [
    {
      i16: 32767,
      i32: 2147483647,
      i64: Number.MAX_SAFE_INTEGER,
      i8: 127,
      isize: Number.MAX_SAFE_INTEGER,
      notZero: 4294967295,
      signedNotZero: 32767,
      u16: 65535,
      u32: 4294967295,
      u64: Number.MAX_SAFE_INTEGER,
      u8: 255,
      usize: Number.MAX_SAFE_INTEGER,
    },
    {
      i16: -32768,
      i32: -2147483648,
      i64: Number.MIN_SAFE_INTEGER,
      i8: -128,
      isize: Number.MIN_SAFE_INTEGER,
      notZero: 1,
      signedNotZero: -32768,
      u16: 0,
      u32: 0,
      u64: 0,
      u8: 0,
      usize: 0,
    },
  ],
  real: [
    { long: 0.1, short: 0.1, shorts: [3.4028235e38, 1.1754944e-38, -1.5] },
    { long: Number.MAX_VALUE, short: 3, shorts: [16777216] },
    { long: 2.2250738585072014e-308, short: 0, shorts: [] },
  ],
  words: [{ boxed: "c", letter: "🎉", nothing: null, path: "/a/b", text: "\u0000\t\"\\/\u2028é🎉", truth: true }],
  standard: [
    {
      address: "127.0.0.1",
      duration: { nanos: 500, secs: 1 },
      range: { end: 4, start: 1 },
      result: { Err: "no" },
      time: { nanos_since_epoch: 7, secs_since_epoch: 2 },
    },
  ],
  chrono: [
    {
      both: "2023-11-14T22:13:20.123",
      date: "2023-11-14",
      offset: "2026-02-28T23:59:59.500+02:00",
      perhaps: "1970-01-01T00:00:00Z",
      time: "22:13:20.123",
      utc: "2023-11-14T22:13:20.123Z",
      weekday: "Wed",
    },
  ],
  time: [{ at: "2023-11-14T22:13:20.123Z" }],
  ids: [
    {
      id: "67e55044-10b1-426f-9247-bb680e5fe0c8",
      others: ["00000000-0000-0000-0000-000000000000"],
      perhaps: null,
    },
  ],
};

/** Every value that the server gives can be sent to it. */
type Sendable = { [M in Methods]: Given<EchoHub, M> extends Parameters<EchoHub[M]>[0] ? true : M };
export type AllCanBeSent = Sendable[Methods] extends true ? true : never;
export const allCanBeSent: AllCanBeSent = true;
