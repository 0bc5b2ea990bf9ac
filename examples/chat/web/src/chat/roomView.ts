// One room as the page shows it, and how it changes. Plain data: no connection, no DOM.
import type { ChatMessage, Member, Notice, RoomSnapshot } from "../hubs/index.js";

/** What stands in a room, in order. */
export type Line =
  | { readonly kind: "message"; readonly key: string; readonly sentAt: string; readonly message: ChatMessage }
  | { readonly kind: "notice"; readonly key: string; readonly sentAt: string; readonly notice: Notice };

/** A room this page is in. */
export interface RoomView {
  readonly name: string;
  members: Member[];
  lines: Line[];
  /** Who is typing, and the timer that takes it back if no word comes any more. */
  typing: Map<string, ReturnType<typeof setTimeout>>;
  unread: number;
}

const LONGEST = 500;
let noticeCount = 0;

const messageLine = (message: ChatMessage): Line => ({
  kind: "message",
  key: `m${message.id}`,
  sentAt: message.sentAt,
  message,
});

export function emptyRoom(name: string): RoomView {
  return { name, members: [], lines: [], typing: new Map(), unread: 0 };
}

/** Shows a snapshot, and the messages that came while it was on its way. Notices stay where they were in time. */
export function showSnapshot(room: RoomView, snapshot: RoomSnapshot, arrived: readonly ChatMessage[]): void {
  room.members = snapshot.members;
  const notices = room.lines.filter((line) => line.kind === "notice");
  room.lines = [...notices, ...snapshot.history.map(messageLine)].sort((a, b) => a.sentAt.localeCompare(b.sentAt));
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

export function addNotice(room: RoomView, notice: Notice): void {
  noticeCount += 1;
  room.lines.push({ kind: "notice", key: `n${noticeCount}`, sentAt: notice.sentAt, notice });
  trim(room);
}

/** The messages are gone; what the server said stays. */
export function forgetMessages(room: RoomView): void {
  room.lines = room.lines.filter((line) => line.kind === "notice");
}

function trim(room: RoomView): void {
  if (room.lines.length > LONGEST) room.lines.splice(0, room.lines.length - LONGEST);
}
