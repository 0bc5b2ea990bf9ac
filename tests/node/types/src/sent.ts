// Values as only a page writes them, each with what comes back: fields that are left out, other forms of one value.

import type { EchoHub, OneWayHub } from "./hubs/index.js";
import type { Given, Methods } from "./made.js";

type Pair<H, M extends keyof H> = H[M] extends (value: infer I) => Promise<infer O> ? [send: I, back: O] : never;

const INNER = { note: null, always: 1 };

/** Bytes come back as the protocol has them. */
const HELLO = new Uint8Array([104, 105]);

export const sent: { [M in Methods]?: Array<Pair<EchoHub, M>> } = {
  external: [[{ named: { someField: true } }, { named: { someField: true, "other-field": null } }]],
  optional: [
    [{}, { plain: null, nested: null, defaulted: 0, five: 5 }],
    [
      { plain: null, leftOut: null, list: [], onlyWritten: null, defaulted: 1 },
      { plain: null, nested: null, defaulted: 1, five: 5 },
    ],
  ],
  defaulted: [
    [{}, { count: 0, name: "", inner: { note: null, always: 0 } }],
    [{ inner: { always: 1 } }, { count: 0, name: "", inner: INNER }],
  ],
  outer: [
    [
      { inner: { always: 1 }, many: [{ always: 1 }], byName: { "☂": { always: 1 } }, pair: [{ always: 1 }, 2] },
      { inner: INNER, many: [INNER], byName: { "☂": INNER }, pair: [INNER, 2] },
    ],
  ],
  flattened: [[{ id: 1, x: 1, y: 2, always: 3 }, { id: 1, x: 1, y: 2, note: null, always: 3 }]],
  chosen: [[{ id: 1, kind: "left", depth: 2 }, { id: 1, kind: "left", depth: 2 }]],
  pages: [
    [
      {
        points: { items: [] },
        inner: { items: [{ always: 1 }], next: "a" },
        words: { items: [], first: "b" },
        pages: { items: [{ items: [1] }] },
        either: { right: { value: { always: 1 } } },
        swapped: { left: "c" },
      },
      {
        points: { items: [], first: null, next: null },
        inner: { items: [INNER], first: null, next: "a" },
        words: { items: [], first: "b", next: null },
        pages: { items: [{ items: [1], first: null, next: null }], first: null, next: null },
        either: { right: { value: INNER } },
        swapped: { left: "c" },
      },
    ],
  ],
  tree: [
    [
      { name: "a", children: [{ name: "b", children: [] }] },
      { name: "a", children: [{ name: "b", children: [], twin: null }], twin: null },
    ],
  ],
  perhaps: [[{ always: 1 }, INNER]],
  lists: [
    [
      { list: [], deque: [], boxed: [], sorted: [3, 1], set: [], three: [0, 0, 0], grid: [[0, 0], [0, 0]], none: [] },
      { list: [], deque: [], boxed: [], sorted: [1, 3], set: [], three: [0, 0, 0], grid: [[0, 0], [0, 0]], none: [] },
    ],
  ],
  maps: [
    [
      { text: { a: { always: 1 } }, hash: {}, whole: { 7: "a" }, signed: { [-7]: 1 }, choice: { calm: 1 }, room: {}, uuid: {}, letter: {}, truth: {}, nested: {} },
      { text: { a: INNER }, hash: {}, whole: { 7: "a" }, signed: { [-7]: 1 }, choice: { calm: 1 }, room: {}, uuid: {}, letter: {}, truth: {}, nested: {} },
    ],
  ],
  binary: [
    [{ bytes: "aGk=", many: ["aGk=", HELLO], numbers: [] }, { bytes: HELLO, perhaps: null, many: [HELLO, HELLO], numbers: [] }],
    [{ bytes: HELLO, perhaps: HELLO, many: [], numbers: [] }, { bytes: HELLO, perhaps: HELLO, many: [], numbers: [] }],
  ],
  real: [
    // What is no f32 comes back as the nearest one, in as few digits as tell it apart.
    [{ short: 0.123456789, long: 0.123456789, shorts: [] }, { short: 0.12345679, long: 0.123456789, shorts: [] }],
  ],
  chrono: [
    [
      { utc: "2026-01-01T01:00:00+01:00", offset: "2026-01-01T00:00:00Z", date: "2026-01-01", time: "00:00:00", both: "2026-01-01T00:00:00", weekday: "Sun" },
      { utc: "2026-01-01T00:00:00Z", offset: "2026-01-01T00:00:00Z", perhaps: null, date: "2026-01-01", time: "00:00:00", both: "2026-01-01T00:00:00", weekday: "Sun" },
    ],
  ],
};

/** Calls whose arguments have another type than what comes back. */
export const oneWay: { [M in Exclude<keyof OneWayHub, "send">]: Array<Pair<OneWayHub, M>> } = {
  place: [
    [{ article: "a", lines: { items: [] } }, { article: "a", count: null }],
    [
      { article: "a", count: 1, gift: true, lines: { items: [] } },
      { article: "a", count: 1, refused: "Page { items: [], first: None, next: None }" },
    ],
  ],
  register: [[{ name: "a", password: "four" }, { name: "a", logins: 4 }]],
  rename: [[{ read: 1, label: "a" }, { written: 1, label: "a" }]],
  bump: [["1.2", { parts: [1, 3] }]],
  direct: [["both", "both"], [{ asked: 1 }, { told: 1 }]],
};

/** Mistakes that the types catch. */
export function mistakes(hub: EchoHub, other: OneWayHub, given: Given<OneWayHub, "register">): void {
  // @ts-expect-error a field without a default
  void hub.flattened({ id: 1, x: 1, y: 2 });
  // @ts-expect-error a field that is only written
  void other.register({ name: "a", password: "b", logins: 1 });
  // @ts-expect-error the name that is written is not the one that is read
  void other.rename({ written: 1, label: "a" });
  // @ts-expect-error a variant that is only written
  void other.direct({ told: 1 });
  // @ts-expect-error a variant that the wire does not know
  void hub.hidden("unseen");
  // @ts-expect-error a password is never given back
  void given.password;
  // @ts-expect-error a tuple has its length
  void hub.triple([1, "a"]);
}
