// The samples, compiled once for each test file, in a folder of its own: test files run at the same time.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { promisify } from "node:util";

import { ROOT } from "../support/server.mjs";

const HERE = join(ROOT, "tests/node/types");

/** Compiles the samples; gives a function that imports one of them. The files are gone after the tests. */
export async function compiled() {
  mkdirSync(join(HERE, "dist"), { recursive: true });
  const out = mkdtempSync(join(HERE, "dist/"));
  after(() => rmSync(out, { recursive: true, force: true }));
  const tsc = join(ROOT, "tests/node/node_modules/typescript/bin/tsc");
  const run = promisify(execFile)(process.execPath, [tsc, "--project", HERE, "--outDir", out], { timeout: 60_000 });
  await run.catch((error) => assert.fail(`the samples are not of the generated types:\n${error.stdout}`));
  return (name) => import(join(out, `${name}.js`));
}
