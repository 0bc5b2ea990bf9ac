// The official client, unmodified, behind real proxies: the configurations of examples/proxies, and those that are wrong.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { promisify } from "node:util";

import * as signalR from "@microsoft/signalr";
import WebSocket from "ws";

import { failures, keep, render } from "../matrix/table.mjs";
import { EXAMPLES, Proxy } from "../support/proxies.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const FILL = fileURLToPath(new URL("fill.mjs", import.meta.url));
const WRONG = fileURLToPath(new URL("wrong", import.meta.url));
const RIGHT = { nginx: "nginx.conf", haproxy: "haproxy.cfg", caddy: "Caddyfile" };

const filling = promisify(execFile);

const server = serverForFile({ before, after });

/** Runs `use` with a proxy in front of the server. */
async function behind(kind, file, use) {
  const proxy = await Proxy.start(kind, file, server().url);
  try {
    return await use(proxy);
  } finally {
    await proxy.stop();
  }
}

/** Connects with every transport allowed, makes a call and a stream, and returns the transport that the client ended on. */
async function transportOf(url, path = "/interop") {
  const connection = new signalR.HubConnectionBuilder()
    .withUrl(`${url}${path}`)
    .configureLogging(signalR.LogLevel.None)
    .build();
  await within(connection.start(), "the connection starts");
  try {
    assert.equal(await within(connection.invoke("Echo", "through"), "the call is answered"), "through");
    return connection.connection.transport.constructor.name;
  } finally {
    await within(connection.stop(), "the connection stops");
  }
}

/** A WebSocket after its handshake. Its messages, pings too, arrive in `frames`; `closed` has the code. */
async function socket(url, path) {
  const raw = new WebSocket(`${url.replace("http", "ws")}${path}`);
  const frames = new Inbox();
  raw.on("message", (data) => `${data}`.split("\x1e").filter(Boolean).forEach((text) => frames.push(JSON.parse(text))));
  const closed = new Promise((resolve) => raw.on("close", resolve));
  raw.on("error", () => {});
  raw.on("open", () => raw.send('{"protocol":"json","version":1}\x1e'));
  await frames.find((frame) => Object.keys(frame).length === 0, "the handshake is answered");
  return { raw, frames, closed };
}

/** The answer to a page of this origin that negotiates. */
async function negotiate(url, path, origin) {
  const request = { method: "POST", headers: { origin } };
  const response = await within(fetch(`${url}${path}/negotiate?negotiateVersion=1`, request), "negotiate is answered");
  return { status: response.status, text: await response.text() };
}

for (const [kind, name] of Object.entries(RIGHT)) {
  describe(`${kind}, as in examples/proxies/${name}`, () => {
    const right = (use) => behind(kind, join(EXAMPLES, name), use);

    test("every feature over every transport and protocol", () =>
      right(async (proxy) => {
        const cells = JSON.parse((await filling(process.execPath, [FILL, proxy.url], { timeout: 300_000 })).stdout);
        const table = render(`${kind}, Node ${process.version}, client ${signalR.VERSION}`, cells);
        keep(kind, table);
        assert.deepEqual(failures(cells), [], `\n${table}\n`);
      }));

    test("the client ends on WebSockets", () =>
      right(async (proxy) => assert.equal(await transportOf(proxy.url), "WebSocketTransport")));

    test("a page of the host that the browser sees may connect, one of another may not", () =>
      right(async (proxy) => {
        assert.equal((await negotiate(proxy.url, "/interop", `http://${proxy.host}`)).status, 200);
        assert.equal((await negotiate(proxy.url, "/interop", "http://elsewhere.example")).status, 403);
      }));
  });
}

describe("a proxy that removes the upgrade", () => {
  const configurations = { nginx: "nginx-no-upgrade.conf", haproxy: "haproxy-no-upgrade.cfg", caddy: "Caddyfile.no-upgrade" };
  for (const [kind, name] of Object.entries(configurations)) {
    test(`${kind}: the client ends on Server-Sent Events`, () =>
      behind(kind, join(WRONG, name), async (proxy) =>
        assert.equal(await transportOf(proxy.url), "ServerSentEventsTransport"),
      ));
  }

  test("nginx, which refuses streams of events, too: the client ends on long polling", () =>
    behind("nginx", join(WRONG, "nginx-no-events.conf"), async (proxy) =>
      assert.equal(await transportOf(proxy.url), "LongPollingTransport"),
    ));
});

describe("a proxy that rewrites Host", () => {
  const rewriting = (use) => behind("nginx", join(WRONG, "nginx-other-host.conf"), use);

  test("every page is refused, with the setting that helps", () =>
    rewriting(async (proxy) => {
      const { status, text } = await negotiate(proxy.url, "/interop", `http://${proxy.host}`);
      assert.equal(status, 403);
      assert.match(text, /allowed_origins/);
    }));

  test("a hub that trusts the proxy lets the pages of its own host in, and no others", () =>
    rewriting(async (proxy) => {
      assert.equal((await negotiate(proxy.url, "/interop-proxied", `http://${proxy.host}`)).status, 200);
      assert.equal((await negotiate(proxy.url, "/interop-proxied", "http://elsewhere.example")).status, 403);
    }));
});

describe("a proxy that cuts what is silent for a second", () => {
  const short = (use) => behind("nginx", join(WRONG, "nginx-short.conf"), use);

  test("cuts a connection whose server pings every 15 s", () =>
    short(async (proxy) => {
      const { closed } = await socket(proxy.url, "/interop");
      assert.equal(await within(closed, "the connection is cut"), 1006);
    }));

  test("leaves one whose server pings twice a second", () =>
    short(async (proxy) => {
      const { raw, frames, closed } = await socket(proxy.url, "/interop-quick");
      for (let ping = 1; ping <= 5; ping++) {
        const open = frames.find((frame) => frame.type === 6, `ping ${ping}`);
        assert.notEqual(await Promise.race([open, closed]), 1006);
        // The client is as busy as the official one is: it pings, too.
        raw.send('{"type":6}\x1e');
      }
      raw.close();
      await within(closed, "the connection ends");
    }));
});
