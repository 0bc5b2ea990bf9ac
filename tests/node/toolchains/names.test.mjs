// Names and shapes at random: `cargo hubs` refuses a contract with HUB11x, or what it writes passes tsc. HUBS_SEED
// repeats a run; the seed is printed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { binary } from "../support/server.mjs";
import { bin, OPTIONS, Project } from "./kit.mjs";

const SEED = Number(process.env.HUBS_SEED ?? 20261126);
const CONTRACTS = 80;

/** Names that mean something to the generated files, to the language, or to nothing. */
const WORDS = [
  ..."Promise Array Subject Disposable Hub Client Record Partial Omit Error Object String Symbol AbortSignal".split(" "),
  ..."HubCaller HubLink HubStream HubCallError UsedHub ShallowRef OfficialLink Readonly AsyncIterable".split(" "),
  ..."HubMember HubPresence UsedPresence ComputedRef presenceOf watch NO_GROUP Presence".split(" "),
  ..."chat-message 2fa v1.Note class type any undefined register invoke send stream signal connection".split(" "),
  ..."Note Page Größe 名前 Types Runtime Vue React Index Call Lazy Streams T Values NoteValues NoteInput".split(" "),
];
const FIELDS = ["text", "kind", "new", "a-b", "2nd", "__proto__", "größe", "constructor", "with space", "\"q\""];
const METHODS = ["say", "new_", "await_it", "get", "set", "delete", "default", "list_all", "type", "static", "readonly"];
const PARAMS = ["text", "signal", "connection", "delete", "undefined", "handlers", "invoke", "arguments", "a_b", "aB"];

/** Numbers that look random, the same for a seed. */
function random(seed) {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A contract of one hub with a few types that name each other. */
function contract(next) {
  const pick = (list) => list[next(list.length)];
  const some = (list, most) => [...new Set(Array.from({ length: 1 + next(most) }, () => pick(list)))];
  // Mostly names that are fine, so that most contracts are written.
  const names = [...new Set(Array.from({ length: 1 + next(4) }, (_, index) => (next(12) === 0 ? pick(WORDS) : `Type${index}`)))];
  const ref = (name) => [{ $ref: `#/types/${name}` }, { type: { name } }];
  const type = (depth) => {
    switch (next(depth > 2 ? 3 : 7)) {
      case 0: return [{ type: "string" }, "string"];
      case 1: return [{ type: "boolean" }, "boolean"];
      case 2: return ref(pick(names));
      case 3: return list(type(depth + 1));
      case 4: return option(type(depth + 1));
      case 5: return tuple([type(depth + 1), type(depth + 1)]);
      default: return object(some(FIELDS, 4).map((name) => [name, type(depth + 1)]));
    }
  };
  const list = ([schema, shape]) => [{ type: "array", items: schema }, { list: shape }];
  const option = ([schema, shape]) => [{ anyOf: [schema, { type: "null" }] }, { union: [shape, "null"] }];
  const tuple = (parts) => {
    const prefixItems = parts.map(([schema]) => schema);
    const minItems = parts.length;
    return [{ type: "array", prefixItems, minItems, maxItems: minItems }, { tuple: parts.map(([, shape]) => shape) }];
  };
  const object = (fields) => [
    {
      type: "object",
      properties: JSON.parse(`{${fields.map(([name, [schema]]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`)}}`),
      required: fields.map(([name]) => name),
    },
    { object: fields.map(([name, [, shape]]) => ({ name, shape })) },
  ];
  const types = names.map((name, index) => {
    const [input, shape] = type(0);
    return [name, { name, rust_path: `demo::T${index}`, input, shape }];
  });
  const used = ([schema, shape]) => ({ flow: "value", type: { schema, shape } });
  const method = (rust_name, more) => ({
    name: rust_name,
    rust_name,
    params: some(PARAMS, 4).map((name) => ({ name, ...used(type(1)) })),
    output: used(ref(pick(names))),
    ...more,
  });
  const methods = () => some(METHODS, 4).map((name) => method(name));
  const hub = {
    name: next(6) === 0 ? pick(WORDS.filter((word) => /^[A-Z]\w*$/.test(word))) : pick(["Hub", "ChatHub", "Runtime", "Types"]),
    rust_path: "demo::TheHub",
    methods: methods().map((one) => ({ ...one, cancellable: next(2) === 0 })),
    client: { name: `${pick(["Chat", "Promise", "Vue", ""])}Client`, rust_path: "demo::TheClient", methods: methods() },
  };
  if (next(2) === 0) hub.client.presence = used(next(2) === 0 ? ref(pick(names)) : type(1)).type;
  return { format: 2, package: "demo", hubs: [hub], types: Object.fromEntries(types) };
}

test("names and shapes at random", async (context) => {
  context.diagnostic(`HUBS_SEED=${SEED}`);
  const next = random(SEED);
  const project = await Project.make("names", "none");
  let written = 0;
  for (let index = 0; index < CONTRACTS; index += 1) {
    project.write(`c${index}/hubs.json`, contract(next));
    const to = ["--to", `c${index}/hubs`, "--frameworks", "vue,react", "--imports", "none"];
    const { code, text } = await project.run(binary("cargo-hubs"), ["hubs", "generate", "--from", `c${index}/hubs.json`, ...to]);
    assert.ok(code === 0 || /error: HUB1\d\d/.test(text), `contract ${index}, seed ${SEED}: ${text}`);
    written += code === 0 ? 1 : 0;
  }
  context.diagnostic(`${written} of ${CONTRACTS} contracts were written, the others refused`);
  project.write("tsconfig.json", { compilerOptions: OPTIONS, include: ["c*/hubs/*.ts"] });
  await project.passes(bin("tsc"), ["-p", "."]);
});
