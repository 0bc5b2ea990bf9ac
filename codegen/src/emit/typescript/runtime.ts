import { HubConnectionState } from "@microsoft/signalr";
import type {
  HubConnection,
  IStreamResult,
  IStreamSubscriber,
  ISubscription,
  Subject,
} from "@microsoft/signalr";

/** What undoes something, once; calling it again does nothing. */
export interface Disposable {
  dispose(): void;
}

/** The server refused a call or failed at it, or the connection could not carry it. */
export class HubCallError extends Error {
  override readonly name: string = "HubCallError";
  /** The method that was called, by its name on the wire. */
  readonly method: string;
  /** What the server has to say, without SignalR's prefix. */
  readonly text: string;

  constructor(method: string, message: string) {
    super(message);
    this.method = method;
    this.text = plainText(message);
  }
}

const PREFIX =
  /^(?:An unexpected error occurred invoking '.*?' on the server|Failed to invoke '.*?' due to an error on the server)\.\s+(?:HubException:\s*)?/;

function plainText(message: string): string {
  const text = message.replace(PREFIX, "");
  return text === "" ? message : text;
}

function callError(method: string, error: unknown): HubCallError {
  return new HubCallError(method, error instanceof Error ? error.message : String(error));
}

/**
 * The items of a stream of the server: subscribe as with the official client, or loop with
 * `for await`. Leaving the loop, or disposing of the last subscription, ends the stream on the
 * server too. Errors are {@link HubCallError}s.
 *
 * The call is made at once. Items wait in memory until somebody reads them, without a limit, since
 * the official client cannot slow the server down; whoever comes later gets the items from then on.
 */
export interface HubStream<T> extends IStreamResult<T>, AsyncIterable<T> {}

/** Calls a hub method and waits for its answer. */
export async function invoke<T>(
  connection: HubConnection,
  method: string,
  ...args: readonly unknown[]
): Promise<T> {
  try {
    return await connection.invoke<T>(method, ...args);
  } catch (error) {
    throw callError(method, error);
  } finally {
    stopUploads(args);
  }
}

/** Sends a call and does not wait for what the server does with it. */
export async function send(
  connection: HubConnection,
  method: string,
  ...args: readonly unknown[]
): Promise<void> {
  try {
    await connection.send(method, ...args);
  } catch (error) {
    stopUploads(args);
    throw callError(method, error);
  }
}

/** Calls a hub method that answers with a stream. */
export function stream<T>(
  connection: HubConnection,
  method: string,
  ...args: readonly unknown[]
): HubStream<T> {
  return new Items<T>(method, () => connection.stream<T>(method, ...args), () => stopUploads(args));
}

/** Makes an argument of what the page uploads. */
export function upload<T>(
  connection: HubConnection,
  items: Subject<T> | AsyncIterable<T>,
): IStreamResult<T> {
  return new Upload<T>(connection, items);
}

function stopUploads(args: readonly unknown[]): void {
  for (const arg of args) {
    if (arg instanceof Upload) {
      arg.stop();
    }
  }
}

