// The table as text.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { COLUMNS } from "./kit.mjs";
import { ROWS } from "./run.mjs";
import { TARGET } from "../support/server.mjs";

const SHORT = { WebSockets: "WS", ServerSentEvents: "SSE", LongPolling: "LP", json: "JSON", messagepack: "MP" };

const title = ({ transport, protocol }) => `${SHORT[transport]} ${SHORT[protocol]}`;

/** The table of one host. Cells: `ok`, `FAIL`, or `-` where there is nothing to try. */
export function render(host, cells) {
  const cell = (row, { transport, protocol }) => {
    const found = cells.find((cell) => cell.row === row && cell.transport === transport && cell.protocol === protocol);
    return found === undefined ? "-" : found.failed === null ? "ok" : "FAIL";
  };
  const lines = [[host, ...COLUMNS.map(title)], ...ROWS.map((row) => [row, ...COLUMNS.map((column) => cell(row, column))])];
  const widths = lines[0].map((_, at) => Math.max(...lines.map((line) => line[at].length)));
  const text = lines.map((line) => `| ${line.map((part, at) => part.padEnd(widths[at])).join(" | ")} |`);
  text.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  return text.join("\n");
}

/** Every failure, a line each. */
export function failures(cells) {
  return cells.filter(({ failed }) => failed !== null).map((cell) => `${cell.row} (${title(cell)}): ${cell.failed}`);
}

/** Writes the table to a file. */
export function keep(name, text) {
  mkdirSync(TARGET, { recursive: true });
  writeFileSync(join(TARGET, `matrix-${name}.md`), `${text}\n`);
}
