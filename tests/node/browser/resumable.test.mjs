// Resumable streams with the generated TypeScript in Chromium, through a network that is cut.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { launch } from "../support/chat.mjs";
import { Cutter } from "../support/cutter.mjs";
import { bundled } from "../support/generated.mjs";
import { GAP, mistakes } from "../support/resumed.mjs";
import { serverForFile } from "../support/server.mjs";
import { within } from "../support/time.mjs";

const server = serverForFile({ before, after });

/** Runs an export of support/resumed.mjs in a page whose connections go through a network that can be cut. */
async function inPage(context, name) {
  const cutter = await Cutter.start(context, server().url);
  const browser = await launch();
  context.after(() => browser.close());
  const page = await browser.newPage();
  const files = { "/generated.mjs": await bundled(), "/resumed.mjs": fileURLToPath(new URL("../support/resumed.mjs", import.meta.url)) };
  for (const [path, file] of Object.entries(files)) {
    const body = await readFile(file);
    await page.route(`**${path}`, (route) => route.fulfill({ contentType: "text/javascript", body }));
  }
  await page.exposeFunction("cutAll", () => cutter.cutAll());
  await page.goto(`${cutter.url}/control/stats`);
  const run = page.evaluate(async (name) => {
    const [generated, tests] = await Promise.all([import("/generated.mjs"), import("/resumed.mjs")]);
    return tests[name]({ ...generated, url: location.origin, http: {}, cut: () => globalThis.cutAll() });
  }, name);
  return within(run, "the stream ends", 90_000);
}

test("1 000 items through ten cuts: each comes once, in order", async (context) => {
  assert.deepEqual(mistakes(await inPage(context, "readsThroughCuts")), []);
});

test("a history that is too short is said, not hidden", async (context) => {
  assert.deepEqual((await inPage(context, "isToldOfAGap")).error, GAP);
});
