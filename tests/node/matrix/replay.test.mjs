// Recorded sessions of the official JavaScript client with ASP.NET Core SignalR, replayed against a hub with the same
// methods. What differs on purpose is in `golden/exceptions.json`, with the number of the wire fact behind it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";

import { scenarios } from "./golden/recording.mjs";
import { replay } from "./golden/replay.mjs";
import { FixtureServer } from "../support/server.mjs";

const EXCEPTIONS = JSON.parse(readFileSync(new URL("golden/exceptions.json", import.meta.url), "utf8"));
const used = new Set();

/** Where a scenario is replayed: with the options that the recorded server had. */
function place(name, recording) {
  if (["detailed errors", "pings"].includes(name)) {
    return "interop-quick";
  }
  if (name.startsWith("stateful reconnect")) {
    return "resume";
  }
  const dotnet = recording === "messagepack" && ["every kind of value", "objects"].includes(name);
  return dotnet ? "interop-dotnet" : "interop";
}

/** What no exception explains. */
function unexplained(recording, scenario, found) {
  return found.filter(({ path }) => {
    const fits = (it) => ["*", recording].includes(it.recording) && it.scenario === scenario && it.path === path;
    const exceptions = EXCEPTIONS.filter(fits);
    exceptions.forEach((exception) => used.add(exception));
    return exceptions.length === 0;
  });
}

for (const recording of ["json", "messagepack"]) {
  describe(`recorded with ${recording}`, () => {
    let server;
    after(() => server?.stop());
    for (const scenario of scenarios(recording)) {
      test(scenario.name, async () => {
        server ??= await FixtureServer.start();
        const found = await replay(scenario, `${server.url}/${place(scenario.name, recording)}`, recording);
        assert.deepEqual(unexplained(recording, scenario.name, found), []);
      });
    }
  });
}

test("every exception has its number and its reason, and is needed", () => {
  for (const exception of EXCEPTIONS) {
    assert.match(exception.protocol, /^\d+(\.\d+)*$/);
    assert.ok(exception.because.length > 0);
    assert.ok(used.has(exception), `nothing differs at ${JSON.stringify(exception)}`);
  }
});
