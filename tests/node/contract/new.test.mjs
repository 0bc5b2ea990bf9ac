// `cargo hubs new` and `cargo hubs dev` as a person uses them: every template is made, built, and used in two tabs. Only the
// packages were installed before, and the ports are free ones.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { freePort, launch, Visitor } from "../support/chat.mjs";
import { binary, Program, ROOT, TARGET } from "../support/server.mjs";
import { within } from "../support/time.mjs";
import { Folder } from "../support/workspace.mjs";

const INSTALLED = "tests/new";
const CONTRACT = join(ROOT, "codegen/templates/base/contract.json");
/** How long a build of a server may take. */
const BUILD_LIMIT = 300_000;

let folder;
let browser;
before(async () => {
  folder = new Folder("new");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  folder?.remove();
});

const env = { PATH: `${dirname(binary("cargo-hubs"))}${delimiter}${process.env.PATH}` };

/** Runs a command that has to succeed, and returns what it printed. */
async function done(promise) {
  const { code, text, line } = await promise;
  assert.equal(code, 0, `\`${line}\` says:\n${text}`);
  return text;
}

const hubs = (args, cwd = "") => folder.run("cargo", ["hubs", ...args], { cwd, env });

/** Makes a project; its packages are those of this repository. */
async function create(name, ...options) {
  const text = await done(hubs(["new", name, ...options]));
  folder.copy("Cargo.lock", `${name}/Cargo.lock`);
  folder.borrowPackages(INSTALLED, `${name}/web`);
  return text;
}

/** Two tabs at an address that talk to each other; `words` are what was said before. */
async function talk(context, url, text = "Hello from the other tab", words = []) {
  const tabs = [await Visitor.open(browser, url), await Visitor.open(browser, url)];
  context.after(() => Promise.all(tabs.map((tab) => tab.close())));
  for (const { page } of tabs) {
    await page.getByRole("status").filter({ hasText: "connected" }).waitFor();
  }
  const [ada, bob] = tabs;
  for (const word of words) {
    await ada.page.getByText(word).waitFor();
  }
  await ada.page.getByLabel("Your name").fill("Ada");
  await ada.page.getByLabel("Message", { exact: true }).fill(text);
  await ada.page.getByRole("button").click();
  for (const { page } of tabs) {
    await page.getByRole("listitem").filter({ hasText: "Ada" }).filter({ hasText: text }).waitFor();
  }
  await bob.page.getByLabel("Message", { exact: true }).fill("   ");
  await bob.page.getByRole("button").click();
  await bob.page.getByRole("alert").filter({ hasText: "Please give a name and a text." }).waitFor();
  assert.deepEqual(tabs.flatMap((tab) => tab.complaints), []);
}

/** Starts a program of a project at a free port, and waits until it says where it is. */
async function serve(context, name) {
  const address = `127.0.0.1:${await freePort()}`;
  const server = new Program(binary(name), { cwd: folder.join(name), env: { ADDRESS: address } });
  context.after(() => server.stop());
  await server.lines.find((line) => line.includes(address), `the server of ${name} says where it is`);
  return { server, url: `http://${address}/` };
}

