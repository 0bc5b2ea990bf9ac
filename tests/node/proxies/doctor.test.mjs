// `cargo hubs doctor` through real proxies: its verdict on each configuration of examples/proxies, which is right, and on each
// that is wrong.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import { EXAMPLES, Proxy } from "../support/proxies.mjs";
import { FixtureServer, binary, serverForFile } from "../support/server.mjs";

const WRONG = fileURLToPath(new URL("wrong", import.meta.url));

const server = serverForFile({ before, after });

/** Runs the command. Its exit code and what it found. */
function doctor(url, ...options) {
  const words = ["doctor", url, "--json", "--idle", "4", "--timeout", "3", ...options];
  return new Promise((resolve, reject) =>
    execFile(binary("cargo-hubs"), words, { timeout: 60_000 }, (error, stdout, stderr) => {
      try {
        resolve({ code: error?.code ?? 0, ...JSON.parse(stdout) });
      } catch {
        reject(new Error(`it ended with ${error?.code ?? 0} and said ${stdout}${stderr}`));
      }
    }),
  );
}

/** What it finds behind a proxy with this configuration. */
async function behind(kind, file, { path = "/interop", options = [], ...settings } = {}) {
  const proxy = await Proxy.start(kind, file, server().url, settings);
  try {
    return await doctor(`${proxy.url}${path}`, ...options);
  } finally {
    await proxy.stop();
  }
}

/** The checks with this verdict. */
const those = (report, verdict) => report.findings.filter((one) => one.verdict === verdict).map((one) => one.check);

/** A finding that names the proxy and a line of its configuration. */
function fixes(report, check, of, line) {
  const finding = report.findings.find((one) => one.check === check);
  const fix = finding.fixes.find((one) => one.of === of);
  assert.ok(fix?.lines.some((known) => known.includes(line)), JSON.stringify(finding, null, 2));
  return finding;
}

describe("right configurations", () => {
  for (const [kind, name] of Object.entries({ nginx: "nginx.conf", haproxy: "haproxy.cfg", caddy: "Caddyfile" })) {
    test(`${kind}, as in examples/proxies/${name}: nothing is wrong`, async () => {
      const report = await behind(kind, join(EXAMPLES, name));
      assert.deepEqual([those(report, "fail"), those(report, "warn"), those(report, "skip")], [[], [], []], JSON.stringify(report, null, 2));
      assert.deepEqual([report.ok, report.code], [true, 0]);
      assert.equal(report.findings.length, 11);
    });
  }
});

describe("the upgrade is removed", () => {
  const configurations = { nginx: "nginx-no-upgrade.conf", haproxy: "haproxy-no-upgrade.cfg", caddy: "Caddyfile.no-upgrade" };
  const lines = { nginx: "proxy_set_header Upgrade $http_upgrade;", haproxy: "del-header Upgrade", caddy: "header_up -Upgrade" };
  for (const [kind, name] of Object.entries(configurations)) {
    test(`${kind}: WebSockets fail, the rest works`, async () => {
      const report = await behind(kind, join(WRONG, name));
      assert.deepEqual(those(report, "fail"), ["websockets"], JSON.stringify(report, null, 2));
      assert.equal(report.code, 1);
      const { hop } = fixes(report, "websockets", kind, lines[kind]);
      assert.match(hop, { nginx: /^nginx/, haproxy: /gives no name/, caddy: /Caddy/ }[kind]);
    });
  }

  test("nginx, which refuses streams of events, too", async () => {
    const report = await behind("nginx", join(WRONG, "nginx-no-events.conf"));
    assert.deepEqual(those(report, "fail"), ["websockets", "events"], JSON.stringify(report, null, 2));
  });
});

test("`Host` is rewritten: pages of the own host are refused", async () => {
  const report = await behind("nginx", join(WRONG, "nginx-other-host.conf"));
  assert.deepEqual(those(report, "fail"), ["origin"], JSON.stringify(report, null, 2));
  fixes(report, "origin", "nginx", "proxy_set_header Host $http_host;");
  fixes(report, "origin", "application", "trust_proxies");
  const trusted = await behind("nginx", join(WRONG, "nginx-other-host.conf"), { path: "/interop-proxied" });
  assert.deepEqual([trusted.ok, trusted.code], [true, 0], "a hub that trusts the proxy is right");
});

