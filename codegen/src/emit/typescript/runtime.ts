import {
  HubCallError,
  callError,
  cancel,
  messageOf,
  nameOf,
  watch,
} from "./call.js";
import type { Call, HubCaller, HubMethod } from "./call.js";
import { secret, stopUploads } from "./streams.js";

/** Undoes something once; a second call does nothing. */
export interface Disposable {
  dispose(): void;
}

/** Calls a hub method and waits for its answer. */
export async function invoke<T>(
  connection: HubCaller,
  method: HubMethod,
  ...args: readonly unknown[]
): Promise<T> {
  const wait = connection.whenReady?.();
  if (wait !== undefined) {
    await ready(wait, nameOf(method), args);
  }
  return watch(connection, (call) => answer<T>(connection, call, method, args));
}

/** Waits for a connection. */
async function ready(
  wait: Promise<void>,
  method: string,
  args: readonly unknown[],
): Promise<void> {
  try {
    await wait;
  } catch (error) {
    stopUploads(args);
    throw new HubCallError(method, messageOf(error), "not-sent");
  }
}

/**
 * Calls a hub method that can be cancelled. When `signal` is aborted, the promise is rejected at
 * once, and the server is told to cancel the method.
 */
export async function invokeCancellable<T>(
  connection: HubCaller,
  signal: AbortSignal | undefined,
  method: HubMethod,
  ...args: readonly unknown[]
): Promise<T> {
  const aborted = (): HubCallError =>
    new HubCallError(nameOf(method), "The call was cancelled.", "aborted");
  if (signal?.aborted === true) {
    throw aborted();
  }
  const wait = connection.whenReady?.();
  if (wait !== undefined) {
    await Promise.race([ready(wait, nameOf(method), args), left(signal)]);
    if (isAborted(signal)) {
      stopUploads(args);
      throw aborted();
    }
  }
  return watch(connection, (call) => {
    const answered = answer<T>(connection, call, method, args);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        cancel(connection, call);
        stopUploads(args);
        reject(aborted());
      };
      signal?.addEventListener("abort", abort);
      answered
        .then(resolve, reject)
        .finally(() => signal?.removeEventListener("abort", abort));
    });
  });
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/** Resolves when the signal is aborted. */
function left(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) =>
    signal?.addEventListener("abort", () => resolve(), { once: true }),
  );
}

async function answer<T>(
  connection: HubCaller,
  call: Call,
  method: HubMethod,
  args: readonly unknown[],
): Promise<T> {
  try {
    return await connection.invoke<T>(nameOf(method), ...args);
  } catch (error) {
    throw callError(method, error, call, connection);
  } finally {
    call.forget?.();
    stopUploads(args);
  }
}

/** How often a call is made of which it is not known whether it ran. */
const TRIES = 5;

/** How long such a call waits for a connection, in milliseconds. */
const LONGEST = 30_000;

/**
 * Calls a hub method and waits for its answer. Where the connection is lost before the answer comes,
 * the call is made again, with the same key, as soon as there is another one.
 */
export async function invokeIdempotent<T>(
  connection: HubCaller,
  method: HubMethod,
  ...args: readonly unknown[]
): Promise<T> {
  const key = secret();
  for (let tries = 1; ; tries += 1) {
    try {
      const wait = connection.whenReady?.();
      if (wait !== undefined) {
        await ready(wait, nameOf(method), args);
      }
      return await watch(connection, (call) => {
        call.headers = { "idempotency-key": key };
        return answer<T>(connection, call, method, args);
      });
    } catch (error) {
      const reason = error instanceof HubCallError ? error.reason : undefined;
      const again = reason === "lost" || (reason === "not-sent" && tries > 1);
      if (!again || tries === TRIES || !(await isBack(connection))) {
        throw error;
      }
    }
  }
}

