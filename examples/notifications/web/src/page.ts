// The elements of the page. Knows nothing of the server.

import type { Audience, Notification } from "./hubs/index.js";
import type { Person, Reason, View } from "./inbox.js";

/** The element with this id. */
export function at<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

const WHILE: Record<Reason, string> = {
  expired: "while you were away",
  restarted: "while the server was away",
  lost: "while the connection was lost",
};

/** How many came that the person has not seen. */
let unseen = 0;

export const page: View = {
  person(person) {
    at("sign-in").hidden = person !== undefined;
    at("inbox").hidden = at("sign-out").hidden = person === undefined;
    at("who").textContent = person === undefined ? "" : nameOf(person);
    if (person === undefined) {
      at("list").replaceChildren();
      at("missed").hidden = true;
      at("empty").hidden = false;
      at("state").textContent = "";
      seen();
    }
  },

  connected(connected) {
    at("state").textContent = connected ? "live" : "connecting …";
    at("state").dataset.state = connected ? "connected" : "connecting";
  },

  add(notifications) {
    at("list").prepend(...notifications.map(card));
    at("empty").hidden = at("list").childElementCount > 0;
    if (document.hidden) {
      unseen += notifications.length;
      document.title = unseen === 0 ? "Notifications" : `(${unseen}) Notifications`;
    }
  },

  missed(count, reason) {
    const what = count === 1 ? "a notification" : `${count} notifications`;
    at("missed").textContent = `You missed ${what} ${WHILE[reason]}.`;
    at("missed").hidden = false;
  },
};

/** The person has seen what there is. */
export function seen(): void {
  unseen = 0;
  document.title = "Notifications";
}

function nameOf({ user, team }: Person): string {
  return `${user}, team ${team}`;
}

function card(notification: Notification): HTMLElement {
  const item = document.createElement("li");
  item.dataset.testid = "notification";
  item.classList.toggle("urgent", notification.urgent);
  const sent = element("time", new Date(notification.sentAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  sent.dateTime = notification.sentAt;
  const foot = element("footer", audienceOf(notification.audience));
  foot.append(sent);
  item.append(element("h2", notification.title), element("p", notification.text), foot);
  return item;
}

function audienceOf(audience: Audience): string {
  if (audience === "everyone") {
    return "to everyone";
  }
  return "team" in audience ? `to team ${audience.team}` : "to you";
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, text: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
