// What a reload of this tab must not forget: the name, what it signs in as, and the rooms. Each tab has its own, so two tabs are two people.
import { isAccount, type Account } from "./account.js";

const KEY = "hubs-chat";

export interface Remembered {
  name: string;
  account: Account;
  rooms: string[];
}

export function recall(): Remembered {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    const { name, account, rooms } = value as Partial<Remembered>;
    return {
      name: typeof name === "string" ? name : "",
      account: isAccount(account) ? account : "guest",
      rooms: Array.isArray(rooms) ? rooms.filter((room) => typeof room === "string") : [],
    };
  } catch {
    return { name: "", account: "guest", rooms: [] };
  }
}

export function remember(value: Remembered): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(value));
  } catch {
    // A browser that stores nothing asks for the name again; that is all.
  }
}
