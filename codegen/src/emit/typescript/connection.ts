import {
  HubConnectionBuilder,
  HubConnectionState,
  JsonHubProtocol,
  MessageType,
} from "@microsoft/signalr";
import type {
  HubConnection,
  IHttpConnectionOptions,
  IHubProtocol,
  IStatefulReconnectOptions,
  RetryContext,
} from "@microsoft/signalr";

import { hubProtocol } from "./call.js";
import type { HubCaller } from "./call.js";
import { LazyConnection, WaitingCalls } from "./lazy.js";
import type { HubCallQueue } from "./lazy.js";
import type { HubLogs } from "./log.js";
import { Renewal } from "./refresh.js";
import type { Disposable } from "./runtime.js";

/**
 * The state of a connection: `connecting` until the first connect, `resuming` while only its socket
 * is lost and the server keeps the connection (see {@link HubLinkOptions.statefulReconnect}),
 * `reconnecting` while it is lost, `disconnected` after `stop`, or when it gave up.
 */
export type HubLinkState =
  "connecting" | "connected" | "resuming" | "reconnecting" | "disconnected";

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
  /**
   * Options of the official client: access tokens, headers, transports. Where the server renews
   * tokens, `accessTokenFactory` is asked for another one before the last one ends.
   */
  http?: IHttpConnectionOptions;

  /** Changes the connection before it is built, and returns the builder. */
  configure?: (builder: HubConnectionBuilder) => HubConnectionBuilder;

  /**
   * How long to wait before another try, in the first connect as well as after a loss; {@link
   * retryDelay} if left out. `false` is one try and no second one, unless `configure` calls
   * `withAutomaticReconnect` itself.
   */
  retry?: HubRetryDelay | false;

  /**
   * Keeps the connection when its socket is lost, if the server allows that: its id, its groups and
   * the calls under way stay, and each message comes once. The state is `resuming` meanwhile, where
   * the page can show that it is back in a moment; calls that are made then are sent afterwards. In
   * Node the state is only shown if `http` has a `WebSocket`.
   */
  statefulReconnect?: boolean | IStatefulReconnectOptions;

  /**
   * What becomes of a call that is made while there is no connection, or while `onConnected` runs:
   * `fail`, as it does if this is left out, or a limit for how many calls wait, and for how long. A
   * call that is under way when the connection is lost fails in any case, and so does a stream.
   */
  callsWhileAway?: "fail" | HubCallQueue;

  /**
   * Runs after each connect but the first one, when `onConnected` has ended. Handlers that are
   * registered with `onreconnected` of the official client wait for it, too.
   */
  onReconnected?: () => void;
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
  readonly #resumed: () => void;
  readonly #logs: HubLogs | undefined;

  /** `resumed` is called when the server goes on over another socket. */
  constructor(resumed: () => void, logs: HubLogs | undefined) {
    super();
    this.#resumed = resumed;
    this.#logs = logs;
  }

  override withHubProtocol(protocol: IHubProtocol): HubConnectionBuilder {
    const wrapped = hubProtocol(protocol);
    return super.withHubProtocol({
      ...wrapped,
      parseMessages: (input, logger) => {
        const messages = wrapped.parseMessages(input, logger);
        if (messages.some(({ type }) => type === MessageType.Sequence)) {
          this.#resumed();
        }
        return this.#logs?.read(messages) ?? messages;
      },
    });
  }
}

type Sockets = new (url: string, protocols?: string | string[]) => WebSocket;

/** Options with one that the types of the official client leave out. */
interface SocketOptions extends IHttpConnectionOptions {
  WebSocket?: Sockets;
}

/** The same constructor; `closed` is called when a socket that it made has closed. */
function watchedSockets(sockets: Sockets, closed: () => void): Sockets {
  return new Proxy(sockets, {
    construct(target, args: ConstructorParameters<Sockets>): WebSocket {
      const socket = new target(...args);
      socket.addEventListener("close", closed);
      return socket;
    },
  });
}

/** Events that a page has, and other programs do not. */
interface PageEvents {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
}

/** What a page has, and other programs do not, or not all of it. */
interface Page extends PageEvents {
  readonly document?: PageEvents & { readonly visibilityState?: string };
  readonly WebSocket?: Sockets;
  readonly process?: { readonly versions?: { readonly node?: string } };
}

const page: Page = globalThis as object;

/** The {@link HubLink} over the official client. */
export class OfficialLink implements HubLink {
  readonly connection: LazyConnection = new LazyConnection();

  readonly #url: string;
  readonly #options: HubLinkOptions;
  readonly #retry: HubRetryDelay;
  readonly #onConnected: (direct: HubCaller | undefined) => unknown;
  readonly #listeners = new Set<(status: HubLinkStatus) => void>();
  readonly #online = (): void => this.retryNow();
  readonly #offline = (): void => this.#lost();
  readonly #seen = (): void => this.#woken();
  readonly #reconnected: ((connectionId?: string) => void)[] = [];
  readonly #waiting: WaitingCalls | undefined;
  readonly #logs: HubLogs | undefined;
  readonly #renewal = new Renewal();
  #status: HubLinkStatus = { state: "connecting", error: undefined };
  /** Whether a socket has closed and no other has taken its place. */
  #isCut = false;
  /** Whether it has been connected since the last start. */
  #wasConnected = false;
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

