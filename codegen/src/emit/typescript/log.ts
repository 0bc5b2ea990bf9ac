import { MessageType } from "@microsoft/signalr";
import type { HubConnection, HubMessage } from "@microsoft/signalr";

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
  /** The connection is lost, or was ended. */
  lost(): void;

  /** There is a connection: the server is told how far each log was read. */
  connected(connection: HubConnection): void;

  /** Whether a message is to be handled. */
  takes(message: HubMessage): boolean;
}

/** How far a log was read. */
interface Position {
  readonly epoch: string;
  readonly number: number;
  readonly text: string;
}

/** How many earlier connections the server is told of. */
const EARLIER = 8;

function read(text: string): Position | undefined {
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

  takes(message: HubMessage): boolean {
    if (message.type !== MessageType.Invocation) {
      return true;
    }
    if (message.target === "hubs:log") {
      this.#told(message.arguments as [string, string, string, unknown]);
      return false;
    }
    const header = message.headers?.["log"];
    return header === undefined || this.#isNew(header);
  }

  #isNew(header: string): boolean {
    const end = header.indexOf(";");
    const position = read(header.slice(0, end));
    const scope = header.slice(end + 1);
    if (position === undefined) {
      return true;
    }
    const last = this.#read.get(scope);
    const isOld =
      last?.epoch === position.epoch && position.number <= last.number;
    // While the server does not know the position, it may send what it sends again.
    if (this.#waiting.has(scope) || isOld) {
      return false;
    }
    this.#read.set(scope, position);
    return true;
  }

  #told([scope, kind, text, detail]: [string, string, string, unknown]): void {
    this.#waiting.delete(scope);
    const position = read(text);
    if (position === undefined) {
      this.#read.delete(scope);
      return;
    }
    this.#read.set(scope, position);
    const group = scope.startsWith("g:") ? scope.slice(2) : undefined;
    if (kind === "recovered") {
      this.#options.onRecovered?.({ group, messages: Number(detail) });
    } else if (kind === "gap") {
      this.#options.onGap?.({ group, reason: detail as HubGap["reason"] });
    }
  }
}
