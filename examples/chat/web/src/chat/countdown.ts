// Seconds until the next try to connect.
import { onScopeDispose, ref, type Ref } from "vue";
import type { RetryContext } from "@microsoft/signalr";
import { retryDelay } from "../hubs/index.js";

/** A retry policy, and how many seconds its next try is away; `null` while one is under way. */
export function countdown(): { seconds: Ref<number | null>; retry: (context: RetryContext) => number | null; stop: () => void } {
  const seconds = ref<number | null>(null);
  let timer: ReturnType<typeof setInterval> | undefined;

  function stop(): void {
    clearInterval(timer);
    seconds.value = null;
  }

  function retry(context: RetryContext): number | null {
    const delay = retryDelay(context);
    stop();
    if (delay === null) return null;
    const due = Date.now() + delay;
    const tick = (): void => {
      const left = Math.ceil((due - Date.now()) / 1_000);
      seconds.value = left > 0 ? left : null;
    };
    tick();
    timer = setInterval(tick, 250);
    return delay;
  }

  onScopeDispose(stop);
  return { seconds, retry, stop };
}
