// What a page takes of durable messages, as a model: a log, nodes that are behind, connections that are lost at any message.
// Each rule of the client is taken out once, and the model has to find that.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { test } from "node:test";

import { transform } from "esbuild";

const SOURCE = readFileSync(new URL("../types/src/hubs/log.ts", import.meta.url), "utf8");
const SEEDS = process.env.HUBS_SOAK === "1" ? 20_000 : 300;
const STEPS = 60;

/** The class, with `from` replaced in its source. */
async function logs(name, from = "", to = "") {
  assert.ok(SOURCE.includes(from), `the source has no ${from}`);
  const { code } = await transform(SOURCE.replace(from, to), { loader: "ts", target: "es2022" });
  const folder = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}log-${name}-${process.pid}.mjs`;
  writeFileSync(file, code);
  return (await import(pathToFileURL(file))).Logs;
}

/** Numbers below `limit` that are the same for each seed. */
function random(seed) {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const INVOCATION = 1;
const SCOPE = "g:room";

class Model {
  /** The log: what is in it, and the number of the last entry that is not kept any more. */
  epoch = 1;
  entries = [];
  first = 0;
  /** What is on its way to the page. */
  wire = [];
  isMember = false;
  ids = 0;
  /** What the page has handled and was told, in order. */
  seen = [];
  /** The position that the page has to name. */
  position = undefined;
  earlier = [];

  constructor(Logs, seed) {
    this.below = random(seed);
    const event = (kind) => (event) => this.seen.push({ kind, ...event });
    this.logs = new Logs({ onRecovered: event("recovered"), onGap: event("gap") });
    this.logs.made({ on: (target, notice) => (this.notice = notice) });
    this.connect();
  }

  run() {
    for (let step = 0; step < STEPS; step++) {
      const steps = [this.publish, this.publish, this.publish, this.pass, this.pass, this.lose, this.trim, this.begin, this.diverge, this.leave];
      const weights = [1, 1, 1, 1, 1, 1, 0.3, 0.1, 0.2, 0.1];
      const at = this.below(steps.length);
      if (this.below(100) < weights[at] * 100) steps[at].call(this);
    }
    // The network is good again: everything arrives.
    this.pass(this.wire.length);
    this.lose();
    this.publish();
    this.pass(this.wire.length);
    this.check();
    const last = this.seen.findLast(({ kind }) => kind === "message");
    assert.equal(last?.text, this.entries.at(-1).text, "the last message was handled");
  }

  /** No message twice, and none left out unless the page was told. */
  check() {
    let before;
    const texts = new Set();
    for (const event of this.seen) {
      if (event.kind === "message") {
        assert.ok(!texts.has(event.text), `${event.text} was handled twice`);
        texts.add(event.text);
        assert.ok(before === undefined || event.number === before + 1, `${event.text} does not follow ${before}`);
        before = event.number;
      } else if (event.kind !== "recovered") {
        before = undefined;
      }
    }
  }

  text(number, tag = this.tag(number)) {
    return `${this.epoch.toString(16)}.${number}.${tag}`;
  }

  tag(number) {
    return this.entries.find((entry) => entry.number === number)?.tag ?? 0;
  }

  get end() {
    return this.entries.at(-1)?.number ?? this.first;
  }

  publish() {
    const [number, tag] = [this.end + 1, 1 + this.below(1_000_000)];
    const entry = { number, tag, text: this.text(number, tag) };
    this.entries.push(entry);
    if (this.isMember) this.send(entry);
  }

  send(entry) {
    const message = { type: INVOCATION, target: "Said", arguments: [entry], headers: { log: `${entry.text};${SCOPE}` } };
    for (let times = this.below(10) === 0 ? 2 : 1; times > 0; times--) this.wire.push(message);
  }

  tell(kind, text, detail = null) {
    this.wire.push({ type: INVOCATION, target: "hubs:log", arguments: [SCOPE, kind, text, detail] });
  }

  /** Some of what is on its way arrives, in one piece. */
  pass(count = this.below(this.wire.length + 1)) {
    const messages = this.wire.splice(0, count);
    const read = this.logs.read(messages);
    assert.equal(read.length, messages.length, "the official client counts all messages");
    read.forEach((message, at) => {
      const [entry] = message.arguments;
      if (message.target === "hubs:log") {
        this.notice(...message.arguments);
      } else {
        this.seen.push({ kind: "message", ...entry });
        this.position = entry.text;
      }
      if (messages[at].target === "hubs:log") this.noticed(messages[at].arguments);
    });
  }

  noticed([, kind, text]) {
    const parts = (text) => text?.split(".") ?? [];
    const [[epoch, number], [oldEpoch, oldNumber]] = [parts(text), parts(this.position)];
    if (kind === "left") {
      this.position = undefined;
      this.seen.push({ kind });
    } else if (kind === "gap" || epoch !== oldEpoch || Number(number) > Number(oldNumber)) {
      this.position = text;
    }
  }

  /** The connection is lost with what is on its way, and there is another one. */
  lose() {
    this.wire = [];
    this.isMember = false;
    this.logs.lost();
    this.connect();
  }

  connect() {
    const connectionId = `id ${this.ids++}`;
    let said;
    const send = (...call) => {
      said = call;
      return Promise.resolve();
    };
    // A node may let the connection join before it has read how far the page is.
    for (let early = this.below(3); this.position !== undefined && early > 0 && this.entries.length > 0; early--) {
      this.send(this.entries.at(-1));
      this.pass(this.wire.length);
    }
    this.logs.connected({ connectionId, send });
    const [target, positions, earlier] = said;
    assert.equal(target, "hubs:resume");
    assert.deepEqual(positions, this.position === undefined ? {} : { [SCOPE]: this.position }, "how far the page is");
    assert.deepEqual(earlier, this.earlier.slice(-8), "the connections before");
    this.earlier.push(connectionId);
    this.join(positions[SCOPE]);
  }

  /** As a node does it. */
  join(claim) {
    this.isMember = true;
    const end = this.text(this.end);
    if (claim === undefined) return this.tell("at", end);
    const number = Number(claim.split(".")[1]);
    if (!claim.startsWith(`${this.epoch.toString(16)}.`)) return this.tell("gap", end, "epoch");
    if (number > this.end || this.text(number) !== claim && number > this.first) return this.tell("gap", end, "diverged");
    if (number < this.first) return this.tell("gap", end, "trimmed");
    this.tell("from", claim);
    if (number === this.end && number > this.first && this.below(3) === 0) {
      // This node has not heard of the last entry, and gets it now.
      this.tell("recovered", this.text(number - 1), 0);
      return this.send(this.entries.at(-1));
    }
    const missed = this.entries.filter((entry) => entry.number > number);
    missed.forEach((entry) => this.send(entry));
    this.tell("recovered", end, missed.length);
  }

  trim() {
    this.first = Math.max(this.first, this.end - this.below(3));
    this.entries = this.entries.filter(({ number }) => number > this.first);
  }

  /** The log is begun anew. All members are told. */
  begin() {
    this.epoch += 1;
    this.entries = [];
    this.first = 0;
    if (this.isMember) this.tell("gap", this.text(0), "epoch");
  }

  /** Redis has lost the last entries. */
  diverge() {
    if (this.entries.length === 0) return;
    this.entries.splice(-1 - this.below(this.entries.length));
    if (this.isMember) this.tell("gap", this.text(this.end), "diverged");
  }

  leave() {
    if (!this.isMember) return;
    this.tell("left", "");
    this.pass(this.wire.length);
    this.isMember = false;
    this.join(undefined);
  }
}

/** The first seed that shows a fault, with what it shows. */
function fault(Logs) {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      new Model(Logs, seed).run();
    } catch (error) {
      return `seed ${seed}: ${error.message}`;
    }
  }
  return undefined;
}

test(`each message is handled once and in order, or the page is told: ${SEEDS} orders of events`, async () => {
  assert.equal(fault(await logs("whole")), undefined);
});

for (const [name, from, to] of [
  ["repeated", " || this.#has(scope, position)) {\n      return false", ") {\n      return false"],
  ["remembered", "    this.#read.set(scope, position);\n    return true;", "    return true;"],
  ["waiting", "this.#waiting.has(scope) || ", ""],
  ["released", "    this.#waiting.delete(scope);\n", ""],
  ["left", "      this.#read.delete(scope);\n", ""],
  ["told", "      this.#read.set(scope, position);\n    }\n    const group", "    }\n    const group"],
  ["behind", 'if (kind === "gap" || !this.#has(scope, position)) {', "if (true) {"],
  ["lost-entries", 'kind === "gap" || !this.#has', "!this.#has"],
  ["earlier", "this.#earlier = [...this.#earlier, id].slice(-EARLIER);", ""],
]) {
  test(`the model finds a client without the rule "${name}"`, async (context) => {
    const found = fault(await logs(name, from, to));
    assert.notEqual(found, undefined, "no order of events shows it");
    context.diagnostic(found);
  });
}

test("names of groups are only names", async () => {
  const heard = [];
  const told = new (await logs("names"))({ onRecovered: (event) => heard.push(event) });
  told.made({ on: (target, notice) => (told.notice = notice) });
  const said = [];
  for (const group of ["__proto__", "constructor", "a;b", ""]) {
    const message = { type: INVOCATION, target: "Said", arguments: [], headers: { log: `a.1.f;g:${group}` } };
    assert.deepEqual(told.read([message]), [message]);
    const [notice] = told.read([{ type: INVOCATION, target: "hubs:log", arguments: [`g:${group}`, "recovered", "a.1.f", 0] }]);
    told.notice(...notice.arguments);
  }
  told.connected({ connectionId: null, send: (...call) => Promise.resolve(said.push(call)) });
  assert.deepEqual(Object.keys(said[0][1]), ["g:__proto__", "g:constructor", "g:a;b", "g:"]);
  assert.deepEqual(heard.map(({ group }) => group), ["__proto__", "constructor", "a;b", ""]);
});
