// What a person should know: from the server's store when the page opens or has missed something, else from the feed.
// Knows no element of the page.

import { openFeed, registerNotificationsClient } from "./hubs/index.js";
import type { HubFeed, Notification } from "./hubs/index.js";

/** Who is signed in. */
export interface Person {
  user: string;
  team: string;
}

/** What the server answers. */
interface Mine {
  person: Person | null;
  notifications: Notification[];
}

/** Why something was missed: more was sent than the feed keeps, the server was started again, or the feed was lost. */
export type Reason = "expired" | "restarted" | "lost";

/** What is shown. */
export interface View {
  /** This person is signed in; without one, none is. */
  person(person: Person | undefined): void;
  /** Whether the feed is read now. */
  connected(connected: boolean): void;
  /** These are new on the page, newest first. */
  add(notifications: readonly Notification[]): void;
  /** So many were missed; they are on the page now. */
  missed(count: number, reason: Reason): void;
}

/** How long to wait before the feed is opened anew, where the browser has given up: milliseconds. */
const AGAIN_AFTER = 3_000;

/** The notifications of the person whose cookie the browser has. */
export class Inbox {
  readonly #view: View;
  #known = new Set<number>();
  #newest = 0;
  #feed: HubFeed | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(view: View) {
    this.#view = view;
  }

  /** Shows what there is, and then what comes. With a reason, the person is told how much was missed. */
  async start(reason?: Reason): Promise<void> {
    this.close();
    if (await this.#fetch(reason)) {
      this.#open();
    }
  }

  #open(): void {
    const feed = openFeed("/notifications/feed", { onMissed: (reason) => void this.#fetch(reason) });
    this.#feed = feed;
    registerNotificationsClient(feed, { notified: (notification) => void this.#add([notification]) });
    feed.source.addEventListener("open", () => this.#view.connected(true));
    // What came between the first request and this moment.
    feed.source.addEventListener("open", () => void this.#fetch(), { once: true });
    feed.source.addEventListener("error", () => {
      this.#view.connected(false);
      // The browser tries again by itself, unless it was answered with an error, such as that of a proxy.
      if (feed.state === "Disconnected") {
        this.#later();
      }
    });
  }

  /** Reads no more. */
  close(): void {
    clearTimeout(this.#again);
    this.#feed?.close();
  }

  /** Forgets the person. */
  forget(): void {
    this.close();
    this.#known.clear();
    this.#newest = 0;
    this.#view.person(undefined);
  }

  /** Asks the server for what is newer than all that is known. Returns whether a person is signed in. */
  async #fetch(reason?: Reason): Promise<boolean> {
    try {
      const response = await fetch(`/notifications/mine?after=${this.#newest}`);
      const { person, notifications } = (await response.json()) as Mine;
      if (person === null) {
        this.forget();
        return false;
      }
      this.#view.person(person);
      const count = this.#add(notifications);
      if (reason !== undefined && count > 0) {
        this.#view.missed(count, reason);
      }
      return true;
    } catch {
      this.#later();
      return false;
    }
  }

  /** Adds those that are new. Returns how many. */
  #add(notifications: readonly Notification[]): number {
    const added = notifications.filter(({ id }) => !this.#known.has(id));
    for (const { id } of added) {
      this.#known.add(id);
      this.#newest = Math.max(this.#newest, id);
    }
    this.#view.add(added);
    return added.length;
  }

  #later(): void {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.start("lost"), AGAIN_AFTER);
  }
}
