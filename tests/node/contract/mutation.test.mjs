// What happens when a contract changes: the server's compiler, `cargo hubs check` and the page's compiler each say so,
// and are each content when the change is followed. The chat's own contract is really changed, in a copy.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { ROOT } from "../support/server.mjs";
import { Folder } from "../support/workspace.mjs";

const CHAT = "examples/chat";
const CONTRACT = `${CHAT}/contract/src/lib.rs`;
const SERVER = `${CHAT}/server/src/chat.rs`;
const PAGE = `${CHAT}/web/src/chat/useChat.ts`;

/** Each change: of the contract, what names it in Rust and in TypeScript, and how the two ends follow. */
const MUTATIONS = [
  {
    name: "a hub method is renamed",
    change: ["async fn send_message(", "async fn post_message("],
    rust: "send_message",
    contract: /SendMessage|sendMessage|send_message/,
    typescript: "sendMessage",
    server: [["async fn send_message(", "async fn post_message("]],
    page: [["hub.sendMessage(", "hub.postMessage("]],
  },
  {
    name: "an argument has another type",
    change: ["room: String, typing: bool) -> HubResult<()>;\n\n    /// Forgets", "room: String, typing: u32) -> HubResult<()>;\n\n    /// Forgets"],
    rust: "set_typing",
    contract: /SetTyping|setTyping|set_typing/,
    typescript: "setTyping",
    server: [
      ["room: String, typing: bool)", "room: String, typing: u32)"],
      [".typing_changed(room.clone(), user, typing)", ".typing_changed(room.clone(), user, typing > 0)"],
    ],
    page: [["setTyping(name, isTyping)", "setTyping(name, isTyping ? 1 : 0)"]],
  },
  {
    name: "a client method is removed",
    change: ["async fn typing_changed(&self, room: String, user: String, typing: bool) -> HubResult<()>;", ""],
    rust: "typing_changed",
    contract: /TypingChanged|typingChanged|typing_changed/,
    typescript: "typingChanged",
    server: [["cx.clients().others_in_group(&room).typing_changed(room.clone(), user, typing).await?;", "drop((user, typing));"]],
    page: [["typingChanged(name, user, typing) {", "...{}, membersOf(name: string, user: string, typing: boolean) {"]],
    after: (folder) => removeHandler(folder),
  },
];

/** Takes the whole handler out of the page, up to the bracket that closes it. */
function removeHandler(folder) {
  const text = folder.read(PAGE);
  const start = text.indexOf("...{}, membersOf(");
  const end = text.indexOf("\n      },", start) + "\n      },".length;
  folder.write(PAGE, text.slice(0, start) + text.slice(end));
}

/** The workspace's manifest with two members, on the crates of this repository. */
function manifest() {
  const path = (name) => JSON.stringify(join(ROOT, name));
  return readFileSync(join(ROOT, "Cargo.toml"), "utf8")
    .replace(/^members = .*$/m, `members = ["${CHAT}/contract", "${CHAT}/server"]`)
    .replace(/path = "(hubs-macros|hubs-runtime|codegen)"/g, (_, name) => `path = ${path(name)}`);
}

describe("a change of the contract", () => {
  let folder;

  before(() => {
    folder = new Folder("mutation");
    folder.copy(CHAT);
    folder.copy("Cargo.lock");
    folder.write("Cargo.toml", manifest());
    folder.borrowPackages(`${CHAT}/web`);
  });
  after(() => folder?.remove());

  const server = () => folder.run("cargo", ["check", "--quiet", "-p", "chat-server"]);
  const check = () => folder.hubs("check", "-p", "chat-contract");
  const generate = () => folder.hubs("generate", "-p", "chat-contract");
  const page = () => folder.run(join("node_modules", ".bin", "vue-tsc"), ["--noEmit", "--pretty"], { cwd: `${CHAT}/web` });

  async function allPass(when) {
    for (const tool of [server, check, page]) {
      const { code, text, line } = await tool();
      assert.equal(code, 0, `${when}: \`${line}\` says:\n${text}`);
    }
  }

  test("unchanged, all three are content", () => allPass("before any change"));

  for (const mutation of MUTATIONS) {
    test(mutation.name, async () => {
      folder.copy(CHAT); // as it was before the last change
      folder.replace(CONTRACT, ...mutation.change);

      const broken = await server();
      assert.notEqual(broken.code, 0, "the server still compiles");
      assert.ok(broken.text.includes(mutation.rust), `the method is not named:\n${broken.text}`);
      assert.match(broken.text, /server\/src\/chat\.rs:\d+/, "the file is not named");

      const stale = await check();
      assert.equal(stale.code, 4, `\`cargo hubs check\` says:\n${stale.text}`);
      assert.match(stale.text, mutation.contract, "the method is not named");
      assert.match(stale.text, /contract\/hubs\.json|chat-hub\.ts/, "the file is not named");
      assert.match(stale.text, /cargo hubs generate -p chat-contract/, "the command that fixes it is not named");

      const generated = await generate();
      assert.equal(generated.code, 0, generated.text);
      const refused = await page();
      assert.notEqual(refused.code, 0, "the page still compiles");
      assert.ok(refused.text.includes(mutation.typescript), `the method is not named:\n${refused.text}`);
      assert.match(refused.text, /src\/chat\/useChat\.ts:\d+/, "the file is not named");

      mutation.server.forEach((change) => folder.replace(SERVER, ...change));
      mutation.page.forEach((change) => folder.replace(PAGE, ...change));
      mutation.after?.(folder);
      await allPass("after the change was followed");
    });
  }
});
