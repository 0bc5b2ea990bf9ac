// The documents for other tools, under the schemas of the standards that they follow.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import test from "node:test";

import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const loose = { strict: false, allErrors: true, logger: false, validateFormats: false };

/** Every reference inside a document leads somewhere in it. */
function checkReferences(root, node = root) {
  for (const [key, value] of Object.entries(node ?? {})) {
    if (key === "$ref" && typeof value === "string") {
      const steps = value.replace(/^#\//, "").split("/");
      assert.notEqual(steps.reduce((at, step) => at?.[step], root), undefined, value);
    } else if (typeof value === "object") {
      checkReferences(root, value);
    }
  }
}

test("the contract document follows its own schema", () => {
  const valid = new Ajv2020(loose).compile(read("contract.schema.json"));
  const document = read("src/hubs/hubs.json");
  assert.ok(valid(document), JSON.stringify(valid.errors));
  delete document.hubs[0].methods[0].params;
  assert.ok(!valid(document), "a method without parameters is no method");
});

test("every message has a JSON Schema, for each direction", () => {
  const document = read("src/hubs/messages.schema.json");
  checkReferences(document);
  const ajv = new Ajv2020(loose);
  ajv.addSchema(document, "messages");
  const valid = (name, value) => ajv.validate({ $ref: `messages#/$defs/${name}` }, value);
  for (const name of Object.keys(document.$defs)) {
    ajv.compile({ $ref: `messages#/$defs/${name}` });
  }
  assert.ok(valid("BoardHub.PinNote.arguments", ["lobby", "hello", [1, 2]]));
  assert.ok(!valid("BoardHub.PinNote.arguments", ["lobby", "hello", [1]]));
  assert.ok(!valid("BoardHub.PinNote.arguments", ["lobby", "hello"]));
  assert.ok(valid("BoardHub.Import.texts", "an item"));
  assert.ok(valid("BoardHub.Import.arguments", ["lobby"]), "streams are not among the arguments");
  const note = { id: 1, text: "", pinnedAt: "", author: null };
  assert.ok(valid("BoardClient.MayRemove.arguments", [note, null]));
  delete note.author;
  assert.ok(!valid("BoardClient.MayRemove.arguments", [note, null]), "the server always writes it");
});

test("the AsyncAPI document is one", () => {
  const specs = createRequire(import.meta.url)("@asyncapi/specs");
  const valid = new Ajv({ ...loose, meta: false, validateSchema: false }).compile(specs.schemas["3.0.0"]);
  const document = read("src/hubs/asyncapi.json");
  assert.ok(valid(document), JSON.stringify(valid.errors));
  checkReferences(document);
  assert.equal(document.operations["BoardHub.PinNote"].action, "receive");
  assert.equal(document.operations["BoardHub.BoardClient.OnEvent"].action, "send");
  assert.equal(document.operations["WatchHub.BoardClient.OnEvent"].action, "send");
});