/** Registers handlers by the wire name of their method. What comes back takes off these and no others. */
export function register(
  connection: HubConnection,
  handlers: Readonly<Record<string, ((...args: never[]) => unknown) | undefined>>,
): Disposable {
  const registered: [method: string, handler: (...args: unknown[]) => unknown][] = [];
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

/** The items of a stream, kept until the first reader comes. */
class Items<T> implements HubStream<T> {
  readonly #method: string;
  readonly #ended: () => void;
  readonly #readers = new Set<IStreamSubscriber<T>>();
  #source: ISubscription<T> | undefined;
  /** `undefined` once somebody has read. */
  #waiting: T[] | undefined = [];
  #end: { readonly error?: HubCallError } | undefined;

  constructor(method: string, start: () => IStreamResult<T>, ended: () => void) {
    this.#method = method;
    this.#ended = ended;
    try {
      this.#source = start().subscribe({
        next: (item) => this.#next(item),
        error: (error: unknown) => this.#finish({ error: callError(method, error) }),
        complete: () => this.#finish({}),
      });
    } catch (error) {
      this.#finish({ error: callError(method, error) });
    }
  }

  subscribe(reader: IStreamSubscriber<T>): ISubscription<T> {
    this.#readers.add(reader);
    // Later, so that the reader has its subscription when the first item comes.
    void Promise.resolve().then(() => this.#deliver(reader));
    return { dispose: () => this.#leave(reader) };
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    let arrived: T[] = [];
    let end: { readonly error?: unknown } | undefined;
    let wake = (): void => {};
    const subscription = this.subscribe({
      next: (item) => {
        arrived.push(item);
        wake();
      },
      error: (error: unknown) => {
        end = { error };
        wake();
      },
      complete: () => {
        end = {};
        wake();
      },
    });
    try {
      for (;;) {
        const items = arrived;
        arrived = [];
        yield* items;
        if (arrived.length > 0) {
          continue;
        }
        const last = end as { readonly error?: unknown } | undefined;
        if (last !== undefined) {
          if ("error" in last) {
            throw last.error;
          }
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      subscription.dispose();
    }
  }

  #next(item: T): void {
    if (this.#waiting !== undefined) {
      this.#waiting.push(item);
      return;
    }
    for (const reader of [...this.#readers]) {
      reader.next(item);
    }
  }

  #finish(end: { readonly error?: HubCallError }): void {
    if (this.#end !== undefined) {
      return;
    }
    this.#end = end;
    this.#ended();
    if (this.#waiting === undefined) {
      for (const reader of [...this.#readers]) {
        this.#tell(reader, end);
      }
    }
  }

  /** Gives a new reader what has waited, and the end if that was it. */
  #deliver(reader: IStreamSubscriber<T>): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const item of waiting) {
      this.#next(item);
    }
    if (this.#end !== undefined) {
      this.#tell(reader, this.#end);
    }
  }

  #tell(reader: IStreamSubscriber<T>, end: { readonly error?: HubCallError }): void {
    if (!this.#readers.delete(reader)) {
      return;
    }
    if (end.error === undefined) {
      reader.complete();
    } else {
      reader.error(end.error);
    }
  }

  #leave(reader: IStreamSubscriber<T>): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#end !== undefined) {
      return;
    }
    this.#end = { error: new HubCallError(this.#method, "The stream was left before its end.") };
    this.#waiting = undefined;
    this.#source?.dispose();
    this.#ended();
  }
}

/** How many items are sent before the page gets a turn. */
const TURN = 64;

/** What the page uploads, until it ends, fails, or the call is over. */
class Upload<T> implements IStreamResult<T> {
  readonly #connection: HubConnection;
  readonly #items: Subject<T> | AsyncIterable<T>;
  #stop: (() => void) | undefined;

  constructor(connection: HubConnection, items: Subject<T> | AsyncIterable<T>) {
    this.#connection = connection;
    this.#items = items;
  }

  subscribe(server: IStreamSubscriber<T>): ISubscription<T> {
    const items = this.#items;
    if ("subscribe" in items) {
      const subscription = items.subscribe(server);
      this.#stop = () => subscription.dispose();
    } else {
      const iterator = items[Symbol.asyncIterator]();
      this.#stop = () => {
        void Promise.resolve(iterator.return?.()).catch(() => {});
      };
      void this.#pump(iterator, server);
    }
    return { dispose: () => this.stop() };
  }

  stop(): void {
    const stop = this.#stop;
    this.#stop = undefined;
    stop?.();
  }

  async #pump(iterator: AsyncIterator<T>, server: IStreamSubscriber<T>): Promise<void> {
    try {
      for (let count = 1; ; count += 1) {
        const { done, value } = await iterator.next();
        if (this.#stop === undefined) {
          return;
        }
        if (done === true) {
          this.#stop = undefined;
          server.complete();
          return;
        }
        // Whatever comes after a lost connection belongs to no call any more.
        if (this.#connection.state !== HubConnectionState.Connected) {
          this.stop();
          return;
        }
        server.next(value);
        if (count % TURN === 0) {
          await new Promise((resolve) => setTimeout(resolve, 0));
        }
      }
    } catch (error) {
      if (this.#stop !== undefined) {
        this.#stop = undefined;
        server.error(error);
      }
    }
  }
}
