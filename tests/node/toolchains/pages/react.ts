// A component on the generated hook.
import { createElement } from "react";
import type { ReactElement } from "react";

import { useChat } from "./hubs/react";

export function Chat(): ReactElement {
  const { state } = useChat("/chat", {
    receiveMessage() {},
    receiveNotice() {},
    typingChanged() {},
    roomsChanged() {},
    confirm: () => true,
  });
  return createElement("i", null, `state: ${state}`);
}
