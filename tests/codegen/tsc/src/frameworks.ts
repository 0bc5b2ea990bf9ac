// How components use the generated files: what must compile does, and each mistake is refused.
import { useEffect, useState } from "react";
import { defineComponent, h, ref, watch } from "vue";
import type { Component, VNode } from "vue";

import { registerBoardClientPartially } from "./hubs/index.js";
import type { Author, BoardClient, BoardHub, HubMember, HubLinkState, HubPresence, Note } from "./hubs/index.js";
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
    const group = ref<string>();
    const { members, count, isCounted, isCurrent } = vue.useBoardPresence(link, group, {
      onJoin: ({ meta }) => console.log(meta.name),
    });
    const first: HubMember<Author> | undefined = members.value[0];
    const others: vue.UsedPresence<Author> = vue.useBoardPresence(link, () => first?.key);
    watch([count, isCounted, isCurrent], ([count, isCounted]: [number, boolean, boolean]) => console.log(count, isCounted));
    vue.useBoardPresence(link, "lobby");
    // @ts-expect-error only the connection changes the members
    members.value = others.members.value;
    // @ts-expect-error the list is not the page's
    members.value.push(...others.members.value);
    // @ts-expect-error another connection has no presence
    vue.useBoardPresence(clock.link, group);
    // @ts-expect-error a group is a text
    vue.useBoardPresence(link, ref(7));
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
  const { members, count, isCounted, isCurrent } = react.useBoardPresence(link, note?.author?.name, {
    onLeave: ({ key, meta }) => console.log(key, meta.colour[0], note),
  });
  const shownTo: HubPresence<Author> = react.useBoardPresence(link, board);
  const names: string[] = members.map(({ meta, connections }) => `${meta.name} ${connections.toFixed()}`);
  console.log(names, count.toFixed(), isCounted || !isCurrent, shownTo === react.useBoardPresence(link, undefined));
  // @ts-expect-error members show an author
  const wrong: HubPresence<Note> = shownTo;
  // @ts-expect-error a state is never changed
  shownTo.count = wrong.count;
  // @ts-expect-error another connection has no presence
  react.useBoardPresence(react.useClock("/clock").link, board);
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
