// The generated composable and hook for who is in a group, in a real browser; the test says what the server would say.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

import { launch, Visitor } from "../support/chat.mjs";
import { ROOT } from "../support/server.mjs";
import { within } from "../support/time.mjs";
import { Folder } from "../support/workspace.mjs";

const PAGES = fileURLToPath(new URL("pages", import.meta.url));
const FRAMEWORKS = ["vue", "react"];
const CONTRACT = join(ROOT, "tests/codegen/golden/hubs.json");
const HTML = `<!doctype html><title>page</title><link rel="icon" href="data:,"><div id="root"></div>`;

/** A component that is rendered where there is no page. */
const ON_SERVER = `import { createElement as h } from "react";
import { renderToString } from "react-dom/server";
import { useBoard, useBoardPresence } from "hubs/react.js";
function Board() {
  const { link, state } = useBoard("/board", null);
  const { count, isCurrent } = useBoardPresence(link, "lobby");
  return h("i", null, [state, count, isCurrent].join());
}
export const html = renderToString(h(Board));
`;

const member = (key) => ({ key, meta: { name: key, colour: [0, 0, 0] }, connections: 1 });
const list = (...keys) => ({ members: keys.map(member), count: keys.length });

describe("components that show who is there", () => {
  let folder;
  let browser;
  let server;
  let url;

  before(async () => {
    folder = new Folder("presence");
    const to = ["--to", folder.join("hubs"), "--frameworks", FRAMEWORKS.join()];
    const { code, text } = await folder.hubs("generate", "--from", CONTRACT, ...to);
    assert.equal(code, 0, text);
    await Promise.all(FRAMEWORKS.map(bundle));
    server = createServer((_, response) => response.setHeader("content-type", "text/html").end(HTML));
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${server.address().port}/`;
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    server?.close();
    folder?.remove();
  });

  /** Writes the page of a framework. */
  const bundle = (framework) =>
    written({ entryPoints: [join(PAGES, `presence-${framework}.ts`)], outfile: folder.join(`${framework}.js`), format: "iife" });

  /** Writes a bundle, as development builds are: they check more. */
  const written = (options) =>
    build({
      bundle: true,
      target: "es2022",
      alias: { hubs: folder.join("hubs"), sockets: join(ROOT, "tests/codegen/tsc/socket.mjs") },
      nodePaths: [join(ROOT, "tests/node/node_modules")],
      define: {
        "process.env.NODE_ENV": '"development"',
        __VUE_OPTIONS_API__: "true",
        __VUE_PROD_DEVTOOLS__: "false",
        __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
      },
      ...options,
    });

  test("react: a component is rendered on a server", async () => {
    const outfile = folder.join("server.cjs");
    const stdin = { contents: ON_SERVER, resolveDir: PAGES };
    await written({ stdin, outfile, format: "cjs", platform: "node" });
    assert.equal(createRequire(import.meta.url)(outfile).html, "<i>connecting,0,false</i>");
  });

  for (const framework of FRAMEWORKS) {
    test(`${framework}: a component shows its group, until it is unmounted`, async () => {
      const visitor = await Visitor.open(browser, url);
      const { page } = visitor;
      await page.addScriptTag({ path: folder.join(`${framework}.js`) });
      const call = (name, ...args) => page.evaluate(([name, args]) => void globalThis[name](...args), [name, args]);
      const say = (...args) =>
        page.evaluate((args) => globalThis.made.at(-1).say({ type: 1, target: "hubs:presence", arguments: args }), args);
      const shows = (text) => within(page.getByTestId("members").getByText(text, { exact: true }).waitFor(), text);
      const heard = () => page.evaluate(() => globalThis.heard.splice(0));

      await call("mount");
      await shows("[] 0 false false");
      await visitor.sees("state", "connected");
      await say("lobby", list("a", "b"));
      await shows("[a b] 2 false true");
      await say("lobby", { joined: [member("c")], changed: [{ ...member("a"), meta: { name: "Ada", colour: [0, 0, 0] } }], count: 3 });
      await shows("[Ada b c] 3 false true");
      assert.deepEqual(await heard(), ["saw +c"]);

      // Another group, which is too big for a list; none; and the first one again, which is known.
      await say("big", { count: 1000 });
      await call("setGroup", "big");
      await shows("[] 1000 true true");
      await say("lobby", { left: ["c"], count: 2 });
      await call("setGroup");
      await shows("[] 0 false false");
      await call("setGroup", "lobby");
      await shows("[Ada b] 2 false true");
      assert.deepEqual(await heard(), []);

      // The connection is lost, and there is another one.
      await page.evaluate(() => globalThis.made.at(-1).drop());
      await shows("[Ada b] 2 false false");
      await visitor.sees("state", "connected");
      await shows("[Ada b] 2 false false");
      await call("setWord", "noticed");
      await say("lobby", list("b", "d"));
      await shows("[b d] 2 false true");
      assert.deepEqual(await heard(), ["noticed -a", "noticed +d"]);

      // Without the component the connection goes on, and the component hears nothing.
      await call("setShown", false);
      await page.getByTestId("members").waitFor({ state: "detached" });
      await say("lobby", { joined: [member("e")], count: 3 });
      assert.deepEqual(await heard(), []);
      await call("setShown", true);
      await shows("[b d e] 3 false true");

      await call("unmount");
      await call("mount");
      await shows("[] 0 false false");
      assert.deepEqual(visitor.complaints, []);
      await visitor.close();
    });
  }
});
