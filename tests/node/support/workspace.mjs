// A workspace of its own, outside of this one, on the crates of this one: what a user of hubs has.

import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

import { binary, ROOT, TARGET } from "./server.mjs";

/** How long one compiler run may take. */
const COMPILER_LIMIT = 300_000;

/** A folder that is gone after the tests. */
export class Folder {
  constructor(name) {
    this.path = realpathSync(mkdtempSync(join(tmpdir(), `hubs-${name}-`)));
  }

  join(...parts) {
    return join(this.path, ...parts);
  }

  read(file) {
    return readFileSync(this.join(file), "utf8");
  }

  write(file, text) {
    mkdirSync(dirname(this.join(file)), { recursive: true });
    writeFileSync(this.join(file), text);
  }

  exists(file) {
    return existsSync(this.join(file));
  }

  /** Replaces a text in a file; it has to be there. */
  replace(file, before, after) {
    const text = this.read(file);
    if (!text.includes(before)) {
      throw new Error(`${file} has no ${JSON.stringify(before)}; the test and the example have grown apart`);
    }
    this.write(file, text.replaceAll(before, after));
  }

  /** Copies from this repository, without what was installed or built. */
  copy(from, to = from) {
    const skipped = new Set(["node_modules", "dist", "target"]);
    const filter = (path) => !relative(join(ROOT, from), path).split(/[\\/]/).some((part) => skipped.has(part));
    cpSync(join(ROOT, from), this.join(to), { recursive: true, filter });
  }

  /** Uses the packages that are installed in this repository. */
  borrowPackages(from, to = from) {
    const installed = join(ROOT, from, "node_modules");
    if (!existsSync(installed)) {
      throw new Error(`no packages in ${from}: run \`cargo xtask test --only setup\``);
    }
    symlinkSync(installed, this.join(to, "node_modules"), "junction");
  }

  /** Runs a program here, and returns how it ended and what it printed, without colours. */
  run(program, args, { cwd = "", env = {} } = {}) {
    const options = {
      cwd: this.join(cwd),
      env: { ...process.env, CARGO_TARGET_DIR: TARGET, CARGO_TERM_COLOR: "never", NO_COLOR: "1", ...env },
      timeout: COMPILER_LIMIT,
      maxBuffer: 64 * 1024 * 1024,
    };
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : (error.code ?? `killed by ${error.signal}`);
        const plain = `${stdout}${stderr}`.replace(/\x1b\[[0-9;]*m/g, "");
        resolve({ code, text: plain, line: `${program} ${args.join(" ")}` });
      });
    });
  }

  /** `cargo hubs` as it was just built. */
  hubs(...args) {
    return this.run(binary("cargo-hubs"), args);
  }

  remove() {
    rmSync(this.path, { recursive: true, force: true });
  }
}
