// The JSON Schema of every message, as `cargo hubs` writes it for other languages, under a real validator.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

import { ROOT } from "../support/server.mjs";

const DOCUMENT = "tests/fixtures/types/contract/messages.schema.json";

/** Numbers of a fixed width, which schemars names by its own formats. */
function ranges(ajv) {
  for (const bits of [8, 16, 32, 64]) {
    ajv.addFormat(`uint${bits}`, { type: "number", validate: (n) => Number.isInteger(n) && n >= 0 && n < 2 ** bits });
    const half = 2 ** (bits - 1);
    ajv.addFormat(`int${bits}`, { type: "number", validate: (n) => Number.isInteger(n) && n >= -half && n < half });
  }
  // These are texts of digits only: `Text` of such an integer.
  ajv.addFormat("uint128", { type: "string", validate: (text) => BigInt(text) >= 0n && BigInt(text) < 2n ** 128n });
  ajv.addFormat("int128", { type: "string", validate: (text) => BigInt.asIntN(128, BigInt(text)) === BigInt(text) });
  for (const name of ["uint", "int", "float", "double"]) {
    ajv.addFormat(name, { type: "number", validate: Number.isFinite });
  }
}

function compile() {
  const ajv = new Ajv({ strict: true, strictTypes: false, strictTuples: false, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  ranges(ajv);
  ajv.addFormat("partial-date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$/);
  ajv.addFormat("partial-time", /^\d\d:\d\d:\d\d(\.\d+)?$/);
  ajv.addFormat("ip", /^[0-9a-f.:]+$/);
  ajv.addFormat("decimal", /^-?\d+(\.\d+)?$/);
  ajv.addFormat("ip-network", /^[0-9a-f.:]+\/\d+$/);
  ajv.addFormat("ipv4-network", /^[0-9.]+\/\d+$/);
  ajv.addFormat("ipv6-network", /^[0-9a-f:]+\/\d+$/);
  ajv.addSchema(JSON.parse(readFileSync(join(ROOT, DOCUMENT), "utf8")), "messages");
  return ajv;
}

const pascal = (name) => name[0].toUpperCase() + name.slice(1);

/** Fails unless a value fits the schema of a message. */
class Schemas {
  #ajv;

  #check(name, value) {
    this.#ajv ??= compile();
    const validate = this.#ajv.getSchema(`messages#/$defs/${name}`);
    if (validate === undefined) {
      throw new Error(`there is no schema ${name}`);
    }
    if (!validate(value)) {
      const why = this.#ajv.errorsText(validate.errors);
      throw new Error(`${JSON.stringify(value)} does not fit ${name}: ${why}`);
    }
  }

  arguments(hub, method, values) {
    this.#check(`${hub}.${pascal(method)}.arguments`, values);
  }

  item(hub, method, value) {
    this.#check(`${hub}.${pascal(method)}.item`, value);
  }

  result(hub, method, value) {
    this.#check(`${hub}.${pascal(method)}.result`, value);
  }
}

export const schemas = new Schemas();
