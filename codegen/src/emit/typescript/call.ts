import {
  HubConnectionState,
  JsonHubProtocol,
  MessageType,
} from "@microsoft/signalr";
import type { HubConnection, IHubProtocol } from "@microsoft/signalr";

/**
 * The part of a connection that the generated code uses. A `HubConnection` of the official client
 * has it, and a test can write an object that has it.
 */
export type HubCaller = Pick<
  HubConnection,
  "invoke" | "send" | "stream" | "on" | "off" | "state" | "connectionId"
> & {
  /** Where calls wait for a connection: settles when they may go on, `undefined` if they may now. */
  whenReady?: () => Promise<void> | undefined;
  /** Resolves when the connection is there again; rejects when it has ended for good. */
  whenBack?: () => Promise<void>;
};

/**
 * Why a call failed:
 *
 * - `server`: the server answered with an error.
 * - `unauthorized`: the server refused the call, since the user may not make it.
 * - `not-sent`: there was no connection, or the arguments could not be written. The server has not
 *   seen the call.
 * - `lost`: the connection ended before the answer came. The server may have run the call.
 * - `aborted`: the page cancelled the call or left the stream.
 */
export type HubCallReason =
  "server" | "unauthorized" | "not-sent" | "lost" | "aborted";

/**
 * A failed call of a hub method. A method that names its errors has a function that narrows it:
 * after `isJoinError(error)`, `error.data` is a `JoinError`.
 */
export class HubCallError<E = unknown> extends Error {
  override readonly name: string = "HubCallError";
  /** The method that was called, by its name on the wire. */
  readonly method: string;
  /** Why the call failed. */
  readonly reason: HubCallReason;
  /** The message without SignalR's prefix: what the server wrote for its caller. */
  readonly text: string;
  /** The error as data, if the server sent it; otherwise `undefined`. */
  readonly data: E;
  /** The name of the type of `data`, if the contract has one. */
  readonly type: string | undefined;

  constructor(
    method: string,
    message: string,
    reason: HubCallReason,
    data?: E,
    type?: string,
  ) {
    super(message);
    this.method = method;
    this.reason = reason;
    this.text = plainText(message);
    this.data = data as E;
    this.type = type;
  }
}

/** Whether a call failed with an error of the type that the contract calls `type`. */
export function failedWith(error: unknown, type: string): boolean {
  return error instanceof HubCallError && error.type === type;
}

/** A method by its name on the wire, with the name of the type of its errors if it has one. */
export type HubMethod =
  string | { readonly name: string; readonly error: string };

export function withErrors(name: string, error: string): HubMethod {
  return { name, error };
}

export function nameOf(method: HubMethod): string {
  return typeof method === "string" ? method : method.name;
}

const PREFIX =
  /^(?:An unexpected error occurred invoking '.*?' on the server|Failed to invoke '.*?' due to an error on the server)\.\s*(?:HubException:\s*)?/;

const UNAUTHORIZED = /^Failed to invoke '.*?' because user is unauthorized$/;

function plainText(message: string): string {
  const text = message.replace(PREFIX, "");
  return text === "" ? message : text;
}

/** What is known about one call while it runs. */
export interface Call {
  /** Whether the connection was up when the call was made. */
  readonly up: boolean;
  /** How far it is, if the protocol is one of {@link hubProtocol}; otherwise `unknown`. */
  phase: "unknown" | "writing" | "written" | "answered";
  /** The error of the answer as data, in JSON. */
  data?: string | undefined;
  /** What is sent beside the arguments, if the protocol is one of {@link hubProtocol}. */
  headers?: Record<string, string>;
  id?: string;
  forget?: () => void;
}

/** The header of a failed call's answer that has the error as data. */
const ERROR_DATA = "error-data";

/** The call that is being written now. The official client writes a call before it returns. */
let current: Call | undefined;

/** Runs `start`, which makes one call, and notes what the protocol learns about it. */
export function watch<R>(connection: HubCaller, start: (call: Call) => R): R {
  const up = connection.state === HubConnectionState.Connected;
  const call: Call = { up, phase: "unknown" };
  current = call;
  try {
    return start(call);
  } finally {
    current = undefined;
  }
}

/** The target of a call that stands for a CancelInvocation message; it is never sent itself. */
const CANCEL = "\0cancel";

/** Tells the server to cancel a call, if the call is under way and its id is known. */
export function cancel(connection: HubCaller, call: Call): void {
  if (call.phase === "written") {
    // A connection that is lost cancels the call, too.
    connection.send(CANCEL, call.id).catch(() => {});
  }
}

/**
 * Wraps a protocol of the official client, so that errors tell why a call failed and have their
 * data, and calls can be cancelled on the server. The generated connections use it; pass it to `withHubProtocol` if you
 * build a connection yourself.
 */
export function hubProtocol(
  protocol: IHubProtocol = new JsonHubProtocol(),
): IHubProtocol {
  const calls = new Map<string, Call>();
  return {
    name: protocol.name,
    version: protocol.version,
    transferFormat: protocol.transferFormat,
    parseMessages(input, logger) {
      const messages = protocol.parseMessages(input, logger);
      for (const message of messages) {
        if (message.type !== MessageType.Completion) {
          continue;
        }
        const call = calls.get(message.invocationId);
        if (call !== undefined) {
          call.phase = "answered";
          call.data = message.headers?.[ERROR_DATA];
        }
      }
      return messages;
    },
    writeMessage(message) {
      const call = current;
      if (
        message.type === MessageType.Invocation &&
        message.target === CANCEL
      ) {
        const invocationId = String(message.arguments[0]);
        return protocol.writeMessage({
          type: MessageType.CancelInvocation,
          invocationId,
        });
      }
      const isCall =
        message.type === MessageType.Invocation ||
        message.type === MessageType.StreamInvocation;
      const id = isCall ? message.invocationId : undefined;
      if (call === undefined || id === undefined) {
        return protocol.writeMessage(message);
      }
      call.phase = "writing";
      const { headers } = call;
      const written = protocol.writeMessage(
        headers === undefined
          ? message
          : Object.assign({}, message, { headers }),
      );
      call.phase = "written";
      call.id = id;
      call.forget = () => void calls.delete(id);
      calls.set(id, call);
      return written;
    },
  };
}

/** `connection` is asked for its state if the protocol has not told how far the call was. */
export function callError(
  method: HubMethod,
  error: unknown,
  call: Call,
  connection?: HubCaller,
): HubCallError {
  const message = messageOf(error);
  const isUp = connection?.state === HubConnectionState.Connected;
  let reason: HubCallReason = "lost";
  if (UNAUTHORIZED.test(message)) {
    reason = "unauthorized";
  } else if (call.phase === "answered" || PREFIX.test(message)) {
    reason = "server";
  } else if (!call.up || call.phase === "writing") {
    reason = "not-sent";
  } else if (call.phase === "unknown" && isUp) {
    reason = "server";
  }
  const data = parsed(call.data);
  const type =
    data === undefined || typeof method === "string" ? undefined : method.error;
  return new HubCallError(nameOf(method), message, reason, data, type);
}

function parsed(data: string | undefined): unknown {
  try {
    return data === undefined ? undefined : JSON.parse(data);
  } catch {
    return undefined;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