describe("what is made", () => {
  const made = { plain: [], vue: ["--vue", "--sqlite"], react: ["--react", "--sqlite"] };

  for (const [name, options] of Object.entries(made)) {
    test(`${name}: it compiles, its files are up to date, its test passes, and two tabs talk`, async (context) => {
      const project = `my-${name}`;
      const text = await create(project, ...options);
      for (const file of ["src/contract.rs", "tests/hub.rs", "web/src/hubs", "Dockerfile", "cargo hubs dev"]) {
        assert.ok(text.includes(file), `what is said names ${file}:\n${text}`);
      }
      const installed = JSON.parse(readFileSync(join(ROOT, INSTALLED, "package.json"), "utf8"));
      const wanted = JSON.parse(folder.read(`${project}/web/package.json`));
      for (const kind of ["dependencies", "devDependencies"]) {
        for (const [dependency, version] of Object.entries(wanted[kind])) {
          assert.equal(installed[kind][dependency], version, dependency);
        }
      }
      await done(folder.run("npm", ["run", "build"], { cwd: `${project}/web` }));
      if (process.env.UPDATE_EXPECT !== undefined && name === "plain") {
        await done(hubs(["generate"], project));
        const now = folder.read(`${project}/contract/hubs.json`);
        writeFileSync(CONTRACT, now.replace(`"package": "${project}"`, '"package": "{{name}}"').replaceAll("my_plain::", "{{crate}}::"));
      }
      await done(hubs(["check"], project));
      await done(folder.run("cargo", ["fmt", "--check"], { cwd: project }));
      const passed = await done(folder.run("cargo", ["test"], { cwd: project }));
      assert.match(passed, /test what_one_says_everybody_hears ... ok/);
      // `cargo test` builds the server as well.
      const first = await serve(context, project);
      await talk(context, first.url);
      await first.server.stop();
      if (options.includes("--sqlite")) {
        const second = await serve(context, project);
        await talk(context, second.url, "Hello again", ["Hello from the other tab"]);
      }
    });
  }

  test("no combination leaves a word in braces, and each page compiles", async () => {
    for (const ui of ["plain", "vue", "react"]) {
      for (const sqlite of [[], ["--sqlite"]]) {
        const name = `all-${ui}${sqlite.length}`;
        await create(name, `--${ui}`, ...sqlite);
        for (const file of ["Cargo.toml", "Dockerfile", "README.md", "src/main.rs", "tests/hub.rs", "web/index.html", "web/tsconfig.json", ".github/workflows/ci.yml", "contract/hubs.json"]) {
          // GitHub has its own: `${{ .. }}`.
          assert.doesNotMatch(folder.read(`${name}/${file}`), /(?<!\$)\{\{[a-z]/, `${name}/${file}`);
        }
        assert.ok(folder.read(`${name}/README.md`).trim().split("\n").length <= 10);
        assert.ok(folder.exists(`${name}/.git`), "it is a git repository");
      }
    }
    await done(folder.run("npm", ["run", "build"], { cwd: "all-react0/web" }));
  });
});

describe("README.md", () => {
  const README = readFileSync(join(ROOT, "README.md"), "utf8");

  /** The block that follows a comment. */
  function block(comment) {
    const start = README.indexOf(`<!-- ${comment} -->`);
    assert.notEqual(start, -1, `README.md has no ${comment}`);
    const [, text] = README.slice(start).match(/^<!--[^\n]*-->\n```[^\n]*\n([\s\S]*?)\n```\n/) ?? [];
    assert.ok(text, `no block follows \`${comment}\``);
    return text;
  }

  test("it fits four screens, its files are there, and its commands are those of this repository", () => {
    assert.ok(README.split("\n").length <= 140, "it has grown");
    for (const [, file] of README.matchAll(/\]\((?!http)([^)#]+)/g)) {
      assert.ok(exists(join(ROOT, file)), `there is no ${file}`);
    }
    for (const command of ["cargo xtask demo", "cargo xtask test", "cargo install --path codegen --locked", "cargo hubs new ../hello --vue --sqlite", "cargo hubs dev"]) {
      assert.ok(README.includes(command), command);
    }
  });

  test("the pages that the index of docs names are there", () => {
    const index = readFileSync(join(ROOT, "docs/README.md"), "utf8");
    const named = [...index.matchAll(/\]\(([^):#]+)\)/g)].map(([, page]) => page);
    assert.ok(named.length > 10, "it names the guides");
    assert.deepEqual(named.filter((page) => !exists(join(ROOT, "docs", page))), []);
  });

  test("its trait is that of a new project, its page compiles, and a rename breaks both as it says", async () => {
    await create("renamed");
    // However the lines are broken.
    const parts = (text) => text.split(/[{};]/).map((part) => part.replace(/\/\/.*|\s/g, "")).filter((part) => part !== "");
    const contract = parts(folder.read("renamed/src/contract.rs"));
    assert.deepEqual(parts(block("part of: src/contract.rs")).filter((part) => !contract.includes(part)), []);
    folder.write("renamed/web/src/readme.ts", `${block("file: web/src/readme.ts")}\n`);
    const tsc = () => folder.run("npx", ["--no-install", "tsc"], { cwd: "renamed/web" });
    await done(tsc());

    folder.replace("renamed/src/contract.rs", "async fn say(", "async fn post(");
    const server = await folder.run("cargo", ["build", "--lib"], { cwd: "renamed" });
    assert.notEqual(server.code, 0);
    assert.ok(server.text.includes(block("error of: cargo build")), server.text);
    folder.replace("renamed/src/hub.rs", "async fn say(", "async fn post(");
    await done(hubs(["generate"], "renamed"));
    const page = await tsc();
    assert.notEqual(page.code, 0);
    assert.ok(page.text.includes(block("error of: tsc")), page.text);
  });
});

describe("what is refused leaves nothing behind", () => {
  const nothing = (name) => {
    assert.deepEqual(readdirSync(folder.path).filter((entry) => entry.includes(name)), []);
  };

  test("a folder that exists", async () => {
    folder.write("taken/mine.txt", "mine");
    const { code, text } = await hubs(["new", "taken"]);
    assert.equal(code, 1);
    assert.match(text, /error: taken exists already\nhelp: choose another name/);
    assert.equal(folder.read("taken/mine.txt"), "mine");
  });

  for (const [name, reason] of [
    ["1st", /cannot start with a digit/],
    ["a!b", /invalid character `!`/],
    ["fn", /Rust keyword/],
    ["tokio", /the project depends on a crate of that name/],
  ]) {
    test(`the name ${name}`, async () => {
      const { code, text } = await hubs(["new", name]);
      assert.equal(code, 1);
      assert.match(text, /cannot be the name of a project/);
      assert.match(text, reason);
      nothing(name);
    });
  }

  test("no Node, an old Node, no npm", async () => {
    const cargo = realpathSync(binary("cargo-hubs"));
    const tools = folder.join("tools");
    mkdirSync(tools);
    const which = (name) => process.env.PATH.split(delimiter).map((place) => join(place, name)).find(exists);
    for (const name of ["cargo", "rustc", "git", "bash", "flock"]) {
      const found = which(name);
      if (found !== undefined) symlinkSync(found, join(tools, name));
    }
    const program = (name, text) => {
      writeFileSync(join(tools, name), `#!/bin/sh\necho ${text}\n`);
      chmodSync(join(tools, name), 0o755);
    };
    const refused = async () => {
      const { code, text } = await folder.run(cargo, ["hubs", "new", "pageless"], { env: { PATH: tools } });
      assert.equal(code, 1, text);
      assert.match(text, /help: install Node 20.19 or newer, with npm/);
      nothing("pageless");
      return text;
    };
    assert.match(await refused(), /error: Node was not found/);
    program("node", "v18.1.0");
    assert.match(await refused(), /error: Node v18.1.0 is too old/);
    program("node", "v22.1.0");
    assert.match(await refused(), /error: npm was not found/);
  });
});

describe("cargo hubs dev", () => {
  test("a change reaches the page's types, mistakes are shown once, and Ctrl-C ends it all", async (context) => {
    await create("dev");
    const address = `127.0.0.1:${await freePort()}`;
    const all = { ADDRESS: address, CARGO_TARGET_DIR: TARGET, NO_COLOR: "1", ...env };
    const dev = new Program(binary("cargo-hubs"), { args: ["hubs", "dev"], cwd: folder.join("dev"), env: all });
    context.after(() => dev.stop().catch(() => {}));
    const said = (text) => dev.lines.find((line) => line.includes(text), `\`${text}\` from dev:\n${dev.words.join("\n")}`, BUILD_LIMIT);
    const page = await said("Local:");
    await said(`listening on http://${address}`);
    const url = page.match(/http:\S+/)[0];
    await talk(context, url);

    const contract = "dev/src/contract.rs";
    folder.replace(contract, "/// The last messages, oldest first.", "/// The last messages, the oldest first.");
    await eventually(() => folder.read("dev/web/src/hubs/chat-hub.ts").includes("The last messages, the oldest first."), "the change in the page's types");
    await said(`listening on http://${address}`);

    folder.replace(contract, "pub user: String,", "pub user: Strin,");
    const mistake = await said("error[E0");
    assert.match(mistake, /src\/contract.rs:\d+:\d+/);
    folder.replace("dev/src/lib.rs", "//! The contract", "//!  The contract");
    folder.replace(contract, "pub user: Strin,", "pub user: String,");
    await said(`listening on http://${address}`);
    const shown = dev.words.filter((line) => line.includes("cannot find type `Strin`"));
    assert.equal(shown.length, 1, shown.join("\n"));

    const group = descendants(dev.pid);
    assert.ok(group.length >= 2, "the page and the server run");
    dev.child.kill("SIGINT");
    const end = await within(dev.ended, "dev ends");
    assert.deepEqual(end, { code: 0, signal: null }, dev.words.join("\n"));
    assert.deepEqual(group.filter(runs), []);
    await assert.rejects(fetch(`http://${address}/`));
  });
});

/** Waits until something holds that nothing announces. */
async function eventually(holds, what) {
  const end = Date.now() + BUILD_LIMIT;
  while (!holds()) {
    assert.ok(Date.now() < end, `not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The processes that a process started, and those that they started. */
function descendants(pid) {
  const parents = new Map();
  for (const entry of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      parents.set(Number(entry), Number(readFileSync(`/proc/${entry}/stat`, "utf8").split(") ")[1].split(" ")[1]));
    } catch {
      // It ended meanwhile.
    }
  }
  const found = [pid];
  for (const parent of found) {
    for (const [child, of] of parents) if (of === parent) found.push(child);
  }
  return found.slice(1);
}

/** Whether a process runs; one that has ended and was not waited for does not. */
function runs(pid) {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

function exists(path) {
  try {
    return realpathSync(path) !== "";
  } catch {
    return false;
  }
}
