import { useState } from "react";
import type { Message } from "./hubs/index.js";
import { useChat } from "./hubs/react.js";
import { guest, merge } from "./messages.js";

export function App() {
  const [messages, setMessages] = useState<readonly Message[]>([]);
  const [user, setUser] = useState(guest);
  const [text, setText] = useState("");
  const [problem, setProblem] = useState("");

  const { hub, state } = useChat(
    "/chat",
    // Leave a method out, or mistype one, and this does not compile.
    { receive: (message) => setMessages((before) => merge(before, [message])) },
    {
      async onConnected(hub) {
        setMessages([]);
        const history = await hub.history();
        setMessages((before) => merge(before, history));
      },
    },
  );

  async function say(): Promise<void> {
    try {
      await hub.say(user, text);
      setText("");
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <main>
      <header>
        <h1>{{name}}</h1>
        <output>{state}</output>
      </header>
      <ul aria-label="Messages" aria-live="polite">
        {messages.toReversed().map((message) => (
          <li key={message.id}>
            <strong>{message.user}</strong>
            {message.text}
          </li>
        ))}
        {messages.length === 0 && <li className="hint">Open this page in a second window, and say something.</li>}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void say();
        }}
      >
        <input value={user} onChange={(event) => setUser(event.target.value)} aria-label="Your name" required />
        <input
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-label="Message"
          placeholder="Say something"
          autoComplete="off"
          autoFocus
          required
        />
        <button>Say</button>
      </form>
      <p role="alert">{problem}</p>
    </main>
  );
}
