import type { HubConnection } from "@microsoft/signalr";

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
    throw callError(method, error);
  }
}

/** Registers handlers by the wire name of their method. What comes back takes off these and no others. */
export function register(
  connection: HubConnection,
  handlers: Readonly<Record<string, (...args: never[]) => unknown>>,
): Disposable {
  const registered = Object.entries(handlers).map(
    ([method, handler]) => [method, handler as (...args: unknown[]) => unknown] as const,
  );
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
