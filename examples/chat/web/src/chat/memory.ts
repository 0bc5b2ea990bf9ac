// What a reload of this tab must not forget: the name and the rooms. Each tab has its own, so two tabs are two people.
const KEY = "hubs-chat";

export interface Remembered {
  name: string;
  rooms: string[];
}

export function recall(): Remembered {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    const { name, rooms } = value as Partial<Remembered>;
    return {
      name: typeof name === "string" ? name : "",
      rooms: Array.isArray(rooms) ? rooms.filter((room) => typeof room === "string") : [],
    };
  } catch {
    return { name: "", rooms: [] };
  }
}

export function remember(value: Remembered): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // A browser that stores nothing asks for the name again; that is all.
  }
}
