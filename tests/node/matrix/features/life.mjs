// How connections end, and come back.

import { same } from "../kit.mjs";
import { within } from "../../support/time.mjs";

/** When a connection closes for good: the error's text, or null. */
const closed = (connection) =>
  within(new Promise((resolve) => connection.onclose((error) => resolve(error?.message ?? null))), "the connection closes");

const GONE = "Invocation canceled due to the underlying connection being closed.";

export const LIFE = {
  "end: stopped by the client": async (kit) => {
    const { connection, invoke } = await kit.connect();
    await invoke("Echo", "x");
    const end = closed(connection);
    await connection.stop();
    same(await end, null);
  },

  "end: aborted by the server, for good": async (kit) => {
    const { connection, invoke } = await kit.connect({ reconnect: [0, 0] });
    const end = closed(connection);
    const text = await invoke("Abort").catch((error) => error.message);
    same(text, GONE, "what the call is told");
    same(await end, null);
  },

  "end: closed with an error, no reconnect wanted": async (kit) => {
    const { connection, invoke } = await kit.connect();
    const end = closed(connection);
    await invoke("Echo", "x".repeat(40_000)).catch(() => {});
    same(await end, "Server returned an error on close: Connection closed with an error. (too large)");
  },

  "end: closed, may come back: a new id": async (kit) => {
    const { connection, invoke } = await kit.connect({ reconnect: [0, 100, 1_000] });
    const [before, idBefore] = [await invoke("ConnectionId"), connection.connectionId];
    same(before, idBefore, "the client's own idea of its id");
    const back = within(new Promise((resolve) => connection.onreconnected(resolve)), "the client reconnects");
    await invoke("Echo", "x".repeat(40_000)).catch(() => {});
    const idAfter = await back;
    same(idAfter !== idBefore, true, "that the id is new");
    same(await invoke("ConnectionId"), idAfter);
  },

  "start again after a stop": async (kit) => {
    const { connection, invoke } = await kit.connect();
    const before = await invoke("ConnectionId");
    await connection.stop();
    await within(connection.start(), "the connection starts again");
    same((await invoke("ConnectionId")) !== before, true, "that the id is new");
  },
};
