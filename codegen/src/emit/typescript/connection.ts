import { HubConnectionBuilder, HubConnectionState } from "@microsoft/signalr";
import type { HubConnection, IHttpConnectionOptions, RetryContext } from "@microsoft/signalr";

import type { Disposable } from "./runtime.js";

/**
 * How a connection is doing: `connecting` until it is there for the first time, `reconnecting`
 * while it is lost, `disconnected` when it was stopped, or when there is no point in trying again.
 */
export type HubLinkState = "connecting" | "connected" | "reconnecting" | "disconnected";

/** How a connection is doing, and why it is not better. */
export interface HubLinkStatus {
  readonly state: HubLinkState;

  /** What went wrong last; `undefined` once all is well. */
  readonly error: Error | undefined;
}

/** Milliseconds to wait before another try, or `null` to give up. */
export type HubRetryDelay = (retry: RetryContext) => number | null;

/** How to connect, whatever the hub. */
export interface HubLinkOptions {
  /** Options of the official client: access tokens, headers, transports. */
  http?: IHttpConnectionOptions;

  /** Changes the connection before it is built, and gives the builder back. */
  configure?: (builder: HubConnectionBuilder) => HubConnectionBuilder;

  /**
   * How long to wait before another try, in the first connect as well as after a loss; {@link
   * retryDelay} if left out. `false` is one try and no second one, unless `configure` calls
   * `withAutomaticReconnect` itself.
   */
  retry?: HubRetryDelay | false;
}

/** The longest wait between two tries. */
const LONGEST = 30_000;

/** What the official client says where other credentials are needed, and no other try. */
const REFUSED = /Status code '(?:401|403)'/;

/**
 * Tries soon at first and every half minute at last, without an end. Each wait is partly by
 * chance, so that not all pages come back at the same moment. Gives up only where the server
 * refuses who is asking (401, 403).
 */
export function retryDelay(retry: RetryContext): number | null {
  if (REFUSED.test(retry.retryReason.message)) {
    return null;
  }
  const most = Math.min(LONGEST, 1_000 * 2 ** retry.previousRetryCount);
  return most / 2 + (Math.random() * most) / 2;
}

/** A connection that is kept alive from `start` to `stop`, any number of times. */
export class HubLink {
  /** The connection of the official client underneath. */
  readonly connection: HubConnection;

  readonly #retry: HubRetryDelay;
  readonly #onConnected: () => unknown;
  readonly #listeners = new Set<(status: HubLinkStatus) => void>();
  readonly #online = (): void => this.retryNow();
  #status: HubLinkStatus = { state: "connecting", error: undefined };
  /** Changes with each start and stop, and so tells who is late. */
  #epoch = 0;
  /** Changes with each connect and loss. */
  #round = 0;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #lastReason: Error | undefined;
  /** When the official client tries again. */
  #nextTry = 0;
  #wake: () => void = () => {};

