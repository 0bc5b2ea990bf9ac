// A project for each tool, in a folder of its own below the packages that are installed here.

import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { binary, ROOT } from "../support/server.mjs";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CHAT = "examples/chat/contract/hubs.json";

/** How long one tool may take, on a machine that is busy. */
const LIMIT = 240_000;

/** What `@microsoft/signalr` and the frameworks need of a compiler. */
export const OPTIONS = {
  target: "es2022",
  lib: ["es2022", "dom"],
  strict: true,
  skipLibCheck: true,
  types: [],
  noEmit: true,
  module: "esnext",
  moduleResolution: "bundler",
};

/** The path of a program that a package installs. */
export const bin = (name) => join(HERE, "node_modules/.bin", name);

/** A project with the generated files in `hubs`, which import each other with this end. */
export class Project {
  static async make(name, imports, { below = ".", contract = CHAT } = {}) {
    const project = new Project();
    project.path = join(HERE, below, "work", name);
    project.end = { js: ".js", ts: ".ts", none: "" }[imports];
    rmSync(project.path, { recursive: true, force: true });
    mkdirSync(project.path, { recursive: true });
    const to = ["--to", project.join("hubs"), "--frameworks", "vue,react", "--imports", imports];
    await project.passes(binary("cargo-hubs"), ["hubs", "generate", "--from", join(ROOT, contract), ...to]);
    return project;
  }

  join(...parts) {
    return join(this.path, ...parts);
  }

  read(file) {
    return readFileSync(this.join(file), "utf8");
  }

  write(file, text) {
    mkdirSync(dirname(this.join(file)), { recursive: true });
    writeFileSync(this.join(file), typeof text === "string" ? text : JSON.stringify(text, null, 2));
  }

  copy(from, to) {
    cpSync(join(HERE, from), this.join(to), { recursive: true });
  }

  /** Copies pages of `pages`, which import the way this project does. */
  pages(...names) {
    for (const name of names) {
      const text = readFileSync(join(HERE, "pages", name), "utf8");
      this.write(name, text.replace(/(from "\.[^"]*)"/g, `$1${this.end}"`));
    }
    return this;
  }

  /** Runs a program here; gives how it ended and what it printed. */
  run(program, args, env = {}) {
    const options = {
      cwd: this.path,
      env: { ...process.env, NO_COLOR: "1", CI: "1", NEXT_TELEMETRY_DISABLED: "1", ...env },
      timeout: LIMIT,
      maxBuffer: 64 * 1024 * 1024,
    };
    delete options.env.NODE_TEST_CONTEXT;
    return new Promise((resolve) => {
      execFile(program, args, options, (error, stdout, stderr) => {
        const code = error === null ? 0 : (error.code ?? `killed by ${error.signal}`);
        resolve({ code, text: `${stdout}${stderr}` });
      });
    });
  }

  /** Runs a program that has to succeed; gives what it printed. */
  async passes(program, args, env) {
    const { code, text } = await this.run(program, args, env);
    if (code !== 0) {
      throw new Error(`${program} ${args.join(" ")}: ${code}\n${text}`);
    }
    return text;
  }
}
