import { HubConnectionState } from "@microsoft/signalr";
import type { HubConnection, IStreamResult } from "@microsoft/signalr";

import type { HubCaller } from "./call.js";

type Handler = (...args: unknown[]) => unknown;

/** Calls that wait for a connection. */
export interface HubCallQueue {
  /** For how long a call waits, in milliseconds; then it fails. 10 000 if left out. */
  timeout?: number;

  /** How many calls wait at once; further ones fail. 100 if left out. */
  limit?: number;
}

interface WaitingCall {
  readonly go: () => void;
  readonly fail: (error: Error) => void;
}

/** The calls that wait, in the order in which they were made. */
export class WaitingCalls {
  readonly #timeout: number;
  readonly #limit: number;
  #calls: WaitingCall[] = [];

  constructor({ timeout = 10_000, limit = 100 }: HubCallQueue) {
    this.#timeout = timeout;
    this.#limit = limit;
  }

  /** Settles when the call may be made, or must not. */
  wait(): Promise<void> {
    if (this.#calls.length >= this.#limit) {
      const text = `There is no connection, and ${this.#limit} calls wait for it.`;
      return Promise.reject(new Error(text));
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#calls = this.#calls.filter((other) => other !== call);
        const text = `There was no connection for ${this.#timeout} ms.`;
        reject(new Error(text));
      }, this.#timeout);
      const call: WaitingCall = {
        go: () => {
          clearTimeout(timer);
          resolve();
        },
        fail: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#calls.push(call);
    });
  }

  /** Lets all go on. */
  go(): void {
    this.#take().forEach((call) => call.go());
  }

  /** Lets all fail. */
  fail(text: string): void {
    this.#take().forEach((call) => call.fail(new Error(text)));
  }

  #take(): WaitingCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }
}

/**
 * A connection that is built when it is first started: a server that renders the page has no
 * address to resolve a relative URL with, and needs no connection.
 */
export class LazyConnection implements HubCaller {
  /** Set if calls wait while there is no connection. */
  whenReady?: () => Promise<void> | undefined;

  /** Resolves when the connection is there again; rejects when it has ended for good. */
  whenBack?: () => Promise<void>;

  #built: HubConnection | undefined;
  /** Handlers that were registered before. */
  #handlers: [method: string, handler: Handler][] = [];

  get built(): HubConnection | undefined {
    return this.#built;
  }

  use(connection: HubConnection): void {
    this.#built = connection;
    for (const [method, handler] of this.#handlers) {
      connection.on(method, handler);
    }
    this.#handlers = [];
  }

  get state(): HubConnectionState {
    return this.#built?.state ?? HubConnectionState.Disconnected;
  }

  get connectionId(): string | null {
    return this.#built?.connectionId ?? null;
  }

  invoke<T>(method: string, ...args: unknown[]): Promise<T> {
    return this.#started().invoke<T>(method, ...args);
  }

  send(method: string, ...args: unknown[]): Promise<void> {
    return this.#started().send(method, ...args);
  }

  stream<T>(method: string, ...args: unknown[]): IStreamResult<T> {
    return this.#started().stream<T>(method, ...args);
  }

  on(method: string, handler: Handler): void {
    if (this.#built === undefined) {
      this.#handlers.push([method, handler]);
    } else {
      this.#built.on(method, handler);
    }
  }

  off(method: string, handler?: Handler): void {
    if (this.#built === undefined) {
      this.#handlers = this.#handlers.filter(
        ([name, other]) =>
          name !== method || (handler !== undefined && other !== handler),
      );
    } else if (handler === undefined) {
      this.#built.off(method);
    } else {
      this.#built.off(method, handler);
    }
  }

  #started(): HubConnection {
    if (this.#built === undefined) {
      throw new Error("The connection is not started.");
    }
    return this.#built;
  }
}