test("what is silent for a second is cut", async () => {
  const report = await behind("nginx", join(WRONG, "nginx-short.conf"));
  assert.deepEqual(those(report, "fail"), ["silence", "poll-length"], JSON.stringify(report, null, 2));
  const { text } = fixes(report, "silence", "nginx", "proxy_read_timeout 120s;");
  const seconds = Number(text.match(/cut after ([\d.]+) s/)[1]);
  assert.ok(seconds >= 0.9 && seconds < 4, text);
  fixes(report, "silence", "application", "keep_alive_interval");
});

test("events are collected", async () => {
  const report = await behind("haproxy", join(WRONG, "haproxy-collecting.cfg"));
  assert.deepEqual(those(report, "fail"), ["events"], JSON.stringify(report, null, 2));
  fixes(report, "events", "haproxy", "wait-for-body");
  fixes(report, "events", "nginx", "proxy_buffering off;");
});

test("bodies are bounded below what a message may be", async () => {
  const report = await behind("nginx", join(WRONG, "nginx-small-bodies.conf"));
  assert.deepEqual(those(report, "fail"), ["bodies"], JSON.stringify(report, null, 2));
  fixes(report, "bodies", "nginx", "client_max_body_size 1m;");
  const small = await behind("nginx", join(WRONG, "nginx-small-bodies.conf"), { options: ["--body", "4096"] });
  assert.equal(small.ok, true, JSON.stringify(small, null, 2));
});

describe("two servers", () => {
  const second = {};
  before(async () => Object.assign(second, { server: await FixtureServer.start() }));
  after(() => second.server?.stop());

  test("in turns: connections are lost, and WebSockets without negotiation work", async () => {
    const report = await behind("nginx", join(WRONG, "nginx-two-servers.conf"), { second: second.server.url });
    assert.deepEqual(those(report, "fail"), ["affinity"], JSON.stringify(report, null, 2));
    assert.deepEqual(those(report, "skip"), ["events", "polling", "bodies"]);
    fixes(report, "affinity", "nginx", "ip_hash;");
  });

  test("each client at its own: nothing is wrong", async () => {
    const edit = (text) => text.replace("upstream hubs {", "upstream hubs {\n    ip_hash;");
    const report = await behind("nginx", join(WRONG, "nginx-two-servers.conf"), { second: second.server.url, edit });
    assert.deepEqual(those(report, "fail"), [], JSON.stringify(report, null, 2));
  });
});

describe("what is no hub", () => {
  test("another path", async () => {
    const report = await behind("nginx", join(EXAMPLES, "nginx.conf"), { path: "/nowhere" });
    assert.deepEqual(those(report, "fail"), ["negotiate"]);
    assert.match(report.findings[0].text, /404.*compare the path that the proxy removes/);
    assert.equal(report.code, 1);
  });

  test("a proxy whose application is not there", async () => {
    const proxy = await Proxy.start("nginx", join(EXAMPLES, "nginx.conf"), "http://127.0.0.1:1");
    try {
      const report = await doctor(`${proxy.url}/interop`);
      assert.match(report.findings[0].text, /502.*does not reach the application/);
      assert.match(report.findings[0].hop, /^nginx/);
    } finally {
      await proxy.stop();
    }
  });

  test("a hub whose token is missing, and one whose token is refused", async () => {
    assert.match((await doctor(`${server().url}/members`)).findings[0].text, /401.*HUBS_TOKEN/);
    const refused = await new Promise((resolve) =>
      execFile(binary("cargo-hubs"), ["doctor", `${server().url}/members`], { env: { HUBS_TOKEN: "s3cr3t" } }, (_, stdout) => resolve(stdout)),
    );
    assert.match(refused, /the token is refused/);
    assert.ok(!refused.includes("s3cr3t"), refused);
  });
});
