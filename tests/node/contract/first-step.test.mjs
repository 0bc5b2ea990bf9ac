// A stranger's first step, as README.md tells it: every file and every command is taken from there. Only the
// dependency is this repository's, the packages were installed before, and the ports are free ones.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";

import { freePort, launch, Visitor } from "../support/chat.mjs";
import { binary, Program, ROOT, TARGET } from "../support/server.mjs";
import { Folder } from "../support/workspace.mjs";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const INSTALLED = "tests/first-step";

/** The block that follows the comment `<!-- first-step: NAME -->`. */
function block(name) {
  const start = README.indexOf(`<!-- first-step: ${name} -->`);
  assert.notEqual(start, -1, `README.md has no first-step block for ${name}`);
  const [, text] = README.slice(start).match(/^<!--[^\n]*-->\n```[^\n]*\n([\s\S]*?)\n```\n/) ?? [];
  assert.ok(text, `the first-step block for ${name} does not follow its comment`);
  return `${text}\n`;
}

/** The commands of the README, in its order. */
for (const command of ["cargo new hello", "cargo hubs generate", "cargo run", "npm install && npm run dev"]) {
  test(`README.md says \`${command}\``, () => assert.ok(README.includes(command)));
}

test("the packages of the README are the ones that are installed", () => {
  assert.equal(block("web/package.json"), readFileSync(join(ROOT, INSTALLED, "package.json"), "utf8"));
});

test("the server is no longer than promised", () => {
  const lines = block("src/main.rs").split("\n").filter((line) => line.trim() !== "" && !line.trim().startsWith("//"));
  assert.ok(lines.length <= 40, `it has ${lines.length} lines`);
});

let folder;
let browser;
before(async () => {
  folder = new Folder("first-step");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  folder?.remove();
});

test("two tabs talk to each other", async (context) => {
  const env = { PATH: `${dirname(binary("cargo-hubs"))}${delimiter}${process.env.PATH}` };
  const port = await freePort();
  const own = (text) => text.replaceAll("127.0.0.1:3000", `127.0.0.1:${port}`);
  const done = async (promise) => {
    const { code, text, line } = await promise;
    assert.equal(code, 0, `\`${line}\` says:\n${text}`);
  };

  await done(folder.run("cargo", ["new", "hello"]));
  const dependency = 'hubs-runtime = "0.1"';
  const manifest = folder.read("hello/Cargo.toml");
  assert.ok(block("Cargo.toml").includes(dependency));
  assert.ok(manifest.endsWith("[dependencies]\n"), manifest);
  const path = `hubs-runtime = { path = ${JSON.stringify(join(ROOT, "hubs-runtime"))} }`;
  folder.write("hello/Cargo.toml", manifest.replace("[dependencies]\n", block("Cargo.toml").replace(dependency, path)));
  folder.copy("Cargo.lock", "hello/Cargo.lock");
  folder.write("hello/src/main.rs", own(block("src/main.rs")));

  await done(folder.run("cargo", ["hubs", "generate"], { cwd: "hello", env }));
  for (const file of ["contract/hubs.json", "web/src/hubs/index.ts", "web/src/hubs/chat-hub.ts"]) {
    assert.ok(folder.exists(join("hello", file)), `${file} is not written`);
  }
  await done(folder.run("cargo", ["hubs", "check"], { cwd: "hello", env }));

  for (const file of ["package.json", "vite.config.ts", "tsconfig.json", "index.html", "src/main.ts"]) {
    folder.write(join("hello/web", file), own(block(`web/${file}`)));
  }
  folder.borrowPackages(INSTALLED, "hello/web");
  await done(folder.run("npm", ["run", "build"], { cwd: "hello/web" }));

  const cargo = { cwd: folder.join("hello"), args: ["run", "--quiet"], env: { CARGO_TARGET_DIR: TARGET } };
  await done(folder.run("cargo", ["build"], { cwd: "hello" }));
  const server = new Program("cargo", cargo);
  context.after(() => server.stop());
  const pagePort = await freePort();
  const vite = join(folder.join("hello/web"), "node_modules", "vite", "bin", "vite.js");
  const page = new Program(process.execPath, { cwd: folder.join("hello/web"), args: [vite, "--port", `${pagePort}`, "--host", "127.0.0.1"] });
  context.after(() => page.stop());
  await page.lines.find((line) => line.includes(`${pagePort}`), "the page's server says where it is");

  const url = `http://127.0.0.1:${pagePort}/`;
  const [one, two] = [await Visitor.open(browser, url), await Visitor.open(browser, url)];
  context.after(() => Promise.all([one.close(), two.close()]));
  for (const tab of [one, two]) {
    await tab.page.locator("input").fill("ready?");
  }
  await one.page.locator("input").fill("Hello from the other tab");
  await one.page.locator("button").click();
  for (const tab of [one, two]) {
    await tab.page.getByText("me: Hello from the other tab").waitFor();
  }
  // Browsers ask for an icon, and forty lines have none.
  const complaints = [...one.complaints, ...two.complaints].filter((complaint) => !complaint.endsWith("/favicon.ico)"));
  assert.deepEqual(complaints, []);
});
