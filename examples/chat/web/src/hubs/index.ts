export * from "./chat-hub.js";
export * from "./runtime.js";
export type * from "./types.js";
