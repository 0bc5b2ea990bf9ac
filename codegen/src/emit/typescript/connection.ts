import {
  HubConnectionBuilder,
  HubConnectionState,
  JsonHubProtocol,
} from "@microsoft/signalr";
import type {
  HubConnection,
  IHttpConnectionOptions,
  IHubProtocol,
  RetryContext,
} from "@microsoft/signalr";

import { hubProtocol } from "./call.js";
import type { HubCaller } from "./call.js";
import { LazyConnection } from "./lazy.js";
import type { Disposable } from "./runtime.js";

/**
 * The state of a connection: `connecting` until the first connect, `reconnecting` while it is lost,
 * `disconnected` after `stop`, or when it gave up.
 */
export type HubLinkState =
  "connecting" | "connected" | "reconnecting" | "disconnected";

/** The state of a connection, and its last error. */
export interface HubLinkStatus {
  readonly state: HubLinkState;

  /** The last error; `undefined` while connected. */
  readonly error: Error | undefined;
}

/** Milliseconds to wait before another try, or `null` to give up. */
export type HubRetryDelay = (retry: RetryContext) => number | null;

/** How to connect; the same for every hub. */
export interface HubLinkOptions {
  /** Options of the official client: access tokens, headers, transports. */
  http?: IHttpConnectionOptions;

  /** Changes the connection before it is built, and returns the builder. */
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

/** The official client's message where another try needs other credentials. */
const REFUSED = /Status code '(?:401|403)'/;

/**
 * The default delay: below a second at first, growing to half a minute, without an end. Each delay
 * is partly random, so that not all pages come back at the same moment. Gives up only where the
 * server refuses the caller (401, 403).
 */
export function retryDelay(retry: RetryContext): number | null {
  if (REFUSED.test(retry.retryReason.message)) {
    return null;
  }
  const most = Math.min(LONGEST, 1_000 * 2 ** retry.previousRetryCount);
  return most / 2 + (Math.random() * most) / 2;
}

/**
 * A connection that is kept alive from `start` to `stop`, any number of times. A test can write an
 * object that has it.
 */
export interface HubLink {
  /** The current state: the same object until it changes. */
  readonly status: HubLinkStatus;

  /** Calls `listener` on every change of the status. */
  subscribe(listener: (status: HubLinkStatus) => void): Disposable;

  /**
   * Connects, and tries again until that works; from then on, whenever the connection is lost. The
   * promise settles with the first connect: it is rejected when `stop` is called before, when the
   * link gives up, and with the error that `onConnected` throws. Starting again changes nothing.
   */
  start(): Promise<void>;

  /** Ends the connection, or the attempts to connect. It can be started again. */
  stop(): Promise<void>;

  /** Tries again now instead of waiting. A browser that is back online does that by itself. */
  retryNow(): void;

  /** For registering handlers, and for calls that are not in the contract. */
  readonly connection: HubCaller;

  /** The connection of the official client; `undefined` before the first `start`. */
  readonly official?: HubConnection | undefined;
}

/** Wraps each protocol that is set, so that calls can be cancelled and errors have a reason. */
class Builder extends HubConnectionBuilder {
  override withHubProtocol(protocol: IHubProtocol): HubConnectionBuilder {
    return super.withHubProtocol(hubProtocol(protocol));
  }
}

/** Events that a page has, and other programs do not. */
interface PageEvents {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
}

const page: PageEvents = globalThis as object;

/** The {@link HubLink} over the official client. */
export class OfficialLink implements HubLink {
  readonly connection: LazyConnection = new LazyConnection();

  readonly #url: string;
  readonly #options: HubLinkOptions;
  readonly #retry: HubRetryDelay;
  readonly #onConnected: () => unknown;
  readonly #listeners = new Set<(status: HubLinkStatus) => void>();
  readonly #online = (): void => this.retryNow();
  readonly #offline = (): void => this.#lost();
  #status: HubLinkStatus = { state: "connecting", error: undefined };
  /** Changes with each start and stop, so that an older run can be told from the current one. */
  #epoch = 0;
  /** Changes with each connect and loss. */
  #round = 0;
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #lastReason: Error | undefined;
  /** When the official client tries again. */
  #nextTry = 0;
  #wake: () => void = () => {};

  /** `onConnected` runs after each connect, before the state is `connected`. */
  constructor(
    url: string,
    options: HubLinkOptions,
    onConnected: () => unknown,
  ) {
    const retry = options.retry ?? retryDelay;
    this.#url = url;
    this.#options = options;
    this.#retry = retry === false ? () => null : retry;
    this.#onConnected = onConnected;
  }

