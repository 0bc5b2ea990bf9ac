// A component on the generated composable.
import { defineComponent, h } from "vue";
import type { Component } from "vue";

import { useChat } from "./hubs/vue";

export const Chat: Component = defineComponent({
  setup() {
    const { state } = useChat("/chat", null);
    return () => h("i", `state: ${state.value}`);
  },
});
