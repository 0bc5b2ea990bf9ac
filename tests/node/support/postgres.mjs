// A Postgres of its own for a test: a folder that is gone afterwards, and a free port.

import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import { freePort } from "./chat.mjs";
import { Program } from "./server.mjs";
import { LIMIT } from "./time.mjs";

/** Where Debian puts each version; the newest first. */
const DEBIAN = "/usr/lib/postgresql";

function program(name) {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((version) => join(DEBIAN, version, "bin")), ...(process.env.PATH ?? "").split(delimiter)];
  const found = folders.map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) {
    throw new Error(`no ${name}: \`cargo xtask test --only setup\` installs Postgres where it can (Debian: \`apt-get install postgresql\`)`);
  }
  return found;
}

/** Postgres refuses to run as root: then it runs as the user that Debian made for it. */
function someoneElse() {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync("/etc/passwd", "utf8").split("\n").find((line) => line.startsWith("postgres:"));
  if (line === undefined) throw new Error("Postgres does not run as root, and there is no user `postgres`");
  const [, , uid, gid] = line.split(":").map(Number);
  return { uid, gid };
}

export class Postgres {
  static async start() {
    const postgres = new Postgres();
    const user = someoneElse();
    postgres.folder = mkdtempSync(join(tmpdir(), "hubs-postgres-"));
    if (user.uid !== undefined) chownSync(postgres.folder, user.uid, user.gid);
    const data = join(postgres.folder, "data");
    const options = { ...user, cwd: postgres.folder, env: { PATH: process.env.PATH, LC_ALL: "C" } };
    execFileSync(program("initdb"), ["-D", data, "-U", "hubs", "-A", "trust", "-E", "UTF8", "--no-sync"], { ...options, stdio: "pipe" });
    const port = await freePort();
    const args = ["-D", data, "-p", `${port}`, "-k", postgres.folder, "-h", "127.0.0.1", "-F"];
    postgres.program = new Program(program("postgres"), { ...options, args });
    postgres.url = `postgres://hubs@127.0.0.1:${port}/postgres`;
    await postgres.program.said((line) => line.includes("ready to accept connections"), "Postgres is ready", 2 * LIMIT);
    return postgres;
  }

  async stop() {
    await this.program.stop("SIGQUIT");
    rmSync(this.folder, { recursive: true, force: true });
  }
}
