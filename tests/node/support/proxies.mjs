// Real proxies in front of a server: nginx, HAProxy or Caddy with a configuration file, on a free port.

import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { freePort } from "./chat.mjs";
import { Program, ROOT } from "./server.mjs";
import { LIMIT } from "./time.mjs";

/** Where the configurations that users copy are. */
export const EXAMPLES = join(ROOT, "examples/proxies");

/** The addresses that the configurations name: where the proxy listens, and where the application does. */
const LISTENS = /\b(listen |127\.0\.0\.1:)8080\b/g;
const APPLICATION = "127.0.0.1:3000";
const SECOND = "127.0.0.1:3001";

/** How each proxy is started with a configuration, in a folder of its own. */
const KINDS = {
  nginx(folder, text) {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`);
    const main = `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http { access_log off; ${temporary.join(" ")}
${text}}
`;
    const file = join(folder, "nginx.conf");
    writeFileSync(file, main);
    return ["-p", folder, "-e", "stderr", "-c", file];
  },
  haproxy(folder, text) {
    const file = join(folder, "haproxy.cfg");
    writeFileSync(file, text);
    return ["-db", "-f", file];
  },
  caddy(folder, text) {
    const file = join(folder, "Caddyfile");
    writeFileSync(file, `{\n\tadmin off\n}\n${text}`);
    return ["run", "--config", file, "--adapter", "caddyfile"];
  },
};

/** The path of a program. Debian has some of them where only root looks. */
export function program(name) {
  for (const folder of [...process.env.PATH.split(delimiter), "/usr/sbin", "/usr/local/sbin"]) {
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // The next folder.
    }
  }
  throw new Error(`no ${name}: \`cargo xtask test --only setup\` installs it where it can (Debian: \`apt-get install ${name}\`)`);
}

/** A running proxy. `url` is where the application is seen through it. */
export class Proxy {
  /**
   * `kind` is `nginx`, `haproxy` or `caddy`; `file` its configuration; `server` the URL of the application, and `second` that
   * of another one, where the configuration names two. `edit` changes the configuration.
   */
  static async start(kind, file, server, { second = server, edit = (text) => text } = {}) {
    const port = await freePort();
    const text = edit(readFileSync(file, "utf8"))
      .replaceAll(LISTENS, (_, before) => `${before}${port}`)
      .replaceAll(APPLICATION, new URL(server).host)
      .replaceAll(SECOND, new URL(second).host);
    const proxy = new Proxy();
    proxy.folder = mkdtempSync(join(tmpdir(), "hubs-proxy-"));
    mkdirSync(join(proxy.folder, "home"));
    const env = { XDG_DATA_HOME: join(proxy.folder, "home"), XDG_CONFIG_HOME: join(proxy.folder, "home") };
    proxy.program = new Program(program(kind), { args: KINDS[kind](proxy.folder, text), cwd: proxy.folder, env });
    proxy.host = `127.0.0.1:${port}`;
    proxy.url = `http://${proxy.host}/app`;
    await proxy.#listens(port);
    return proxy;
  }

  /** Tries until the port is open: not every proxy says when it listens. */
  async #listens(port) {
    const end = Date.now() + LIMIT;
    while (!(await isOpen(port))) {
      if (this.program.child.exitCode !== null || Date.now() > end) {
        throw new Error(`the proxy does not listen; it said:\n${this.program.words.join("\n")}`);
      }
    }
  }

  async stop() {
    await this.program.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (open) => {
      socket.destroy();
      setTimeout(resolve, open ? 0 : 20, open);
    };
    socket.once("connect", () => done(true)).once("error", () => done(false));
  });
}
