// The generated TypeScript that knows no contract, as JavaScript for Node.

import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const HUBS = process.env.HUBS_GENERATED ?? fileURLToPath(new URL("../types/src/hubs/", import.meta.url));

/** What the connection and the calls export. */
export async function generated() {
  const folder = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const outfile = `${folder}generated-${process.pid}.mjs`;
  const contents = ["connection", "runtime"].map((file) => `export * from "./${file}.ts";`).join("\n");
  const typescript = {
    name: "typescript",
    setup(it) {
      it.onResolve({ filter: /^\.\/.*\.js$/ }, ({ path }) => ({ path: `${HUBS}${path.slice(2).replace(/\.js$/, ".ts")}` }));
    },
  };
  const stdin = { contents, resolveDir: HUBS };
  await build({ stdin, bundle: true, platform: "node", format: "esm", packages: "external", plugins: [typescript], outfile });
  return import(pathToFileURL(outfile));
}
