// Fills the table in a Chromium, on a page of the server's own origin: the packages as a script tag gets them.

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "../support/chat.mjs";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));
const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript" };
/** The server knows nothing of this path; the browser gets these files from here. */
const PLACE = "/matrix-page/";
const PACKAGES = ["signalr/dist/browser/signalr.js", "signalr-protocol-msgpack/dist/browser/signalr-protocol-msgpack.js"];

/** The cells of the table, and the browser's version. */
export async function fillInChromium(url) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.route(`${url}${PLACE}**`, serve);
    // The page itself is the server's own: from one that is not, Chromium opens no socket to this machine.
    await page.goto(`${url}/control/stats`);
    for (const file of PACKAGES) {
      await page.addScriptTag({ url: `${PLACE}node_modules/@microsoft/${file}` });
    }
    const cells = await page.evaluate(async (place) => {
      const { fill } = await import(`${place}matrix/run.mjs`);
      return fill({ signalR, messagePack: signalR.protocols.msgpack }, location.origin);
    }, PLACE);
    return { version: browser.version(), cells };
  } finally {
    await browser.close();
  }
}

async function serve(route) {
  const path = new URL(route.request().url()).pathname.slice(PLACE.length);
  const file = normalize(join(FOLDER, path));
  if (!file.startsWith(FOLDER) || file.endsWith(sep)) {
    return route.fulfill({ status: 404 });
  }
  return route.fulfill({ contentType: TYPES[extname(file)], body: await readFile(file) });
}