/** Waits until there is a connection again; `false` if there is none in time, or none will be. */
async function isBack({ whenBack }: HubCaller): Promise<boolean> {
  if (whenBack === undefined) {
    return false;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), LONGEST);
  });
  const back = whenBack().then(
    () => true,
    () => false,
  );
  const isThere = await Promise.race([back, late]);
  clearTimeout(timer);
  return isThere;
}

/** Sends a call and does not wait for what the server does with it. */
export async function send(
  connection: HubCaller,
  method: string,
  ...args: readonly unknown[]
): Promise<void> {
  const wait = connection.whenReady?.();
  if (wait !== undefined) {
    await ready(wait, method, args);
  }
  try {
    await connection.send(method, ...args);
  } catch (error) {
    stopUploads(args);
    throw new HubCallError(method, messageOf(error), "not-sent");
  }
}

/** Registers handlers by the wire name of their method. The result removes these and no others. */
export function register(
  connection: HubCaller,
  handlers: Readonly<
    Record<string, ((...args: never[]) => unknown) | undefined>
  >,
): Disposable {
  const registered: [
    method: string,
    handler: (...args: unknown[]) => unknown,
  ][] = [];
  for (const [method, handler] of Object.entries(handlers)) {
    if (handler !== undefined) {
      registered.push([method, handler as (...args: unknown[]) => unknown]);
    }
  }
  for (const [method, handler] of registered) {
    connection.on(method, handler);
  }
  return {
    dispose(): void {
      for (const [method, handler] of registered.splice(0)) {
        connection.off(method, handler);
      }
    },
  };
}

/** How {@link openFeed} reads. */
export interface HubFeedOptions {
  /** Whether cookies go to a feed of another origin. */
  withCredentials?: boolean;

  /**
   * Called when events were missed that the server does not keep any more: fetch anew what the page
   * shows. `expired`: too much was sent meanwhile. `restarted`: the server is another one.
   */
  onMissed?: (reason: "expired" | "restarted") => void;
}

/**
 * A feed that is read. It takes the place of a connection where a client interface is registered,
 * and calls nothing.
 */
export interface HubFeed extends HubCaller {
  /** What reads. It connects again by itself. */
  readonly source: EventSource;

  /** Ends it. */
  close(): void;
}

/**
 * Reads the feed at `url`. Pass it to the `register` function of a client interface, before anything
 * else waits: events that have no handler yet are dropped.
 */
export function openFeed(url: string, options: HubFeedOptions = {}): HubFeed {
  const { withCredentials = false, onMissed } = options;
  const source = new EventSource(url, { withCredentials });
  const data = (event: Event): unknown =>
    JSON.parse((event as MessageEvent).data as string);
  source.addEventListener("hubs:missed", (event) => {
    const { reason } = data(event) as { reason: "expired" | "restarted" };
    onMissed?.(reason);
  });
  const listeners = new Map<string, Map<unknown, (event: Event) => void>>();
  const refused = (method: string): HubCallError =>
    new HubCallError(method, "A feed calls nothing.", "not-sent");
  return {
    source,
    connectionId: null,
    get state(): HubCaller["state"] {
      const states = ["Connecting", "Connected", "Disconnected"] as const;
      return states[source.readyState] as HubCaller["state"];
    },
    on(method: string, handler: (...args: never[]) => unknown): void {
      const listener = (event: Event): void => {
        void handler(...(data(event) as never[]));
      };
      const known = listeners.get(method) ?? new Map();
      listeners.set(method, known.set(handler, listener));
      source.addEventListener(method, listener);
    },
    off(method: string, handler?: (...args: never[]) => unknown): void {
      for (const [known, listener] of listeners.get(method) ?? []) {
        if (handler === undefined || known === handler) {
          source.removeEventListener(method, listener);
          listeners.get(method)?.delete(known);
        }
      }
    },
    invoke: (method: string) => Promise.reject(refused(method)),
    send: (method: string) => Promise.reject(refused(method)),
    stream(method: string): never {
      throw refused(method);
    },
    close: () => source.close(),
  };
}
