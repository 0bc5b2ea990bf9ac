// The recorded sessions between the official JavaScript client and ASP.NET Core SignalR, scenario by scenario.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../support/server.mjs";

/** The scenarios of a recording, in order: `{ name, steps }`. */
export function scenarios(protocol) {
  const text = readFileSync(join(ROOT, "tests/fixtures/golden", `${protocol}.jsonl`), "utf8");
  const found = new Map();
  for (const line of text.trim().split("\n").map((line) => JSON.parse(line))) {
    const steps = found.get(line.scenario) ?? [];
    found.set(line.scenario, steps);
    steps.push(step(line));
  }
  return [...found].map(([name, steps]) => ({ name, steps }));
}

/** What happened: `open`, `frame` (with `data`, as it was sent), `close` (with a code), or `note`. */
function step(line) {
  const { from } = line;
  if ("open" in line) {
    return { from, what: "open" };
  }
  if ("close" in line) {
    return { from, what: "close", code: line.close };
  }
  if ("note" in line) {
    return { from, what: "note" };
  }
  return { from, what: "frame", data: "hex" in line ? Buffer.from(line.hex, "hex") : line.text };
}