  get official(): HubConnection | undefined {
    return this.connection.built;
  }

  get status(): HubLinkStatus {
    return this.#status;
  }

  subscribe(listener: (status: HubLinkStatus) => void): Disposable {
    // A function of its own, so that one listener may subscribe twice.
    const tell = (status: HubLinkStatus): void => listener(status);
    this.#listeners.add(tell);
    return { dispose: () => void this.#listeners.delete(tell) };
  }

  start(): Promise<void> {
    this.#running ??= this.#run("connecting");
    return this.#running;
  }

  async stop(): Promise<void> {
    this.#end(undefined);
    await this.#close();
  }

  retryNow(): void {
    this.#wake();
    const waits = Date.now() < this.#nextTry;
    if (waits && this.connection.state === HubConnectionState.Reconnecting) {
      this.#again(this.#status.error);
    }
  }

  /** The browser has no network: the official client would notice only when pings are missing. */
  #lost(): void {
    if (this.#options.retry !== false && this.#status.state === "connected") {
      this.#again(new Error("The browser is offline."));
    }
  }

  #again(error: Error | undefined): void {
    this.#round += 1;
    this.#say("reconnecting", error);
    void this.#close();
    this.#running = this.#run("reconnecting");
    // The status has the error.
    this.#running.catch(() => {});
  }

  /** Builds the connection of the official client, once. */
  #open(): HubConnection {
    if (this.connection.built !== undefined) {
      return this.connection.built;
    }
    const { http = {}, configure, retry } = this.#options;
    const plain = new Builder()
      .withUrl(this.#url, http)
      .withHubProtocol(new JsonHubProtocol());
    const builder = configure?.(plain) ?? plain;
    if (retry !== false) {
      builder.withAutomaticReconnect({
        nextRetryDelayInMilliseconds: (context) => this.#delay(context),
      });
    }
    const connection = builder.build();
    connection.onreconnecting((error) => {
      this.#round += 1;
      this.#say("reconnecting", error);
    });
    // The status has the error.
    connection.onreconnected(() => void this.#ready().catch(() => {}));
    connection.onclose((error) => this.#closed(error));
    this.connection.use(connection);
    return connection;
  }

  async #run(state: "connecting" | "reconnecting"): Promise<void> {
    this.#epoch += 1;
    const epoch = this.#epoch;
    const since = Date.now();
    this.#say(
      state,
      this.#status.state === "disconnected" ? undefined : this.#status.error,
    );
    page.addEventListener?.("online", this.#online);
    page.addEventListener?.("offline", this.#offline);
    const connection = this.#opened();
    for (let tries = 0; ; tries += 1) {
      await this.#closing;
      this.#stillWanted(epoch);
      try {
        await connection.start();
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

  #opened(): HubConnection {
    try {
      return this.#open();
    } catch (cause) {
      // The options are wrong: another try would fail, too.
      const error = toError(cause);
      this.#end(error);
      throw error;
    }
  }

  /** Runs `onConnected`. */
  async #ready(): Promise<void> {
    this.#round += 1;
    const round = this.#round;
    let failure: Error | undefined;
    try {
      await this.#onConnected();
    } catch (cause) {
      failure = toError(cause);
    }
    // Unless the connection was lost meanwhile.
    if (round === this.#round) {
      this.#say("connected", failure);
      if (failure !== undefined) {
        throw failure;
      }
    }
  }

  /** The official client has closed: after `stop`, by the server, or because it gave up. */
  #closed(error: Error | undefined): void {
    if (this.#closing === undefined) {
      this.#end(error ?? this.#lastReason);
    }
  }

  #end(error: Error | undefined): void {
    this.#epoch += 1;
    this.#round += 1;
    this.#running = undefined;
    page.removeEventListener?.("online", this.#online);
    page.removeEventListener?.("offline", this.#offline);
    this.#say("disconnected", error);
    this.#wake();
  }

  async #close(): Promise<void> {
    // Set before `stop` is called: the official client may call `onclose` at once.
    const closing = Promise.resolve()
      .then(() => this.connection.built?.stop())
      .catch(() => {});
    this.#closing = closing;
    await closing;
    if (this.#closing === closing) {
      this.#closing = undefined;
    }
  }

  #stillWanted(epoch: number): void {
    if (epoch !== this.#epoch) {
      throw (
        this.#status.error ??
        new Error("The connection was stopped before it was connected.")
      );
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

/** Starts a connection and returns it; if that fails, the connection is stopped. */
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
