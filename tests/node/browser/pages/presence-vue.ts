// Components on the generated composables of a hub with presence, over sockets that lead nowhere; the test is the server.
import { type HubConnectionBuilder, LogLevel } from "@microsoft/signalr";
import { type App, createApp, defineComponent, h, type PropType, ref } from "vue";

import type { BoardConnection } from "hubs/index.js";
import { useBoard, useBoardPresence } from "hubs/vue.js";
import { sockets } from "sockets";

const { Socket, made } = sockets();
const heard: string[] = [];
const OPTIONS = {
  http: { skipNegotiation: true, transport: 1, WebSocket: Socket },
  retry: () => 0,
  configure: (builder: HubConnectionBuilder) => builder.configureLogging(LogLevel.None),
};

const Members = defineComponent({
  props: {
    link: { type: Object as PropType<BoardConnection>, required: true },
    group: { type: String, required: false },
    word: { type: String, required: true },
  },
  setup(props) {
    const { members, count, isCounted, isCurrent } = useBoardPresence(props.link, () => props.group, {
      onJoin: ({ key }) => heard.push(`${props.word} +${key}`),
      onLeave: ({ key }) => heard.push(`${props.word} -${key}`),
    });
    const names = () => members.value.map(({ meta }) => meta.name).join(" ");
    const text = () => `[${names()}] ${count.value} ${isCounted.value} ${isCurrent.value}`;
    return () => h("p", { "data-testid": "members" }, text());
  },
});

const Board = defineComponent({
  setup() {
    const group = ref<string | undefined>("lobby");
    const word = ref("saw");
    const isShown = ref(true);
    const { link, state } = useBoard("http://localhost/board", null, OPTIONS);
    Object.assign(globalThis, {
      setGroup: (name?: string) => (group.value = name),
      setWord: (said: string) => (word.value = said),
      setShown: (shown: boolean) => (isShown.value = shown),
    });
    return () => [
      h("p", { "data-testid": "state" }, state.value),
      isShown.value ? h(Members, { link, group: group.value, word: word.value }) : undefined,
    ];
  },
});

let app: App | undefined;

Object.assign(globalThis, {
  heard,
  made,
  mount() {
    app = createApp(Board);
    app.mount("#root");
  },
  unmount: () => app?.unmount(),
});
