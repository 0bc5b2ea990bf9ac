// Calls of the client, and what comes back.

import { failure, same } from "../kit.mjs";

const UNICODE = "\u00e9 \u2028\u2029 <&> \u{1f600} \"q\" \\ \u0000\u001e\u007f \u4e2d";
const BYTES = [0, 1, 254, 255];
const BASE64 = "AAH+/w==";

/** What the server's sample of every kind of value is, but for its bytes. */
const EVERYTHING = {
  flag: true,
  byte: 200,
  int: -123456,
  long: Number.MAX_SAFE_INTEGER,
  ulong: Number.MAX_SAFE_INTEGER,
  float: 1.5,
  double: 0.1,
  decimal: 12.5,
  text: "a \u00e9 \u2028 <&> \u{1f600} \"q\"",
  nothing: null,
  letter: "Z",
  utc: "2026-01-02T03:04:05.678Z",
  unspecified: "2026-01-02T00:00:00",
  offset: "2026-01-02T03:04:05+02:00",
  span: "01:30:30",
  id: "00112233-4455-6677-8899-aabbccddeeff",
  side: 1,
  maybe: null,
  numbers: [1, 300, -70000],
  names: ["x", "y"],
  map: { k: 1 },
  link: "https://example.com/a?b=c",
};

export const CALLS = {
  "call: a value": async (kit) => {
    const { invoke } = await kit.connect();
    same(await invoke("Sum", 2, 40), 42);
    same(await invoke("Transport"), kit.transport);
  },

  "call: nothing to give back": async (kit) => {
    const { invoke } = await kit.connect();
    same(await invoke("Nothing"), null);
  },

  "call: null": async (kit) => {
    const { invoke } = await kit.connect();
    same(await invoke("Null"), null);
  },

  "call: an object, both ways": async (kit) => {
    const { invoke } = await kit.connect();
    const parent = { symbol: "P", quantity: -1, limit: 0.5, at: "2026-01-01T00:00:00+02:00", tags: [], notes: {}, parent: null };
    const order = { ...parent, symbol: "A", limit: null, tags: ["x", ""], notes: { k: 1, "": 2 }, parent };
    same(await invoke("EchoOrder", order), order);
  },

  "call: every kind of value": async (kit) => {
    const { invoke } = await kit.connect();
    const { bytes, ...others } = await invoke("GetEverything");
    same(others, EVERYTHING);
    same(bytes, kit.isBinary ? new Uint8Array(BYTES) : BASE64);
  },

  "call: bytes": async (kit) => {
    const { invoke } = await kit.connect();
    const sent = kit.isBinary ? new Uint8Array(BYTES) : BASE64;
    same(await invoke("EchoBytes", sent), sent);
  },

  "call: unicode": async (kit) => {
    const { invoke } = await kit.connect();
    same(await invoke("Echo", UNICODE), UNICODE);
    same(await invoke("Echo", ""), "");
  },

  "call: 64 KiB there and back": async (kit) => {
    const { invoke } = await kit.connect({ path: "/interop-large" });
    const text = "0123456789abcdef".repeat(4096);
    same((await invoke("Echo", text)) === text, true, "that the text is the same");
    same((await invoke("Big", 65_536)).length, 65_536, "the length");
  },

  "call: a name in other letters": async (kit) => {
    const { invoke } = await kit.connect();
    same(await invoke("eCHO", "x"), "x");
  },

  "call: 500 answers, in order": async (kit) => {
    const { connection, invoke } = await kit.connect();
    const order = [];
    const numbers = Array.from({ length: 500 }, (_, number) => number);
    await Promise.all(numbers.map((number) => connection.invoke("Sum", number, 0).then((sum) => order.push(sum))));
    same(order, numbers);
    same(await invoke("Echo", "after"), "after");
  },

  "error: made for the client": async (kit) => {
    const { invoke } = await kit.connect();
    same(await failure(invoke("Shown")), "An unexpected error occurred invoking 'Shown' on the server. HubException: meant for you");
  },

  "error: masked": async (kit) => {
    const { invoke } = await kit.connect();
    same(await failure(invoke("Hidden")), "An unexpected error occurred invoking 'Hidden' on the server.");
  },

  "error: masked, with detailed errors on": async (kit) => {
    const { invoke } = await kit.connect({ path: "/interop-quick" });
    const text = "An unexpected error occurred invoking 'Hidden' on the server. InvalidOperationException: a secret";
    same(await failure(invoke("Hidden")), text);
  },

  "error: no such method": async (kit) => {
    const { invoke } = await kit.connect();
    same(await failure(invoke("Nope")), "Failed to invoke 'Nope' due to an error on the server. HubException: Method does not exist.");
  },

  "error: too few arguments, too many, of the wrong type": async (kit) => {
    const { invoke } = await kit.connect();
    for (const args of [[1], [1, 2, 3], ["x", "y"]]) {
      same(await failure(invoke("Sum", ...args)), "Failed to invoke 'Sum' due to an error on the server.");
    }
    same(await invoke("Sum", 1, 2), 3);
  },

  "error: streaming, or not, the wrong way": async (kit) => {
    const { invoke, stream } = await kit.connect();
    same(
      await failure(invoke("Count", 1, 0)),
      "The client attempted to invoke the streaming 'Count' method with a non-streaming invocation.",
    );
    same(await stream("Echo", "x").rest(), {
      items: [],
      end: "The client attempted to invoke the non-streaming 'Echo' method with a streaming invocation.",
    });
  },

  "send: nothing is waited for": async (kit) => {
    const { connection, next } = await kit.connect();
    await connection.send("Shown");
    await connection.send("Nope");
    await connection.send("SayToCaller", "heard");
    same(await next(), ["caller", "heard"]);
  },
};
