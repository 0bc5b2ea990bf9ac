// Signing in and out. This example asks for no password.
import { useRef, useState, type FormEvent } from "react";
import { GUEST, type Account } from "../market/account.js";

interface SignInProps {
  readonly me: Account;
  readonly enter: (person: Account) => Promise<void>;
}

export function SignIn({ me, enter }: SignInProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState("");
  const [trader, setTrader] = useState(true);
  const [error, setError] = useState("");

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    try {
      await enter({ name: name.trim(), trader });
      setError("");
      dialog.current?.close();
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : String(cause));
    }
  }

  if (me.name !== "") {
    return (
      <div className="me">
        <span data-testid="me">
          {me.name}
          <small>{me.trader ? "trader" : "viewer"}</small>
        </span>
        <button className="button quiet" onClick={() => void enter(GUEST)} data-testid="sign-out">
          Sign out
        </button>
      </div>
    );
  }
  return (
    <div className="me">
      <button className="button" onClick={() => dialog.current?.showModal()} data-testid="sign-in">
        Sign in
      </button>
      <dialog ref={dialog} aria-labelledby="sign-in-title">
        <form onSubmit={(event) => void submit(event)}>
          <h2 id="sign-in-title">Sign in</h2>
          <label>
            <span>Your name</span>
            <input value={name} onChange={(event) => setName(event.target.value)} maxLength={24} required autoFocus autoComplete="off" data-testid="name" />
          </label>
          <label className="check">
            <input type="checkbox" checked={trader} onChange={(event) => setTrader(event.target.checked)} data-testid="trader" />
            <span>I am a trader</span>
          </label>
          {error !== "" && (
            <p className="error" role="alert">
              {error}
            </p>
          )}
          <div className="sides">
            <button type="button" className="button quiet" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
            <button className="button" data-testid="enter">
              Sign in
            </button>
          </div>
        </form>
      </dialog>
    </div>
  );
}
