// Who is in a group with the generated TypeScript and a real server, under both protocols: members come, change and go, and a
// connection that is lost is one of them.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { JsonHubProtocol, LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";

import { Cutter } from "../support/cutter.mjs";
import { generated } from "../support/generated.mjs";
import { serverForFile } from "../support/server.mjs";
import { Inbox, within } from "../support/time.mjs";

const server = serverForFile({ before, after });
const { OfficialLink, presenceOf } = await generated();

let groups = 0;

/** A page that enters a group whenever it is connected: as a member with this name, or to watch it. */
async function page(context, protocol, group, name, url = server().url) {
  const link = new OfficialLink(
    `${url}/presence`,
    { retry: () => 20, configure: (builder) => builder.withHubProtocol(protocol()).configureLogging(LogLevel.None) },
    () => (name === undefined ? call("Watch", group) : call("JoinAs", group, `key of ${name}`, name)),
  );
  const call = (method, ...args) => within(link.connection.invoke(method, ...args), `${method} is answered`);
  const presence = presenceOf(link);
  const [states, events] = [new Inbox(), []];
  const event = (kind) => (member) => events.push(`${kind}${member.meta.name}`);
  presence(group).subscribe((state) => states.push(state), { onJoin: event("+"), onLeave: event("-") });
  context.after(() => link.stop());
  await within(link.start(), "the page connects");
  const names = ({ members }) => members.map(({ meta }) => meta.name).join();
  const sees = (expected) => states.find((now) => now.isCurrent && names(now) === expected, `members ${expected}`);
  const forgets = () => states.find((now) => !now.isCurrent, "the group is forgotten");
  return { link, call, presence, events, sees, forgets };
}

for (const [protocol, make] of [
  ["JSON", () => new JsonHubProtocol()],
  ["MessagePack", () => new MessagePackHubProtocol()],
]) {
  test(`members come, change and go, over ${protocol}`, async (context) => {
    const group = `__proto__ ${groups++}`;
    const watcher = await page(context, make, group);
    assert.deepEqual(await watcher.sees(""), { members: [], count: 0, isCounted: false, isCurrent: true });
    const ada = await page(context, make, group, "Ada");
    await ada.sees("Ada");
    await watcher.sees("Ada");
    const bob = await page(context, make, group, "Bob");
    for (const seer of [ada, bob, watcher]) await seer.sees("Ada,Bob");
    await ada.call("JoinAs", group, "key of Ada", "Ada L.");
    const { members, count } = await bob.sees("Ada L.,Bob");
    assert.deepEqual(members[0], { key: "key of Ada", meta: { name: "Ada L." }, connections: 1 });
    assert.equal(count, 2);
    await bob.call("Leave", group);
    await bob.forgets();
    await watcher.sees("Ada L.");
    await ada.link.stop();
    await watcher.sees("");
    assert.deepEqual(watcher.events, ["+Ada", "+Bob", "-Bob", "-Ada L."]);
    assert.equal(ada.presence(group).current.isCurrent, false);
    assert.deepEqual([ada.presence(group).current.members, bob.presence(group).current.members], [[], []]);
  });

  test(`a page whose connection is lost shows the old list until it has the new one, over ${protocol}`, async (context) => {
    const group = `lost ${groups++}`;
    const cutter = await Cutter.start(context, server().url);
    const ada = await page(context, make, group, "Ada");
    await ada.sees("Ada");
    const cut = await page(context, make, group, undefined, cutter.url);
    await cut.sees("Ada");
    const lists = [];
    cut.presence(group).subscribe(({ members }) => lists.push(members.map(({ meta }) => meta.name).join()));
    cutter.isOpen = false;
    cutter.cutAll();
    const bob = await page(context, make, group, "Bob");
    await bob.sees("Ada,Bob");
    await ada.link.stop();
    await bob.sees("Bob");
    cutter.isOpen = true;
    await cut.sees("Bob");
    assert.deepEqual(cut.events, ["-Ada", "+Bob"]);
    assert.deepEqual(lists, ["Ada", "Bob"], "nothing flickers");
  });
}
