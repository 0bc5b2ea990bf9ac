// The generated TypeScript that knows no contract, as JavaScript for Node.

import { mkdirSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";

import { build } from "esbuild";

const HUBS = process.env.HUBS_GENERATED ?? fileURLToPath(new URL("../types/src/hubs/", import.meta.url));

/** What the connection, the calls and the streams export. */
export async function generated() {
  return import(pathToFileURL(await bundle("node", { packages: "external" })));
}

/** The same with the official client, for a page: the path of a file. */
export function bundled() {
  return bundle("browser", {});
}

async function bundle(platform, options) {
  const folder = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const outfile = `${folder}generated-${platform}-${process.pid}.mjs`;
  const contents = ["connection", "log", "presence", "runtime", "streams"].map((file) => `export * from "./${file}.ts";`).join("\n");
  const typescript = {
    name: "typescript",
    setup(it) {
      it.onResolve({ filter: /^\.\/.*\.js$/ }, ({ path, importer }) =>
        importer.includes("node_modules") ? undefined : { path: `${HUBS}${path.slice(2).replace(/\.js$/, ".ts")}` },
      );
    },
  };
  const stdin = { contents, resolveDir: HUBS };
  await build({ stdin, bundle: true, platform, format: "esm", plugins: [typescript], outfile, ...options });
  return outfile;
}
