// Rendering where there is no page; a test that replaces the connection by an object of its own.
import { createElement } from "react";
import { renderToString as renderReact } from "react-dom/server";
import { createSSRApp } from "vue";
import { renderToString as renderVue } from "vue/server-renderer";

import { HubCallError } from "./hubs/index";
import type { ChatConnection } from "./hubs/index";
import { Chat as InReact } from "./react";
import { Chat as InVue } from "./vue";

test("react renders on a server", () => {
  expect(renderReact(createElement(InReact))).toBe("<i>state: connecting</i>");
});

test("vue renders on a server", async () => {
  expect(await renderVue(createSSRApp(InVue))).toBe("<i>state: connecting</i>");
});

test("a connection can be faked", async () => {
  const refused = (): Promise<never> => Promise.reject(new HubCallError("Any", "closed", "not-sent"));
  const calls = {
    clearHistory: refused,
    deleteMessage: refused,
    joinRoom: refused,
    leaveRoom: refused,
    olderMessages: refused,
    rooms: async () => [],
    sendMessage: refused,
    setTyping: refused,
  };
  const chat: Omit<ChatConnection, "connection"> = {
    hub: { ...calls, send: { ...calls, rooms: async () => {} } },
    status: { state: "connected", error: undefined },
    subscribe: () => ({ dispose() {} }),
    start: async () => {},
    stop: async () => {},
    retryNow() {},
    presence: () => ({
      current: { members: [], count: 0, isCounted: false, isCurrent: true },
      subscribe: () => ({ dispose() {} }),
    }),
  };
  expect(await chat.hub.rooms()).toEqual([]);
  expect(chat.presence("lobby").current.count).toBe(0);
  await expect(chat.hub.leaveRoom("lobby")).rejects.toMatchObject({ reason: "not-sent" });
});