  /** `onConnected` runs after each connect, before the state says so. */
  constructor(url: string, options: HubLinkOptions, onConnected: () => unknown) {
    const retry = options.retry ?? retryDelay;
    this.#retry = retry === false ? () => null : retry;
    this.#onConnected = onConnected;
    const plain = new HubConnectionBuilder().withUrl(url, options.http ?? {});
    const builder = options.configure?.(plain) ?? plain;
    if (retry !== false) {
      builder.withAutomaticReconnect({
        nextRetryDelayInMilliseconds: (context) => this.#delay(context),
      });
    }
    this.connection = builder.build();
    this.connection.onreconnecting((error) => {
      this.#round += 1;
      this.#say("reconnecting", error);
    });
    // A failure is in the status.
    this.connection.onreconnected(() => void this.#ready().catch(() => {}));
    this.connection.onclose((error) => this.#closed(error));
  }

  /** How the connection is doing now: the same object until it changes. */
  get status(): HubLinkStatus {
    return this.#status;
  }

  /** Tells of every change of the status. */
  subscribe(listener: (status: HubLinkStatus) => void): Disposable {
    // A function of its own, so that one listener may subscribe twice.
    const tell = (status: HubLinkStatus): void => listener(status);
    this.#listeners.add(tell);
    return { dispose: () => void this.#listeners.delete(tell) };
  }

  /**
   * Connects, and tries again until that works; from then on, whenever the connection is lost. The
   * promise settles with the first connect: it is rejected when `stop` is called before, when
   * there is no point in another try, and with what `onConnected` throws. Starting what is started
   * changes nothing.
   */
  start(): Promise<void> {
    this.#running ??= this.#run("connecting");
    return this.#running;
  }

  /** Ends the connection, or the attempts to connect. It may be started again. */
  async stop(): Promise<void> {
    this.#end(undefined);
    await this.#close();
  }

  /** Does not wait any longer for the next try. A browser back online does that by itself. */
  retryNow(): void {
    this.#wake();
    const waits = Date.now() < this.#nextTry;
    if (waits && this.connection.state === HubConnectionState.Reconnecting) {
      void this.#close();
      this.#running = this.#run("reconnecting");
      // The status says it.
      this.#running.catch(() => {});
    }
  }

  async #run(state: "connecting" | "reconnecting"): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    const since = Date.now();
    this.#say(state, this.#status.state === "disconnected" ? undefined : this.#status.error);
    globalThis.addEventListener?.("online", this.#online);
    for (let tries = 0; ; tries += 1) {
      await this.#closing;
      this.#stillWanted(epoch);
      try {
        await this.connection.start();
        break;
      } catch (cause) {
        this.#stillWanted(epoch);
        const error = toError(cause);
        const wait = this.#delay({
          previousRetryCount: tries,
          elapsedMilliseconds: Date.now() - since,
          retryReason: error,
        });
        if (wait === null) {
          this.#end(error);
          throw error;
        }
        this.#say(state, error);
        await this.#pause(wait);
      }
    }
    this.#stillWanted(epoch);
    await this.#ready();
    this.#stillWanted(epoch);
  }

  /** Runs what is to be done after a connect. */
  async #ready(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    let failure: Error | undefined;
    try {
      await this.#onConnected();
    } catch (cause) {
      failure = toError(cause);
    }
    // Another loss meanwhile makes this void.
    if (round === this.#round) {
      this.#say("connected", failure);
      if (failure !== undefined) {
        throw failure;
      }
    }
  }

  /** The official client has closed: we said so, or the server did, or no try is left. */
  #closed(error: Error | undefined): void {
    if (this.#closing === undefined) {
      this.#end(error ?? this.#lastReason);
    }
  }

  #end(error: Error | undefined): void {
    this.#epoch += 1;
    this.#round += 1;
    this.#running = undefined;
    globalThis.removeEventListener?.("online", this.#online);
    this.#say("disconnected", error);
    this.#wake();
  }

  async #close(): Promise<void> {
    // Known before it happens: the official client may call `onclose` at once.
    const closing = Promise.resolve()
      .then(() => this.connection.stop())
      .catch(() => {});
    this.#closing = closing;
    await closing;
    if (this.#closing === closing) {
      this.#closing = undefined;
    }
  }

  #stillWanted(epoch: number): void {
    if (epoch !== this.#epoch) {
      throw this.#status.error ?? new Error("The connection was stopped before it was there.");
    }
  }

  #delay(context: RetryContext): number | null {
    this.#lastReason = context.retryReason;
    const wait = this.#retry(context);
    this.#nextTry = Date.now() + (wait ?? 0);
    return wait;
  }

  #pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #say(state: HubLinkState, error: Error | undefined): void {
    if (state === this.#status.state && error === this.#status.error) {
      return;
    }
    this.#status = { state, error };
    for (const listener of [...this.#listeners]) {
      listener(this.#status);
    }
  }
}

/** Starts a connection and gives it; one that does not start is stopped. */
export async function started<L extends HubLink>(link: L): Promise<L> {
  try {
    await link.start();
  } catch (error) {
    await link.stop();
    throw error;
  }
  return link;
}

function toError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
