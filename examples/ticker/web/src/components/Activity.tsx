// News and trades, newest first.
import { count, price, time } from "../market/format.js";
import type { Board } from "../market/useBoard.js";

export function Activity({ board: { news, trades, select } }: { readonly board: Board }) {
  return (
    <section className="activity panel" aria-label="News and trades">
      <h2>News</h2>
      <ul data-testid="news" aria-live="polite">
        {news.map(({ text, symbol, at }, index) => (
          <li key={`${at}-${news.length - index}`}>
            <time>{time(at)}</time>
            <p>
              {symbol !== null && (
                <button className="link" onClick={() => select(symbol)}>
                  {symbol}
                </button>
              )}{" "}
              {text}
            </p>
          </li>
        ))}
        {news.length === 0 && <li className="hint">A program tells news with POST /news.</li>}
      </ul>
      <h2>Trades</h2>
      <ul data-testid="trades">
        {trades.map(({ id, trader, symbol, side, quantity, price: cents, at }) => (
          <li key={id}>
            <time>{time(at)}</time>
            <p>
              {trader} {side === "buy" ? "bought" : "sold"} {count(quantity)} <b>{symbol}</b>
            </p>
            <span className={side === "buy" ? "up" : "down"}>{price(cents)}</span>
          </li>
        ))}
        {trades.length === 0 && <li className="hint">Nothing was traded yet.</li>}
      </ul>
    </section>
  );
}
