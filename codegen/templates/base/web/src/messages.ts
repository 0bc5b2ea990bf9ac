import type { Message } from "./hubs/index.js";

/** The messages in their order, each of them once: one that is pushed may also come with the history. */
export function merge(messages: readonly Message[], more: readonly Message[]): readonly Message[] {
  const byId = new Map([...messages, ...more].map((message) => [message.id, message]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

/** A name for the first minute. */
export const guest = (): string => `Guest ${1 + Math.floor(Math.random() * 99)}`;
