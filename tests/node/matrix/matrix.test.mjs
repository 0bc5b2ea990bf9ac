// The official client, unmodified, over every transport with both protocols, in Node and in Chromium.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import * as signalR from "@microsoft/signalr";
import * as messagePack from "@microsoft/signalr-protocol-msgpack";

import { fillInChromium } from "./chromium.mjs";
import { COLUMNS, isRefused } from "./kit.mjs";
import { fill, ROWS } from "./run.mjs";
import { failures, keep, render } from "./table.mjs";
import { serverForFile } from "../support/server.mjs";

const server = serverForFile({ before, after });

/** Every row of every column but one, which has a row of its own. */
const CELLS = (ROWS.length - 1) * COLUMNS.filter((column) => !isRefused(column)).length + 1;

function report(name, host, cells) {
  const table = render(host, cells);
  keep(name, table);
  console.log(`\n${table}\n`);
  assert.equal(cells.length, CELLS, "every cell was tried");
  assert.deepEqual(failures(cells), []);
}

test("the matrix in Node", async () => {
  report("node", `Node ${process.version}, client ${signalR.VERSION}`, await fill({ signalR, messagePack }, server().url));
});

test("the matrix in Chromium", async () => {
  const { version, cells } = await fillInChromium(server().url);
  report("chromium", `Chromium ${version}, client ${signalR.VERSION}`, cells);
});
