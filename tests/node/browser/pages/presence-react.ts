// Components on the generated hooks of a hub with presence, over sockets that lead nowhere; the test is the server.
import { type HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { createElement as h, Fragment, StrictMode, useState } from "react";
import { createRoot, type Root } from "react-dom/client";

import type { BoardConnection } from "hubs/index.js";
import { useBoard, useBoardPresence } from "hubs/react.js";
import { sockets } from "sockets";

const { Socket, made } = sockets();
const heard: string[] = [];
const OPTIONS = {
  http: { skipNegotiation: true, transport: 1, WebSocket: Socket },
  retry: () => 0,
  configure: (builder: HubConnectionBuilder) => builder.configureLogging(LogLevel.None),
};

function Members({ link, group, word }: { link: BoardConnection; group: string | undefined; word: string }) {
  const { members, count, isCounted, isCurrent } = useBoardPresence(link, group, {
    onJoin: ({ key }) => heard.push(`${word} +${key}`),
    onLeave: ({ key }) => heard.push(`${word} -${key}`),
  });
  const names = members.map(({ meta }) => meta.name).join(" ");
  return h("p", { "data-testid": "members" }, `[${names}] ${count} ${isCounted} ${isCurrent}`);
}

function Board() {
  const [group, setGroup] = useState<string | undefined>("lobby");
  const [word, setWord] = useState("saw");
  const [isShown, setShown] = useState(true);
  const { link, state } = useBoard("http://localhost/board", null, OPTIONS);
  Object.assign(globalThis, { setGroup, setWord, setShown });
  return h(
    Fragment,
    null,
    h("p", { "data-testid": "state" }, state),
    isShown ? h(Members, { link, group, word }) : null,
  );
}

let root: Root | undefined;

Object.assign(globalThis, {
  heard,
  made,
  mount() {
    root = createRoot(document.getElementById("root")!);
    root.render(h(StrictMode, null, h(Board)));
  },
  unmount: () => root?.unmount(),
});
