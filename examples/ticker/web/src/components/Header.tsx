// The market as a whole, how the connection is, how many people watch, and who this is.
import { useEffect, useState } from "react";
import { count, price } from "../market/format.js";
import type { Prices } from "../market/prices.js";
import type { Board } from "../market/useBoard.js";
import { SignIn } from "./SignIn.js";
import { Watching } from "./Watchers.js";

const STATES = {
  connecting: "Connecting …",
  connected: "Live",
  resuming: "Reconnecting …",
  reconnecting: "Reconnecting …",
  disconnected: "Not connected",
} as const;

export function Header({ board: { market, prices, link, state, me, enter } }: { readonly board: Board }) {
  return (
    <header className="header">
      <h1>
        <img src="/favicon.svg" alt="" width="28" height="28" />
        <span>ticker</span>
      </h1>
      <div className="live">
        <span className="state" data-testid="state" data-state={state}>
          {STATES[state]}
        </span>
        <Watching link={link} />
      </div>
      <dl className="figures">
        <div>
          <dt>Index</dt>
          <dd data-testid="index">{market === null ? "–" : price(market.index)}</dd>
        </div>
        <div className="wide">
          <dt>Up / down</dt>
          <dd>
            <span className="up">{market?.up ?? "–"}</span> / <span className="down">{market?.down ?? "–"}</span>
          </dd>
        </div>
        <div>
          <dt>Prices/s</dt>
          <dd>
            <Rate prices={prices} />
          </dd>
        </div>
      </dl>
      <SignIn me={me} enter={enter} />
    </header>
  );
}

/** How many prices came in the last second. */
function Rate({ prices }: { readonly prices: Prices }) {
  const [{ received, rate }, setSeen] = useState({ received: 0, rate: 0 });
  useEffect(() => {
    let at = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      const seconds = (now - at) / 1_000;
      at = now;
      setSeen((before) => ({ received: prices.received, rate: (prices.received - before.received) / seconds }));
    }, 1_000);
    return () => clearInterval(timer);
  }, [prices]);
  return (
    <output data-testid="rate" data-received={received}>
      {count(Math.round(rate))}
    </output>
  );
}
