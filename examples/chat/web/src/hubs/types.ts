/** One line of a conversation. */
export type ChatMessage = {
  /** Grows with every message of this server, so it orders the lines of a room and tells them apart. */
  id: number;
  /** The room it was said in. */
  room: string;
  /** Who said it. */
  user: string;
  /** What was said, at most 2000 characters. */
  text: string;
  /** When the server took it: RFC 3339, UTC. */
  sentAt: string;
};

/** Somebody in a room. */
export type Member = {
  /** Tells two people with the same name apart. New after each reconnect. */
  connectionId: string;
  /** The name they chose. */
  user: string;
};

/** Something the server has to say. */
export type Notice = {
  /** What it is about. */
  kind: NoticeKind;
  /** The room it concerns; `None` concerns everybody. */
  room: string | null;
  /** The words to show. */
  text: string;
  /** When it was made: RFC 3339, UTC. */
  sentAt: string;
};

/** What a [`Notice`] is about. */
export type NoticeKind = "joined" | "left" | "system" | "announcement";

/** All that a page needs to show a room it has just entered. */
export type RoomSnapshot = {
  /** The room's name as the server spells it. */
  room: string;
  /** Who is there, the caller included, in the order they came. */
  members: Array<Member>;
  /** The last messages, oldest first. */
  history: Array<ChatMessage>;
};

/** A room as the list of rooms shows it. */
export type RoomSummary = {
  /** Its name: lower-case letters, digits, `-` and `_`. */
  name: string;
  /** How many are in it now. */
  members: number;
};
