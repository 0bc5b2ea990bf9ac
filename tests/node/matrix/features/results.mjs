// The server asks the client.

import { same } from "../kit.mjs";

export const RESULTS = {
  "result: a handler's answer": async (kit) => {
    const { invoke, next } = await kit.connect({ on: { Add: (a, b) => a + b } });
    await invoke("AskMe", 2, 3);
    same(await next(), ["answer", "5"]);
    same(await invoke("Ask", null, 20, 22), "42");
  },

  "result: a handler that waits, for the server too": async (kit) => {
    const { invoke } = await kit.connect({ on: { Add: async (a, b) => connectionInvoke("Sum", a, b) } });
    const connectionInvoke = (...args) => invoke(...args);
    same(await invoke("Ask", null, 2, 3), "5");
  },

  "result: of another connection": async (kit) => {
    const [asking, asked] = [await kit.connect(), await kit.connect({ on: { Add: (a, b) => a * b } })];
    same(await asking.invoke("Ask", await asked.invoke("ConnectionId"), 6, 7), "42");
  },

  "result: no handler": async (kit) => {
    const { invoke } = await kit.connect();
    same(await invoke("Ask", null, 1, 2), "error: Client didn't provide a result.");
  },

  "result: a handler that throws": async (kit) => {
    const throws = () => {
      throw new Error("no negatives");
    };
    const { invoke } = await kit.connect({ on: { Add: throws } });
    same(await invoke("Ask", null, -1, 2), "error: Error: no negatives");
  },

  "result: of the wrong type": async (kit) => {
    const { invoke } = await kit.connect({ on: { Add: () => "many" } });
    same(/^error: /.test(await invoke("Ask", null, 1, 2)), true, "that it is an error");
    same(await invoke("Echo", "still there"), "still there");
  },

  "result: the server gives up": async (kit) => {
    let answer;
    const { invoke } = await kit.connect({ on: { Ponder: () => new Promise((resolve) => (answer = resolve)) } });
    same(await invoke("AskAndGiveUp", 50), "gave up");
    answer("too late");
    same(await invoke("Echo", "still there"), "still there");
  },

  "result: no such connection, or one that leaves": async (kit) => {
    const asking = await kit.connect();
    const unknown = "AAAAAAAAAAAAAAAAAAAAAA";
    same(await asking.invoke("Ask", unknown, 1, 2), `error: Connection '${unknown}' does not exist.`);
    let wasAsked;
    const isAsked = new Promise((resolve) => (wasAsked = resolve));
    const asked = await kit.connect({ on: { Add: () => (wasAsked(), new Promise(() => {})) } });
    const id = await asked.invoke("ConnectionId");
    const answer = asking.invoke("Ask", id, 1, 2);
    await isAsked;
    await asked.connection.stop();
    same(await answer, `error: Connection '${id}' disconnected.`);
  },
};
