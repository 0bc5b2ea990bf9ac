import { MessageType } from "@microsoft/signalr";
import type {
  HubConnection,
  HubMessage,
  InvocationMessage,
} from "@microsoft/signalr";

/** Whose messages they are: those of a group, or of the user whose page this is. */
export interface HubLogScope {
  /** The group; `undefined` for messages to the user. */
  readonly group: string | undefined;
}

/** Messages that were missed while the page was away have come, all of them and in order. */
export interface HubRecovered extends HubLogScope {
  /** How many there were. */
  readonly messages: number;
}

/** Messages were missed that the server does not keep any more. None of them has come. */
export interface HubGap extends HubLogScope {
  /**
   * Why: they are older than what is kept (`trimmed`), the server began anew (`epoch`), it has lost
   * messages (`diverged`), or the page has more groups than the server goes through (`limit`).
   */
  readonly reason: "trimmed" | "epoch" | "diverged" | "limit";
}

/** What a page is told of the durable messages that it has missed. */
export interface HubLogOptions {
  /**
   * Called after a reconnect for each group that the page has joined again, once it has got what it
   * had missed. Its handlers were called before.
   */
  onRecovered?: (recovered: HubRecovered) => void;

  /** Called where that is not possible: fetch anew what the page shows of the group. */
  onGap?: (gap: HubGap) => void;
}

/** What a connection needs to know of logs. */
export interface HubLogs {
  /** The connection is made, and not started yet. */
  made(connection: HubConnection): void;

  /** The connection is lost, or was ended. */
  lost(): void;

  /** There is a connection: the server is told how far each log was read. */
  connected(connection: HubConnection): void;

  /** The same messages, as they are to be handled. */
  read(messages: HubMessage[]): HubMessage[];
}

/** What the server says of logs. */
const NOTICE = "hubs:log";

type Notice = [scope: string, kind: string, position: string, detail: unknown];

/** What the application is told, and when: after the messages that came before. */
type LogEvent = ["recovered", HubRecovered] | ["gap", HubGap];

/** How far a log was read. */
interface Position {
  readonly epoch: string;
  readonly number: number;
  readonly text: string;
}

/** How many earlier connections the server is told of. */
const EARLIER = 8;

function parsed(text: string): Position | undefined {
  const [epoch, number, tag] = text.split(".");
  return epoch === undefined || number === undefined || tag === undefined
    ? undefined
    : { epoch, number: Number(number), text };
}

/** The logs of the groups and of the user of a page, over all of its connections. */
export class Logs implements HubLogs {
  readonly #options: HubLogOptions;
  readonly #read = new Map<string, Position>();
  /** Logs of which nothing counts until the server has said how it goes on. */
  readonly #waiting = new Set<string>();
  #earlier: string[] = [];

  constructor(options: HubLogOptions) {
    this.#options = options;
  }

  made(connection: HubConnection): void {
    connection.on(NOTICE, (event?: LogEvent) => {
      if (event?.[0] === "recovered") {
        this.#options.onRecovered?.(event[1]);
      } else if (event?.[0] === "gap") {
        this.#options.onGap?.(event[1]);
      }
    });
  }

  lost(): void {
    for (const scope of this.#read.keys()) {
      this.#waiting.add(scope);
    }
  }

  connected(connection: HubConnection): void {
    const positions = Array.from(this.#read, ([scope, { text }]) => [
      scope,
      text,
    ]);
    // Sent before anything that the page calls. What cannot be sent is sent with the next connection.
    connection
      .send("hubs:resume", Object.fromEntries(positions), this.#earlier)
      .catch(() => {});
    const id = connection.connectionId;
    if (id !== null) {
      this.#earlier = [...this.#earlier, id].slice(-EARLIER);
    }
  }

  read(messages: HubMessage[]): HubMessage[] {
    return messages.map((message) => {
      if (message.type !== MessageType.Invocation) {
        return message;
      }
      const header = message.headers?.["log"];
      if (message.target === NOTICE) {
        return instead(message, this.#told(message.arguments as Notice));
      }
      const isOld = header !== undefined && !this.#takes(header);
      return isOld ? instead(message, undefined) : message;
    });
  }

  #takes(header: string): boolean {
    const end = header.indexOf(";");
    const position = parsed(header.slice(0, end));
    const scope = header.slice(end + 1);
    if (position === undefined) {
      return true;
    }
    // While the server does not know the position, it may send what it sends again.
    if (this.#waiting.has(scope) || this.#has(scope, position)) {
      return false;
    }
    this.#read.set(scope, position);
    return true;
  }

  /** Whether a position was read before. */
  #has(scope: string, { epoch, number }: Position): boolean {
    const last = this.#read.get(scope);
    return last?.epoch === epoch && number <= last.number;
  }

  #told([scope, kind, text, detail]: Notice): LogEvent | undefined {
    this.#waiting.delete(scope);
    const position = parsed(text);
    if (position === undefined) {
      this.#read.delete(scope);
      return undefined;
    }
    // A node that is behind names an earlier position, and sends what the page has again.
    if (kind === "gap" || !this.#has(scope, position)) {
      this.#read.set(scope, position);
    }
    const group = scope.startsWith("g:") ? scope.slice(2) : undefined;
    switch (kind) {
      case "recovered":
        return [kind, { group, messages: Number(detail) }];
      case "gap":
        return [kind, { group, reason: detail as HubGap["reason"] }];
      default:
        return undefined;
    }
  }
}

/** A call of our own in the place of a message: with stateful reconnect, each end counts all of them. */
function instead(
  message: InvocationMessage,
  event: LogEvent | undefined,
): HubMessage {
  const args = event === undefined ? [] : [event];
  return Object.assign({}, message, { target: NOTICE, arguments: args });
}
