// How components use the generated files: what must compile does, and each mistake is refused.
import { useEffect, useState } from "react";
import { defineComponent, h, watch } from "vue";
import type { Component, VNode } from "vue";

import { registerBoardClientPartially } from "./hubs/index.js";
import type { BoardClient, BoardHub, HubLinkState, Note } from "./hubs/index.js";
import * as react from "./hubs/react.js";
import * as vue from "./hubs/vue.js";

const handlers: BoardClient = {
  onEvent: () => {},
  moodChanged: () => {},
  mayRemove: () => true,
  confirm: () => null,
};

export const InVue: Component = defineComponent({
  setup() {
    const { hub, state, error, link } = vue.useBoard("/board", handlers, {
      onConnected: (hub) => void hub.send.notes("lobby", null),
    });
    const clock: vue.UsedHub<import("./hubs/index.js").ClockConnection> = vue.useClock("/clock");
    const same: BoardHub = hub;
    watch(state, (now: HubLinkState) => console.log(now, error.value?.message, same));
    // @ts-expect-error only the connection changes the state
    state.value = "connected";
    // @ts-expect-error handlers have their own place
    vue.useBoard("/board", handlers, { client: handlers });
    // @ts-expect-error a handler is missing
    vue.useBoard("/board", { onEvent: () => {} });
    return (): VNode => h("button", { onClick: () => link.retryNow() }, `${state.value} ${clock.state.value}`);
  },
});

export function InReact({ board }: { readonly board: string }): string {
  const [note, setNote] = useState<Note>();
  const { hub, state, error, link } = react.useBoard(
    "/board",
    { ...handlers, onEvent: (from) => console.log(from === board, note?.text) },
    { onConnected: async (hub) => setNote(await hub.pinNote(board, "hello", [1, 2])) },
  );
  useEffect(() => {
    hub.delete(board, 7).catch(() => link.retryNow());
  }, [hub, link, board]);
  const bare = react.useBoard("/board", null);
  useEffect(() => {
    const part = registerBoardClientPartially(bare.link.connection, {
      moodChanged: () => {},
      mayRemove: undefined,
      confirm: undefined,
    });
    return () => part.dispose();
  }, [bare.link]);
  // @ts-expect-error handlers have their own place
  react.useBoard("/board", handlers, { client: handlers });
  // @ts-expect-error a handler answers with another type
  react.useBoard("/board", { ...handlers, mayRemove: () => "yes" });
  const shown: HubLinkState = state;
  return `${shown} ${error?.message ?? ""} ${react.useClock("/clock").state}`;
}