  /**
   * `onConnected` runs after each connect, before the state is `connected`. Where calls wait until it
   * has ended, it is given a connection for its own. `logs` are those of the groups and of the user.
   */
  constructor(
    url: string,
    options: HubLinkOptions,
    onConnected: (direct: HubCaller | undefined) => unknown,
    logs?: HubLogs,
  ) {
    this.#logs = logs;
    const retry = options.retry ?? retryDelay;
    const calls = options.callsWhileAway ?? "fail";
    if (calls !== "fail") {
      const waiting = new WaitingCalls(calls);
      this.#waiting = waiting;
      this.connection.whenReady = () => {
        const { state } = this.#status;
        return state === "connecting" || state === "reconnecting"
          ? waiting.wait()
          : undefined;
      };
    }
    this.connection.whenBack = () => this.#back();
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

  /** Resolves when it is connected again, and `onConnected` has ended. */
  async #back(): Promise<void> {
    // The official client ends its streams before it says that the connection is lost.
    await new Promise((resolve) => setTimeout(resolve, 0));
    await new Promise<void>((resolve, reject) => {
      const check = ({ state, error }: HubLinkStatus): boolean => {
        if (state === "connected") {
          resolve();
        } else if (state === "disconnected") {
          reject(error ?? new Error("The connection was stopped."));
        } else {
          return false;
        }
        return true;
      };
      if (!check(this.#status)) {
        const subscription = this.subscribe((status) => {
          if (check(status)) {
            subscription.dispose();
          }
        });
      }
    });
  }

  /** The page is seen again, perhaps after its computer was asleep: what it waits for is over. */
  #woken(): void {
    if (page.document?.visibilityState !== "hidden") {
      this.retryNow();
    }
  }

  /** A socket has closed. The official client may open another one at once, without telling. */
  #socketClosed(): void {
    this.#isCut = true;
    // Later, when the official client has seen it, too: if it does, it is still connected.
    setTimeout(() => {
      const isUp = this.connection.state === HubConnectionState.Connected;
      if (this.#isCut && isUp && this.#status.state === "connected") {
        this.#say("resuming", undefined);
      }
    }, 0);
  }

  /** The server goes on over another socket. */
  #resumed(): void {
    this.#isCut = false;
    if (this.#status.state === "resuming") {
      this.#say("connected", undefined);
    }
  }

  /** Options whose sockets tell when they close. */
  #watched(http: SocketOptions): SocketOptions {
    // In Node the official client finds a WebSocket that can send headers.
    const isNode = page.process?.versions?.node !== undefined;
    const sockets = http.WebSocket ?? (isNode ? undefined : page.WebSocket);
    if (sockets === undefined) {
      return http;
    }
    const closed = (): void => this.#socketClosed();
    return { ...http, WebSocket: watchedSockets(sockets, closed) };
  }

  /** The browser has no network: the official client would notice only when pings are missing. */
  #lost(): void {
    const { state } = this.#status;
    const isUp = state === "connected" || state === "resuming";
    if (this.#options.retry !== false && isUp) {
      this.#again(new Error("The browser is offline."));
    }
  }

  #again(error: Error | undefined): void {
    this.#round += 1;
    this.#logs?.lost();
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
    const { statefulReconnect: stateful = false } = this.#options;
    const watched = stateful === false ? http : this.#watched(http);
    const plain = new Builder(() => this.#resumed(), this.#logs)
      .withUrl(this.#url, this.#renewal.watch(watched))
      .withHubProtocol(new JsonHubProtocol());
    const builder = configure?.(plain) ?? plain;
    if (stateful !== false) {
      builder.withStatefulReconnect(stateful === true ? undefined : stateful);
    }
    if (retry !== false) {
      builder.withAutomaticReconnect({
        nextRetryDelayInMilliseconds: (context) => this.#delay(context),
      });
    }
    const connection = builder.build();
    this.#logs?.made(connection);
    connection.onreconnecting((error) => {
      this.#round += 1;
      this.#logs?.lost();
      this.#say("reconnecting", error);
    });
    // The status has the error.
    connection.onreconnected(() => void this.#ready().catch(() => {}));
    // From here on handlers wait for `onConnected`.
    connection.onreconnected = (handler) =>
      void this.#reconnected.push(handler);
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
    page.addEventListener?.("pageshow", this.#seen);
    page.document?.addEventListener?.("visibilitychange", this.#seen);
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
      this.#isCut = false;
      const { built } = this.connection;
      if (built !== undefined) {
        this.#logs?.connected(built);
      }
      const direct = this.#waiting && built;
      await this.#onConnected(direct);
    } catch (cause) {
      failure = toError(cause);
    }
    // Unless the connection was lost meanwhile.
    if (round === this.#round) {
      this.#say("connected", failure);
      this.#waiting?.go();
      this.#tellReconnected();
      if (failure !== undefined) {
        throw failure;
      }
    }
  }

  #tellReconnected(): void {
    const again = this.#wasConnected;
    this.#wasConnected = true;
    if (again) {
      const id = this.connection.connectionId ?? undefined;
      this.#reconnected.forEach((handler) => handler(id));
      this.#options.onReconnected?.();
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
    this.#logs?.lost();
    this.#running = undefined;
    page.removeEventListener?.("online", this.#online);
    page.removeEventListener?.("offline", this.#offline);
    page.removeEventListener?.("pageshow", this.#seen);
    page.document?.removeEventListener?.("visibilitychange", this.#seen);
    this.#wasConnected = false;
    this.#say("disconnected", error);
    this.#waiting?.fail("The connection has ended.");
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
    if (state !== "connected" && state !== "resuming") {
      this.#renewal.stop();
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
