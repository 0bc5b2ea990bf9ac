// The table of representations in docs/contract.md: every row against the Rust source, the generated file and what passes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { HubConnectionBuilder, JsonHubProtocol } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { binary, Program, ROOT } from "../support/server.mjs";
import { within } from "../support/time.mjs";
import { show } from "./values.mjs";

const read = (path) => readFileSync(join(ROOT, path), "utf8");

/** The rows of the table: the first code of each column, and the third column as it stands. */
function rows() {
  const lines = read("docs/contract.md").split("## What the types become")[1].split("\n");
  const start = lines.findIndex((line) => line.startsWith("|---"));
  const table = lines.slice(start + 1, lines.findIndex((line, at) => at > start && line === ""));
  return table.map((line) => {
    const cells = line.split(/(?<!\\)\|/).slice(1, -1);
    const code = (cell) => (cell.match(/`` (.*) ``/) ?? cell.match(/`([^`]*)`/))[1].replaceAll("\\|", "|");
    return { rust: code(cells[0]), json: code(cells[1]), messagePack: cells[2].trim(), typescript: code(cells[3]) };
  });
}

const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());

/** The fields of the Rust struct, as they are written there. */
function rustFields() {
  const body = read("tests/fixtures/types/src/types/table.rs").split("pub struct Table {")[1].split("\n}")[0];
  return [...body.matchAll(/pub (\w+): (.*),/g)].map(([, name, type]) => ({ name: camel(name), type }));
}

/** The types of the fields in the generated file. */
function typescriptFields() {
  const body = read("tests/node/types/src/hubs/types.ts").split("export interface Table {\n")[1].split("\n}")[0];
  return Object.fromEntries([...body.matchAll(/^ {2}(\w+)\??: (.*);$/gm)].map(([, name, type]) => [name, type]));
}

/** What kind of value the official client made of MessagePack. */
function kind(value) {
  if (value === null) {
    return "nil";
  }
  if (value instanceof Uint8Array) {
    return "bytes";
  }
  return Array.isArray(value) ? "array" : { number: "number", boolean: "boolean", string: "text", object: "map" }[typeof value];
}

describe("the table of representations", () => {
  let server;
  let url;
  before(async () => {
    server = new Program(binary("hubs-fixture-types"));
    url = JSON.parse(await server.lines.next("the address of the server")).url;
  });
  after(() => server?.stop());

  async function sample(context, protocol) {
    const builder = new HubConnectionBuilder().withUrl(`${url}/make`).withHubProtocol(protocol).configureLogging("none");
    const connection = builder.build();
    context.after(() => within(connection.stop(), "the connection stops"));
    await within(connection.start(), "the connection starts");
    const [value] = await within(connection.invoke("Table"), "`Table` is answered");
    return value;
  }

  test("has a row for each field, with its Rust type and its TypeScript type", () => {
    const typescript = typescriptFields();
    const found = rustFields().map(({ name, type }) => ({ rust: type, typescript: typescript[name] }));
    assert.deepEqual(rows().map(({ rust, typescript }) => ({ rust, typescript })), found);
    assert.ok(found.length >= 30);
  });

  test("says what passes under JSON", async (context) => {
    const value = await sample(context, new JsonHubProtocol());
    for (const [index, { name }] of rustFields().entries()) {
      assert.equal(show(value[name]), show(JSON.parse(rows()[index].json)), name);
    }
  });

  test("says what passes under MessagePack", async (context) => {
    const value = await sample(context, new MessagePackHubProtocol());
    for (const [index, { name }] of rustFields().entries()) {
      assert.equal(kind(value[name]), rows()[index].messagePack, name);
    }
  });
});
