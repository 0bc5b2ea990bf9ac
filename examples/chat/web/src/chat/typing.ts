// Typing, both ways: when to tell the server that we type, and until when to believe that others do.
import type { RoomView } from "./roomView.js";

const REPEAT_MS = 3_000;
const IDLE_MS = 4_000;
const BELIEVE_MS = 7_000;

/** Tells about our typing: once at the start, now and then while it goes on, once at its end. */
export function typingTeller(tell: (room: string, typing: boolean) => void) {
  let room: string | null = null;
  let toldAt = 0;
  let idle: ReturnType<typeof setTimeout> | undefined;

  function stopped(): void {
    clearTimeout(idle);
    if (room !== null) tell(room, false);
    room = null;
  }

  function typed(where: string): void {
    if (room !== where) stopped();
    clearTimeout(idle);
    idle = setTimeout(stopped, IDLE_MS);
    if (room === where && Date.now() - toldAt < REPEAT_MS) return;
    room = where;
    toldAt = Date.now();
    tell(where, true);
  }

  return { typed, stopped };
}

/** Another person started or stopped typing. A start without an end is removed after a while. */
export function showTyping(room: RoomView, user: string, typing: boolean): void {
  clearTimeout(room.typing.get(user));
  if (typing) room.typing.set(user, setTimeout(() => room.typing.delete(user), BELIEVE_MS));
  else room.typing.delete(user);
}

/** "Ada is typing", "Ada and Grace are typing", "Several people are typing"; empty if no one is. */
export function typingText(users: readonly string[]): string {
  const [first, second] = users;
  if (first === undefined) return "";
  if (second === undefined) return `${first} is typing`;
  return users.length === 2 ? `${first} and ${second} are typing` : "Several people are typing";
}
