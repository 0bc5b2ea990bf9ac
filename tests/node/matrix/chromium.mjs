// Fills the table in a Chromium, on a page of the server's own origin: the packages as a script tag gets them.

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "../support/chat.mjs";

const FOLDER = fileURLToPath(new URL("../", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript" };
/** The server knows nothing of this path; the browser gets these files from here. */
const PLACE = "/matrix-page/";

const PAGE = `<!doctype html><meta charset="utf-8"><title>matrix</title><link rel="icon" href="data:,">
<script src="${PLACE}node_modules/@microsoft/signalr/dist/browser/signalr.js"></script>
<script src="${PLACE}node_modules/@microsoft/signalr-protocol-msgpack/dist/browser/signalr-protocol-msgpack.js"></script>
<script type="module">
  import { fill } from "${PLACE}matrix/run.mjs";
  window.fill = () => fill({ signalR, messagePack: signalR.protocols.msgpack }, location.origin);
</script>`;

/** The cells of the table, and the browser's version. */
export async function fillInChromium(url) {
  const browser = await launch();
  try {
    const page = await browser.newPage();
    await page.route(`${url}${PLACE}**`, serve);
    await page.goto(`${url}${PLACE}`);
    await page.waitForFunction(() => "fill" in window);
    return { version: browser.version(), cells: await page.evaluate(() => window.fill()) };
  } finally {
    await browser.close();
  }
}

async function serve(route) {
  const path = new URL(route.request().url()).pathname.slice(PLACE.length);
  if (path === "") {
    return route.fulfill({ contentType: TYPES[".html"], body: PAGE });
  }
  const file = normalize(join(FOLDER, path));
  if (!file.startsWith(FOLDER) || file.endsWith(sep)) {
    return route.fulfill({ status: 404 });
  }
  return route.fulfill({ contentType: TYPES[extname(file)], body: await readFile(file) });
}
