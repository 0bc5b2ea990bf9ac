// Who gets what is pushed, for every target there is, from inside and from outside a hub.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { Client, target } from "../support/client.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const hub = () => `${server().url}/fixture`;

/** Four connections: `a` and `b` are one user; `a`, `c` are in `red`, `b`, `c` in `blue`. */
const NAMES = ["a", "b", "c", "d"];
const USERS = { a: "ann", b: "ann", c: "bob" };
const GROUPS = { red: ["a", "c"], blue: ["b", "c"] };

/** Target, and who gets how many copies when `a` pushes. `ids` has the connections' ids. */
const CASES = [
  { kind: "all", gets: "abcd" },
  { kind: "allExcept", except: (ids) => [ids.a, ids.d], gets: "bc" },
  { kind: "client", names: (ids) => [ids.b], gets: "b" },
  { kind: "clients", names: (ids) => [ids.b, ids.d], gets: "bd" },
  { kind: "group", names: () => ["red"], gets: "ac" },
  { kind: "groups", names: () => ["red", "blue"], gets: "abcc" },
  { kind: "groupExcept", names: () => ["red"], except: (ids) => [ids.a], gets: "c" },
  { kind: "user", names: () => ["ann"], gets: "ab" },
  { kind: "users", names: () => ["ann", "bob"], gets: "abc" },
  { kind: "group", names: () => ["RED"], gets: "" },
  { kind: "user", names: () => ["unknown"], gets: "" },
  { kind: "client", names: () => ["AAAAAAAAAAAAAAAAAAAAAA"], gets: "" },
  { kind: "clients", names: () => [], gets: "" },
];

/** Targets that are seen from a caller, here `a`. */
const CALLER_CASES = [
  { kind: "caller", gets: "a" },
  { kind: "others", gets: "bcd" },
  { kind: "othersInGroup", names: () => ["red"], gets: "c" },
  { kind: "othersInGroup", names: () => ["blue"], gets: "bc" },
];

describe("targets", () => {
  const members = {};
  const ids = {};

  before(async () => {
    for (const name of NAMES) {
      members[name] = await Client.start(hub(), { user: USERS[name] });
      ids[name] = await members[name].id();
    }
    for (const [group, names] of Object.entries(GROUPS)) {
      for (const name of names) {
        await members[name].invoke("Join", group);
      }
    }
  });
  after(() => Promise.all(Object.values(members).map((member) => member.stop())));

  const build = ({ kind, names, except }) => target(kind, { names: names?.(ids), except: except?.(ids) });

  /** Pushes, then marks the end for everybody: what came before the mark is all that came. */
  async function check(push, expected) {
    await push();
    await members.a.invoke("Push", target("all"), "the mark");
    const got = [];
    for (const name of NAMES) {
      for (;;) {
        const { args } = await members[name].received.next(`a push to ${name}`);
        if (args[0] === "the mark") {
          break;
        }
        assert.deepEqual(args, ["hello"]);
        got.push(name);
      }
    }
    assert.equal(got.join(""), expected);
  }

  for (const one of [...CASES, ...CALLER_CASES]) {
    const about = `${one.kind}(${one.names ? one.names({ a: "a", b: "b", c: "c", d: "d" }) : ""})`;
    test(`${about} from inside a hub reaches "${one.gets}"`, () =>
      check(() => members.a.invoke("Push", build(one), "hello"), one.gets));
  }
  for (const one of CASES) {
    const about = `${one.kind}(${one.names ? one.names({ a: "a", b: "b", c: "c", d: "d" }) : ""})`;
    test(`${about} from an HTTP handler reaches "${one.gets}"`, () =>
      check(() => server().control("push", { target: build(one), text: "hello" }), one.gets));
  }

  test("leaving a group, and joining twice", async () => {
    const red = target("group", { names: "red" });
    await members.c.invoke("Leave", "red");
    await check(() => members.a.invoke("Push", red, "hello"), "a");
    await members.c.invoke("Leave", "red");
    await members.c.invoke("Join", "red");
    await members.c.invoke("Join", "red");
    await check(() => members.a.invoke("Push", red, "hello"), "ac");
  });

  test("groups are joined and left from outside a hub", async () => {
    const green = target("group", { names: "green" });
    await server().control("join", { connection: ids.d, group: "green" });
    await check(() => members.a.invoke("Push", green, "hello"), "d");
    await server().control("leave", { connection: ids.d, group: "green" });
    await check(() => members.a.invoke("Push", green, "hello"), "");
    await server().control("join", { connection: "AAAAAAAAAAAAAAAAAAAAAA", group: "green" });
    await check(() => members.a.invoke("Push", green, "hello"), "");
  });

  test("a connection that ends leaves its groups and its user", async () => {
    const guest = await Client.start(hub(), { user: "guest" });
    const id = await guest.id();
    await guest.invoke("Join", "red");
    await guest.stop();
    await server().event("disconnected", (event) => event.connection === id);
    const again = await Client.start(hub(), { user: "guest" });
    try {
      await check(() => members.a.invoke("Push", target("group", { names: "red" }), "hello"), "ac");
      await members.a.invoke("Push", target("user", { names: "guest" }), "to the guest");
      // The marks of `check` come first, and no others.
      assert.deepEqual((await again.received.next()).args, ["the mark"]);
      assert.deepEqual((await again.received.next()).args, ["to the guest"]);
    } finally {
      await again.stop();
    }
  });
});
