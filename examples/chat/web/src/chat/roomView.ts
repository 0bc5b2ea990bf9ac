// One room as the page shows it, and how it changes. Plain data: no connection, no DOM.
import type { ChatMessage, HubMember, Member, Notice, RoomSnapshot } from "../hubs/index.js";

/** A line that is no message: what the server says, or that people came or left. */
export type NoticeLine = Pick<Notice, "text" | "sentAt"> & { readonly kind: Notice["kind"] | "people" };

/** What stands in a room, in order. */
export type Line =
  | { readonly kind: "message"; readonly key: string; readonly sentAt: string; readonly message: ChatMessage }
  | { readonly kind: "notice"; readonly key: string; readonly sentAt: string; readonly notice: NoticeLine };

/** A room this page is in. */
export interface RoomView {
  readonly name: string;
  members: readonly HubMember<Member>[];
  lines: Line[];
  /** Who is typing, and the timer that takes it back if no word comes any more. */
  typing: Map<string, ReturnType<typeof setTimeout>>;
  unread: number;
  /** Whether the server has older messages. */
  more: boolean;
  /** Whether older messages are on their way. */
  loading: boolean;
}

const LONGEST = 2_000;
let noticeCount = 0;

const messageLine = (message: ChatMessage): Line => ({
  kind: "message",
  key: `m${message.id}`,
  sentAt: message.sentAt,
  message,
});

export function emptyRoom(name: string): RoomView {
  return { name, members: [], lines: [], typing: new Map(), unread: 0, more: false, loading: false };
}

/** Shows a snapshot, and the messages that came while it was on its way. Notices stay where they were in time. */
export function showSnapshot(room: RoomView, snapshot: RoomSnapshot, arrived: readonly ChatMessage[]): void {
  const notices = room.lines.filter((line) => line.kind === "notice");
  // What was read further up stays, unless there is a gap between it and the snapshot.
  const first = snapshot.history[0]?.id ?? 0;
  const known = room.lines.flatMap((line) => (line.kind === "message" ? [line.message] : []));
  const joined = snapshot.more && (known.at(-1)?.id ?? 0) >= first;
  const older = joined ? known.filter(({ id }) => id < first) : [];
  if (older.length === 0) room.more = snapshot.more;
  const messages = [...older, ...snapshot.history].map(messageLine);
  room.lines = [...notices, ...messages].sort((a, b) => a.sentAt.localeCompare(b.sentAt));
  for (const message of arrived) if (message.room === room.name) addMessage(room, message);
}

/** Puts a message in its place. `false` if it was there already. */
export function addMessage(room: RoomView, message: ChatMessage): boolean {
  let at = room.lines.length;
  for (let i = room.lines.length - 1; i >= 0; i -= 1) {
    const line = room.lines[i];
    if (line?.kind !== "message") continue;
    if (line.message.id === message.id) return false;
    if (line.message.id < message.id) break;
    at = i;
  }
  room.lines.splice(at, 0, messageLine(message));
  trim(room);
  return true;
}

/** Puts older messages before all others. */
export function addOlder(room: RoomView, messages: readonly ChatMessage[]): void {
  room.lines = [...messages.map(messageLine), ...room.lines];
}

/** The number of the first message that is shown. */
export function firstId(room: RoomView): number | undefined {
  const line = room.lines.find(({ kind }) => kind === "message");
  return line?.kind === "message" ? line.message.id : undefined;
}

export function addLine(room: RoomView, notice: NoticeLine): void {
  noticeCount += 1;
  room.lines.push({ kind: "notice", key: `n${noticeCount}`, sentAt: notice.sentAt, notice });
  trim(room);
}

/** The messages are gone; what the server said stays. */
export function forgetMessages(room: RoomView): void {
  room.lines = room.lines.filter((line) => line.kind === "notice");
}

function trim(room: RoomView): void {
  if (room.lines.length <= LONGEST) return;
  room.lines.splice(0, room.lines.length - LONGEST);
  room.more = true;
}
