// What the server sends by itself.

import { same } from "../kit.mjs";

export const PUSHES = {
  "push: to the caller, all, others, one": async (kit) => {
    const [ann, bob] = [await kit.connect(), await kit.connect()];
    await ann.invoke("SayToCaller", "me");
    same(await ann.next(), ["caller", "me"]);
    await ann.invoke("SayToAll", "us");
    same([await ann.next(), await bob.next()], [["all", "us"], ["all", "us"]]);
    await ann.invoke("SayToOthers", "them");
    same(await bob.next(), ["others", "them"]);
    await ann.invoke("SayToClient", await bob.invoke("ConnectionId"), "you");
    same(await bob.next(), ["client", "you"]);
    same([ann.received.items, bob.received.items], [[], []], "what else came");
  },

  "push: a handler's name in other letters": async (kit) => {
    let heard;
    const { invoke } = await kit.connect({ on: { rECEIVE: (why, text) => (heard = text) } });
    await invoke("SayToCaller", "any case");
    same(heard, "any case");
  },

  "push: groups": async (kit) => {
    const [ann, bob] = [await kit.connect(), await kit.connect()];
    const group = `group of ${kit.transport} and ${kit.protocol}`;
    await ann.invoke("Join", group);
    await ann.invoke("Join", group);
    await bob.invoke("Join", group);
    await ann.invoke("SayToGroup", group, "both");
    same([await ann.next(), await bob.next()], [["group", "both"], ["group", "both"]]);
    await bob.invoke("Leave", group);
    await ann.invoke("SayToGroup", group, "one");
    same(await ann.next(), ["group", "one"]);
    await ann.invoke("SayToGroup", group.toUpperCase(), "no member");
    await bob.invoke("Echo", "anything before this was for bob");
    same([ann.received.items, bob.received.items], [[], []], "what else came");
  },

  "push: 500 messages, in order": async (kit) => {
    const { invoke, received } = await kit.connect();
    await invoke("Burst", 500);
    // All come before the answer.
    same(received.drain(), Array.from({ length: 500 }, (_, number) => ["burst", `${number}`]));
  },

  "push: 200 KB in one message": async (kit) => {
    const { invoke, next } = await kit.connect({ path: "/interop-large" });
    const text = "\u00e9".repeat(100_000);
    await invoke("SayToCaller", text);
    same((await next())[1] === text, true, "that the text is the same");
  },
};
