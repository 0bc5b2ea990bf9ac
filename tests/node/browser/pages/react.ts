// A component on the generated hook, in strict mode, which mounts it twice; the test mounts and unmounts it.
import { LogLevel } from "@microsoft/signalr";
import { createElement as h, Fragment, StrictMode, useState } from "react";
import { createRoot, type Root } from "react-dom/client";

import { useChat } from "hubs/react.js";

function Chat() {
  const [lines, setLines] = useState<readonly string[]>([]);
  const [word, setWord] = useState("heard");
  const [url, setUrl] = useState("/chat");
  const { hub, state, error, link } = useChat(
    url,
    {
      receiveMessage: ({ text }) => setLines([...lines, `${word} ${text}`]),
      receiveNotice() {},
      typingChanged() {},
      roomsChanged() {},
      confirm: () => true,
    },
    {
      configure: (builder) => builder.configureLogging(LogLevel.None),
      onConnected: async (hub) => void (await hub.joinRoom("lobby", "react")),
    },
  );
  return h(
    Fragment,
    null,
    h("p", { "data-testid": "state" }, `${state} ${error?.message ?? ""}`),
    h("p", { "data-testid": "connection" }, state === "connected" ? link.connection.connectionId : ""),
    h("button", { "data-testid": "say", onClick: () => hub.sendMessage("lobby", "from the page") }),
    h("button", { "data-testid": "word", onClick: () => setWord("understood") }),
    h("button", { "data-testid": "url", onClick: () => setUrl("/chat?another") }),
    lines.map((line) => h("li", { key: line }, line)),
  );
}

let root: Root | undefined;

Object.assign(globalThis, {
  mount() {
    root = createRoot(document.getElementById("root")!);
    root.render(h(StrictMode, null, h(Chat)));
  },
  unmount: () => root?.unmount(),
});
