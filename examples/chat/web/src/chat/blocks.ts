// How a room's lines are grouped for reading: days, and runs of messages by one person.
import { dayOf } from "./format.js";
import type { Line } from "./roomView.js";

/** One line, and what stands above it. */
export interface Block {
  readonly line: Line;
  /** The day that begins with this line. */
  readonly day: string | null;
  /** Whether this message begins a run of one person. */
  readonly head: boolean;
}

const RUN_MS = 5 * 60_000;

/** Groups lines that are in order. */
export function blocksOf(lines: readonly Line[]): Block[] {
  return lines.map((line, index) => {
    const before = lines[index - 1];
    const day = dayOf(line.sentAt);
    return {
      line,
      day: before === undefined || dayOf(before.sentAt) !== day ? day : null,
      head: !continues(before, line),
    };
  });
}

function continues(before: Line | undefined, line: Line): boolean {
  if (before?.kind !== "message" || line.kind !== "message") return false;
  return before.message.user === line.message.user && Date.parse(line.sentAt) - Date.parse(before.sentAt) < RUN_MS;
}
