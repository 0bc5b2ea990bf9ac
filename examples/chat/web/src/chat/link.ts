// Keeps one connection alive and says how it is doing. Knows nothing of rooms and messages.
import type { HubConnection } from "@microsoft/signalr";
import { readonly, ref, type Ref } from "vue";

/** How the connection is doing. `reconnecting` also covers entering the rooms again. */
export type LinkState = "connecting" | "connected" | "reconnecting" | "stopped";

/** A connection that is kept alive. */
export interface Link {
  readonly state: Readonly<Ref<LinkState>>;
  /** Starts, and goes on trying until it works or until `stop`. */
  start(): void;
  /** Does not wait any longer for the next try. */
  tryNow(): void;
  stop(): Promise<void>;
}

/** Milliseconds before the next try: soon at first, then every few seconds, never all pages at once. */
export function retryDelay(tries: number): number {
  const steps = [0, 1_000, 2_000, 4_000];
  const base = steps[tries] ?? 5_000;
  return base === 0 ? 0 : base * (0.75 + Math.random() / 2);
}

/**
 * Keeps `connection` alive. `ready` runs after every connect and reconnect, before the state says `connected`: it is
 * the place to take up again what the server has forgotten.
 *
 * SignalR's automatic reconnect covers a connection that was up and broke; the first connect and a connection that the
 * server closed for good are tried again here.
 */
export function keepAlive(connection: HubConnection, ready: () => Promise<void>): Link {
  const state = ref<LinkState>("connecting");
  let stopped = false;
  let round = 0;
  let wake = () => {};

  async function becomeReady(): Promise<void> {
    const mine = ++round;
    try {
      await ready();
    } finally {
      // Another drop while we were at it makes this round void.
      if (mine === round && !stopped) state.value = "connected";
    }
  }

  function lost(): void {
    round += 1;
    if (!stopped) state.value = "reconnecting";
  }

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function startUntilItWorks(): Promise<void> {
    for (let tries = 1; !stopped; tries += 1) {
      try {
        await connection.start();
        return await becomeReady();
      } catch {
        if (connection.state !== "Disconnected") return; // up, but dropped again: SignalR is on it
        await pause(retryDelay(tries));
      }
    }
  }

  connection.onreconnecting(lost);
  connection.onreconnected(() => void becomeReady().catch(() => {}));
  connection.onclose(() => {
    lost();
    void startUntilItWorks();
  });
  const online = () => wake();
  window.addEventListener("online", online);

  return {
    state: readonly(state),
    start: () => void startUntilItWorks(),
    tryNow: () => wake(),
    async stop() {
      stopped = true;
      state.value = "stopped";
      window.removeEventListener("online", online);
      wake();
      await connection.stop();
    },
  };
}
