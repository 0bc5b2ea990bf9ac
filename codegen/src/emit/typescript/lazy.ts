import { HubConnectionState } from "@microsoft/signalr";
import type { HubConnection, IStreamResult } from "@microsoft/signalr";

import type { HubCaller } from "./call.js";

type Handler = (...args: unknown[]) => unknown;

/**
 * A connection that is built when it is first started: a server that renders the page has no
 * address to resolve a relative URL with, and needs no connection.
 */
export class LazyConnection implements HubCaller {
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
