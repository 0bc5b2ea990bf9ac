// How times and names look.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

export const timeOf = (sentAt: string): string => clock.format(new Date(sentAt));

/** "Today", "Yesterday", or the date. */
export function dayOf(sentAt: string, now = new Date()): string {
  const day = new Date(sentAt);
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (day.toDateString() === now.toDateString()) return "Today";
  return day.toDateString() === yesterday.toDateString() ? "Yesterday" : calendar.format(day);
}

/** One or two letters for a round picture. */
export function initialsOf(name: string): string {
  const [first, second] = name.trim().split(/\s+/);
  const letters = [...(first ?? "?")];
  return ((letters[0] ?? "?") + (second === undefined ? (letters[1] ?? "") : ([...second][0] ?? ""))).toUpperCase();
}

/** A colour wheel position that belongs to a name. */
export function hueOf(name: string): number {
  let hash = 7;
  for (const letter of name) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 3_600;
  return hash % 360;
}

export const peopleText = (count: number): string => (count === 1 ? "1 person" : `${count} people`);
