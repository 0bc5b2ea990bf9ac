// A program without a framework: it uses values, types and errors of the generated files, and connects to nothing.
import { createChatConnection, HubCallError } from "./hubs/index";
import type { ChatConnection, HubLinkState } from "./hubs/index";

const chat: ChatConnection = createChatConnection("/chat", { client: null });
const state: HubLinkState = chat.status.state;
chat.hub.rooms().catch((error: unknown) => {
  console.log(state, error instanceof HubCallError ? error.reason : error);
});
