// The generated files in the tools that people use, each with the value of `imports` that docs/pages.md names for it.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

import { binary, ROOT } from "../support/server.mjs";
import { bin, OPTIONS, Project } from "./kit.mjs";

const SAYS = /^connecting not-sent$/m;

describe("imports = js", () => {
  test("tsc, as Node and as bundlers resolve", async () => {
    const project = (await Project.make("tsc", "js")).pages("entry.ts", "react.ts", "vue.ts");
    project.write("package.json", { type: "module" });
    for (const [module, moduleResolution] of [["nodenext", "nodenext"], ["esnext", "bundler"]]) {
      project.write("tsconfig.json", { compilerOptions: { ...OPTIONS, module, moduleResolution } });
      await project.passes(bin("tsc"), ["-p", "."]);
    }
  });

  test("tsc without a library for browsers", async () => {
    const project = (await Project.make("tsc-node", "js")).pages("entry.ts");
    project.write("package.json", { type: "module" });
    const only = { lib: ["es2022"], types: ["node"], module: "nodenext", moduleResolution: "nodenext" };
    project.write("tsconfig.json", { compilerOptions: { ...OPTIONS, ...only }, files: ["entry.ts"] });
    await project.passes(bin("tsc"), ["-p", "."]);
  });

  test("Vite", async () => {
    const project = (await Project.make("vite", "js")).pages("entry.ts");
    project.write("index.html", `<script type="module" src="/entry.ts"></script>`);
    await project.passes(bin("vite"), ["build", "--logLevel", "warn"]);
    assert.match(project.read("dist/index.html"), /\/assets\//);
  });

  test("Vitest", async () => {
    const project = (await Project.make("vitest", "js")).pages("react.ts", "vue.ts", "render.test.ts");
    project.write("vitest.config.js", "export default { test: { globals: true } };\n");
    assert.match(await project.passes(bin("vitest"), ["run"]), /3 passed/);
  });

  test("esbuild", async () => {
    const project = (await Project.make("esbuild", "js")).pages("entry.ts");
    await project.passes(bin("esbuild"), ["entry.ts", "--bundle", "--platform=node", "--outfile=out.cjs"]);
    assert.match(await project.passes(process.execPath, ["out.cjs"]), SAYS);
  });

  test("tsx", async () => {
    const project = (await Project.make("tsx", "js")).pages("entry.ts");
    assert.match(await project.passes(bin("tsx"), ["entry.ts"]), SAYS);
  });
});

test("two contracts share one runtime", async () => {
  const project = await Project.make("shared", "js");
  const from = ["--from", join(ROOT, "tests/fixtures/types/contract/hubs.json")];
  await project.passes(binary("cargo-hubs"), ["hubs", "generate", ...from, "--to", "more/types", "--runtime", "hubs"]);
  assert.ok(!existsSync(project.join("more/types/call.ts")));
  project.write("entry.ts", SHARED);
  project.write("package.json", { type: "module" });
  project.write("tsconfig.json", { compilerOptions: OPTIONS });
  await project.passes(bin("tsc"), ["-p", "."]);
  await project.passes(bin("prettier"), ["--check", "hubs", "more"]);
  assert.match(await project.passes(bin("tsx"), ["entry.ts"]), /^not-sent not-sent$/m);
});

const SHARED = `import { createChatConnection, HubCallError } from "./hubs/index.js";
import type { HubCaller } from "./hubs/index.js";
import { createFailConnection, createFailHub } from "./more/types/index.js";

const fail = createFailConnection("/fail");
const same: HubCaller = fail.connection;
const calls = [createChatConnection("/chat", { client: null }).hub.rooms(), createFailHub(same).leave()];
const ended = await Promise.allSettled(calls);
console.log(ended.map((end) => end.status === "rejected" && end.reason instanceof HubCallError && end.reason.reason).join(" "));
`;

describe("imports = ts", () => {
  test("tsc", async () => {
    const project = (await Project.make("tsc-ts", "ts")).pages("entry.ts", "react.ts", "vue.ts");
    const compilerOptions = { ...OPTIONS, allowImportingTsExtensions: true, erasableSyntaxOnly: true };
    project.write("tsconfig.json", { compilerOptions });
    await project.passes(bin("tsc"), ["-p", "."]);
  });

  test("Node, which takes the types away", async () => {
    const project = (await Project.make("node", "ts")).pages("entry.ts");
    project.write("package.json", { type: "module" });
    assert.match(await project.passes(bin("node"), ["--experimental-strip-types", "entry.ts"]), SAYS);
  });

  test("Deno", async () => {
    const project = (await Project.make("deno", "ts")).pages("entry.ts");
    project.write("package.json", { dependencies: { "@microsoft/signalr": "*" } });
    const run = ["run", "--allow-all", "--node-modules-dir=manual", "entry.ts"];
    assert.match(await project.passes(bin("deno"), run), SAYS);
  });
});

describe("imports = none", () => {
  test("webpack with ts-loader", async () => {
    const project = (await Project.make("webpack", "none")).pages("entry.ts");
    project.write("tsconfig.json", { compilerOptions: { ...OPTIONS, noEmit: false }, files: ["entry.ts"] });
    project.write("webpack.mjs", WEBPACK);
    assert.match(await project.passes(process.execPath, ["webpack.mjs"]), /built/);
    assert.match(await project.passes(process.execPath, ["dist/main.js"]), SAYS);
  });

  test("Jest with ts-jest", async () => {
    const project = (await Project.make("jest", "none")).pages("react.ts", "vue.ts", "render.test.ts");
    const tsconfig = { ...OPTIONS, noEmit: false, module: "commonjs", moduleResolution: "node", types: ["jest"] };
    const transform = { "^.+\\.ts$": ["ts-jest", { tsconfig }] };
    project.write("package.json", { jest: { testEnvironment: "node", transform } });
    assert.match(await project.passes(bin("jest"), ["--ci"]), /Tests: +3 passed/);
  });
});

const WEBPACK = `import webpack from "webpack";
const config = {
  mode: "production",
  target: "node",
  entry: "./entry.ts",
  context: import.meta.dirname,
  output: { path: import.meta.dirname + "/dist" },
  module: { rules: [{ test: /\\.ts$/, loader: "ts-loader", options: { transpileOnly: true } }] },
  resolve: { extensions: [".ts", ".js"] },
};
webpack(config, (error, stats) => {
  if (error || stats.hasErrors()) throw error ?? new Error(stats.toString());
  console.log("built");
});
`;
