// Messages that are on their way: kept until the server has them, sent again after a reconnect, and each said once.
import { reactive } from "vue";
import { HubCallError } from "../hubs/index.js";
import type { ChatMessage } from "../hubs/index.js";

/** A message that the server has not confirmed. */
export interface Pending {
  readonly key: string;
  readonly room: string;
  readonly text: string;
  readonly sentAt: string;
  /** Why the server refused it; it is not sent again by itself. */
  refused: string | null;
}

/** Sends one message; the server gives the same answer if it has it already. */
export type Send = (pending: Pending) => Promise<ChatMessage>;

const KEY = "hubs-chat-outbox";

/** A text that no other message has. `randomUUID` exists on pages of https and of this machine only. */
const newKey = (): string => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The messages on their way, in their order. They outlive a reload of the tab. */
export function createOutbox(send: Send, sent: (message: ChatMessage) => void) {
  const waiting = reactive<Pending[]>(recall());
  let running: Promise<void> | null = null;

  function add(room: string, text: string): void {
    waiting.push({ key: newKey(), room, text, sentAt: new Date().toISOString(), refused: null });
    save();
    void flush();
  }

  /** Takes a message out: the server has it, or the person does not want it any more. */
  function remove(key: string): void {
    const at = waiting.findIndex((pending) => pending.key === key);
    if (at >= 0) waiting.splice(at, 1);
    save();
  }

  /** Sends what waits, one after the other so that the order stays. A lost connection ends it until the next call. */
  function flush(): Promise<void> {
    running ??= run().finally(() => (running = null));
    return running;
  }

  async function run(): Promise<void> {
    for (let next = first(); next !== undefined; next = first()) {
      try {
        const message = await send(next);
        remove(next.key);
        sent(message);
      } catch (cause) {
        // Lost or never sent: it may have arrived, so it stays, with its key.
        if (!(cause instanceof HubCallError) || cause.reason !== "server") return;
        next.refused = cause.text;
        save();
      }
    }
  }

  const first = () => waiting.find(({ refused }) => refused === null);

  const save = () => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(waiting));
    } catch {
      // A browser that stores nothing forgets them with the tab; that is all.
    }
  };

  return { waiting, add, remove, flush };
}

function recall(): Pending[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(value) ? (value as Pending[]).filter(({ key, room, text }) => [key, room, text].every((part) => typeof part === "string")) : [];
  } catch {
    return [];
  }
}
