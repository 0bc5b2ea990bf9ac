import "./style.css";
import { createChatConnection } from "./hubs/index.js";
import type { Message } from "./hubs/index.js";
import { guest, merge } from "./messages.js";

const form = document.querySelector("form")!;
const [user, text] = form.querySelectorAll("input");
const [list, state, problem] = ["ul", "output", "[role=alert]"].map((place) => document.querySelector(place)!);
let messages: readonly Message[] = [];

function show(more: readonly Message[]): void {
  messages = merge(messages, more);
  if (messages.length === 0) return; // the hint stays
  const lines = messages.toReversed().map((message) => {
    const [line, name] = [document.createElement("li"), document.createElement("strong")];
    name.textContent = message.user;
    line.append(name, message.text);
    return line;
  });
  list!.replaceChildren(...lines);
}

const chat = createChatConnection("/chat", {
  // Leave a method out, or mistype one, and this does not compile.
  client: { receive: (message) => show([message]) },
  async onConnected(hub) {
    messages = [];
    show(await hub.history());
  },
});
chat.subscribe((status) => (state!.textContent = status.state));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await chat.hub.say(user!.value, text!.value);
    text!.value = problem!.textContent = "";
  } catch (error) {
    problem!.textContent = error instanceof Error ? error.message : String(error);
  }
});

user!.value = guest();
await chat.start();
