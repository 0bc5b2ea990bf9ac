// Puts the page together: who signs in, what they read, what they send.

import "./style.css";
import type { Audience } from "./hubs/index.js";
import { Inbox } from "./inbox.js";
import { at, page, seen } from "./page.js";

const inbox = new Inbox(page);

/** Sends JSON. What the server refuses is shown to the person. */
async function post(path: string, body?: unknown): Promise<boolean> {
  const problem = at("problem");
  problem.textContent = "";
  try {
    const headers = { "content-type": "application/json" };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body ?? {}) });
    problem.textContent = response.ok ? "" : await response.text();
    return response.ok;
  } catch {
    problem.textContent = "The server does not answer. Please try again.";
    return false;
  }
}

/** What is done when a form is sent, with its fields. */
function onSubmit(id: string, done: (field: (name: string) => string, form: HTMLFormElement) => Promise<void>): void {
  const form = at<HTMLFormElement>(id);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const data = new FormData(form);
    void done((name) => String(data.get(name) ?? ""), form);
  });
}

onSubmit("sign-in", async (field) => {
  if (await post("/sign-in", { name: field("name"), team: field("team") })) {
    await inbox.start();
  }
});

at("sign-out").addEventListener("click", async () => {
  if (await post("/sign-out")) {
    inbox.forget();
  }
});

const kind = document.querySelector<HTMLSelectElement>("#notify select")!;
const to = document.querySelector<HTMLInputElement>("#notify [name=name]")!;
kind.addEventListener("change", () => {
  to.disabled = kind.value === "everyone";
  to.required = !to.disabled;
});

onSubmit("notify", async (field, form) => {
  const [kind, name] = [field("kind"), field("name")];
  const audience: Audience = kind === "team" ? { team: name } : kind === "person" ? { person: name } : "everyone";
  const urgent = field("urgent") === "on";
  if (await post("/notify", { audience, title: field("title"), text: field("text"), urgent })) {
    form.reset();
    to.disabled = true;
  }
});

document.addEventListener("visibilitychange", () => document.hidden || seen());
void inbox.start();
