import { HubConnectionState } from "@microsoft/signalr";
import type {
  IStreamResult,
  IStreamSubscriber,
  ISubscription,
  Subject,
} from "@microsoft/signalr";

import { HubCallError, callError, nameOf, watch } from "./call.js";
import type { Call, HubCaller, HubMethod } from "./call.js";

/**
 * The items of a stream of the server: subscribe as with the official client, or loop with
 * `for await`. Leaving the loop, or disposing of the last subscription, ends the stream on the
 * server too. Errors are {@link HubCallError}s.
 *
 * The call is made at once. Items are kept in memory, without a limit, until the first reader
 * subscribes, since the official client cannot slow the server down. A later reader gets the items
 * from then on.
 */
export interface HubStream<T> extends IStreamResult<T>, AsyncIterable<T> {}

/** Calls a hub method that answers with a stream. */
export function stream<T>(
  connection: HubCaller,
  method: HubMethod,
  ...args: readonly unknown[]
): HubStream<T> {
  return watch(connection, (call) => {
    const ended = (): void => {
      call.forget?.();
      stopUploads(args);
    };
    return new Items<T>(
      method,
      call,
      () => connection.stream<T>(nameOf(method), ...args),
      ended,
    );
  });
}

/**
 * Calls a hub method whose stream can be resumed: when the connection is lost, the stream is read on
 * from the item that came last as soon as there is another connection. It fails, with reason `server`,
 * if the server does not have the next item any more.
 */
export function resumable<T>(
  connection: HubCaller,
  method: HubMethod,
  ...args: readonly unknown[]
): HubStream<T> {
  const { whenBack } = connection;
  if (whenBack === undefined) {
    return stream(connection, method, ...args);
  }
  return watch(connection, (call) => {
    const source = new Resumed<T>(connection, whenBack, method, args);
    return new Items<T>(
      method,
      call,
      () => source,
      () => {},
    );
  });
}

/** A name for a stream or a call that no other client can guess. */
export function secret(): string {
  const random = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** The items of one stream, over as many connections as it takes. */
class Resumed<T> implements IStreamResult<T> {
  readonly #connection: HubCaller;
  readonly #whenBack: () => Promise<void>;
  readonly #method: HubMethod;
  readonly #args: readonly unknown[];
  readonly #id = secret();
  #received = 0;
  #current: ISubscription<T> | undefined;
  #isLeft = false;

  constructor(
    connection: HubCaller,
    whenBack: () => Promise<void>,
    method: HubMethod,
    args: readonly unknown[],
  ) {
    this.#connection = connection;
    this.#whenBack = whenBack;
    this.#method = method;
    this.#args = args;
  }

  subscribe(reader: IStreamSubscriber<T>): ISubscription<T> {
    this.#read(reader, true);
    return {
      dispose: () => {
        this.#isLeft = true;
        this.#current?.dispose();
      },
    };
  }

  #read(reader: IStreamSubscriber<T>, isFirst: boolean): void {
    watch(this.#connection, (call) => {
      call.headers = {
        "resume-stream": this.#id,
        "resume-from": String(this.#received),
      };
      const fail = (cause: unknown): void => {
        call.forget?.();
        const error = callError(this.#method, cause, call);
        const isLost =
          error.reason === "lost" || (error.reason === "not-sent" && !isFirst);
        if (isLost && !this.#isLeft) {
          void this.#resume(reader, error);
        } else {
          reader.error(error);
        }
      };
      const name = nameOf(this.#method);
      try {
        this.#current = this.#connection
          .stream<T>(name, ...this.#args)
          .subscribe({
            next: (item) => {
              this.#received += 1;
              reader.next(item);
            },
            error: fail,
            complete: () => {
              call.forget?.();
              reader.complete();
            },
          });
      } catch (error) {
        fail(error);
      }
    });
  }

  async #resume(
    reader: IStreamSubscriber<T>,
    error: HubCallError,
  ): Promise<void> {
    try {
      await this.#whenBack();
    } catch {
      reader.error(error);
      return;
    }
    if (!this.#isLeft) {
      this.#read(reader, false);
    }
  }
}

/** Makes an argument from the items that the page uploads. */
export function upload<T>(
  connection: HubCaller,
  items: Subject<T> | AsyncIterable<T>,
): IStreamResult<T> {
  return new Upload<T>(connection, items);
}

/** Stops the uploads among the arguments of a call that is over. */
export function stopUploads(args: readonly unknown[]): void {
  for (const arg of args) {
    if (arg instanceof Upload) {
      arg.stop();
    }
  }
}

/** The items of a stream, kept until the first reader subscribes. */
class Items<T> implements HubStream<T> {
  readonly #method: HubMethod;
  readonly #call: Call;
  readonly #ended: () => void;
  readonly #readers = new Set<IStreamSubscriber<T>>();
  #source: ISubscription<T> | undefined;
  /** `undefined` once there was a reader. */
  #waiting: T[] | undefined = [];
  #end: { readonly error?: HubCallError } | undefined;

  constructor(
    method: HubMethod,
    call: Call,
    start: () => IStreamResult<T>,
    ended: () => void,
  ) {
    this.#method = method;
    this.#call = call;
    this.#ended = ended;
    try {
      this.#source = start().subscribe({
        next: (item) => this.#next(item),
        error: (error: unknown) => this.#fail(error),
        complete: () => this.#finish({}),
      });
    } catch (error) {
      this.#fail(error);
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

  #fail(error: unknown): void {
    const known = error instanceof HubCallError ? error : undefined;
    this.#finish({
      error: known ?? callError(this.#method, error, this.#call),
    });
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

  /** Passes the kept items to a new reader, and the end if the stream is over. */
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

  #tell(
    reader: IStreamSubscriber<T>,
    end: { readonly error?: HubCallError },
  ): void {
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
    if (
      !this.#readers.delete(reader) ||
      this.#readers.size > 0 ||
      this.#end !== undefined
    ) {
      return;
    }
    const text = "The stream was left before its end.";
    this.#end = {
      error: new HubCallError(nameOf(this.#method), text, "aborted"),
    };
    this.#waiting = undefined;
    this.#source?.dispose();
    this.#ended();
  }
}

/** How many items are sent before the page gets a turn. */
const TURN = 64;

/** The items that the page uploads, until they end or fail, or the call is over. */
class Upload<T> implements IStreamResult<T> {
  readonly #connection: HubCaller;
  readonly #items: Subject<T> | AsyncIterable<T>;
  #stop: (() => void) | undefined;

  constructor(connection: HubCaller, items: Subject<T> | AsyncIterable<T>) {
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

  async #pump(
    iterator: AsyncIterator<T>,
    server: IStreamSubscriber<T>,
  ): Promise<void> {
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
        // The call ended with its connection; another connection does not know it.
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
