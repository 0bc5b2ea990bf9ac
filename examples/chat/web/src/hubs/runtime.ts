/** Something that can be undone. */
export interface Disposable {
  dispose(): void;
}

/** A hub method failed. */
export class HubCallError extends Error {
  /** The method, as it is called on the wire. */
  readonly method: string;
  /** What the server said, without SignalR's prefix. */
  readonly text: string;

  constructor(method: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(message, { cause });
    this.name = "HubCallError";
    this.method = method;
    this.text = message.replace(/^.*?HubException: /s, "");
  }
}
