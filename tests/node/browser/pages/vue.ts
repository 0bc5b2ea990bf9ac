// A component on the generated composable; the test mounts and unmounts it.
import { LogLevel } from "@microsoft/signalr";
import { type App, createApp, defineComponent, h, ref, Suspense } from "vue";

import type { ChatClient } from "hubs/index.js";
import { useChat } from "hubs/vue.js";

const others: Omit<ChatClient, "receiveMessage"> = {
  receiveNotice() {},
  typingChanged() {},
  roomsChanged() {},
  confirm: () => true,
};

const Chat = defineComponent({
  props: { wait: { type: Promise<void>, required: false } },
  async setup(props) {
    const lines = ref<string[]>([]);
    const word = ref("heard");
    const { hub, state, error, link } = useChat(
      "/chat",
      { ...others, receiveMessage: ({ text }) => void lines.value.push(`${word.value} ${text}`) },
      {
        configure: (builder) => builder.configureLogging(LogLevel.None),
        onConnected: async (hub) => void (await hub.joinRoom("lobby", "vue")),
      },
    );
    await props.wait;
    return () => [
      h("p", { "data-testid": "state" }, `${state.value} ${error.value?.message ?? ""}`),
      h("p", { "data-testid": "connection" }, state.value === "connected" ? (link.connection.connectionId ?? "") : ""),
      h("button", { "data-testid": "say", onClick: () => hub.sendMessage("lobby", "from the page") }),
      h("button", { "data-testid": "word", onClick: () => (word.value = "understood") }),
      lines.value.map((line) => h("li", line)),
    ];
  },
});

let app: App | undefined;

Object.assign(globalThis, {
  mount(wait?: Promise<void>) {
    app = createApp({ render: () => h(Suspense, () => h(Chat, { wait })) });
    app.mount("#root");
  },
  unmount: () => app?.unmount(),
});
