// A page of another site must not use a visitor's cookies to talk to a hub.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { Raw, raws } from "../support/raw.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });
const host = () => new URL(server().url).host;
const port = () => new URL(server().url).port;

/** What the browser says, and whether it is let in, at a hub that names `https://app.example.com` and at one that names none. */
const CASES = [
  { origin: () => undefined, plain: true, friends: true, why: "not a browser" },
  { origin: () => `http://${host()}`, plain: true, friends: true, why: "the same host" },
  { origin: () => "https://app.example.com", plain: false, friends: true, why: "allowed by an option" },
  { origin: () => "https://evil.example", plain: false, friends: false, why: "another site" },
  { origin: () => "null", plain: false, friends: false, why: "a sandboxed page" },
  { origin: () => "", plain: false, friends: false, why: "an empty origin" },
  { origin: () => `http://127.0.0.1:${Number(port()) + 1}`, plain: false, friends: false, why: "another port" },
  { origin: () => `http://evil-${host()}`, plain: false, friends: false, why: "a name that ends like ours" },
  { origin: () => `http://${host()}.evil.example`, plain: false, friends: false, why: "a name that begins like ours" },
  { origin: () => "https://app.example.com.evil.example", plain: false, friends: false, why: "one that begins like the allowed" },
  { origin: () => "https://evil-app.example.com", plain: false, friends: false, why: "one that ends like the allowed" },
  { origin: () => "http://app.example.com", plain: false, friends: false, why: "the allowed one without TLS" },
];

for (const { origin, plain, friends, why } of CASES) {
  for (const [path, allowed] of [["fixture", plain], ["friends", friends]]) {
    test(`${why}: ${allowed ? "let in" : "refused with 403"} at /${path}`, async (context) => {
      const value = origin();
      const headers = value === undefined ? {} : { Origin: value };
      const url = `${server().url}/${path}`;
      if (!allowed) {
        await assert.rejects(Raw.open(url, { headers }), { status: 403 });
        return;
      }
      const raw = await raws(context).connect(url, { headers });
      assert.equal((await raw.call("Echo", ["in"])).result, "in");
    });
  }
}

test("a refused page reaches no code of the application", () => {
  const known = new Set(["listening", "connected", "disconnected"]);
  assert.deepEqual(server().lines.items.map((line) => JSON.parse(line).event).filter((event) => !known.has(event)), []);
  const allowed = CASES.filter(({ plain }) => plain).length + CASES.filter(({ friends }) => friends).length;
  assert.equal(server().untaken("connected").length, allowed);
});
