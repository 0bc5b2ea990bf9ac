// Orders: one for the company in the chart, or a basket of many. What became of each is shown below.
import { useState, type FormEvent } from "react";
import type { Order, Receipt } from "../hubs/index.js";
import { count, price } from "../market/format.js";
import { read } from "../market/orders.js";
import type { Board } from "../market/useBoard.js";

const EXAMPLE = "buy 10 ALDE\nsell 5 BIRS\nbuy 120 QUAN";

export function Ticket({ board: { selected, me, place } }: { readonly board: Board }) {
  const [isBasket, setBasket] = useState(false);
  const [quantity, setQuantity] = useState(10);
  const [basket, setBasketText] = useState("");
  const [receipts, setReceipts] = useState<readonly Receipt[]>([]);
  const [error, setError] = useState("");
  const [isBusy, setBusy] = useState(false);

  async function send(orders: readonly Order[]): Promise<void> {
    setBusy(true);
    setError("");
    try {
      setReceipts(await place(orders));
    } catch (cause) {
      setReceipts([]);
      setError(cause instanceof Error ? cause.message : String(cause));
    } finally {
      setBusy(false);
    }
  }

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    const side = (submitter as HTMLButtonElement | null)?.value === "sell" ? "sell" : "buy";
    if (!isBasket) return void send([{ symbol: selected, side, quantity }]);
    const orders = read(basket);
    if ("wrong" in orders) return setError(`“${orders.wrong}” is no order. Write: buy 10 ALDE`);
    if (orders.length > 0) void send(orders);
  }

  return (
    <section className="ticket panel" aria-label="Trade">
      <header>
        <h2>Trade</h2>
        <button className="link" onClick={() => setBasket(!isBasket)} data-testid="basket-toggle">
          {isBasket ? "One order" : "Many orders"}
        </button>
      </header>
      <form onSubmit={submit}>
        {isBasket ? (
          <label>
            <span>One order on each line</span>
            <textarea rows={3} value={basket} placeholder={EXAMPLE} onChange={(event) => setBasketText(event.target.value)} data-testid="basket" />
          </label>
        ) : (
          <label>
            <span>Shares of {selected}</span>
            <input type="number" min={1} max={10000} required value={quantity} onChange={(event) => setQuantity(event.target.valueAsNumber || 0)} data-testid="quantity" />
          </label>
        )}
        <div className="sides">
          {isBasket ? (
            <button className="button" disabled={isBusy} data-testid="send">
              Send the basket
            </button>
          ) : (
            <>
              <button className="button buy" value="buy" disabled={isBusy} data-testid="buy">
                Buy
              </button>
              <button className="button sell" value="sell" disabled={isBusy} data-testid="sell">
                Sell
              </button>
            </>
          )}
        </div>
      </form>
      {error !== "" && (
        <p className="error" role="alert" data-testid="error">
          {error}
        </p>
      )}
      {me.name === "" && error === "" && <p className="hint">Sign in as a trader to trade. Guests may look.</p>}
      <ul className="receipts" data-testid="receipts">
        {receipts.map((receipt, index) => (
          <li key={index}>{words(receipt)}</li>
        ))}
      </ul>
    </section>
  );
}

function words(receipt: Receipt): string {
  if (receipt.kind === "refused") return `${receipt.symbol}: ${receipt.reason}`;
  const { side, quantity, symbol, price: cents } = receipt.trade;
  return `${side === "buy" ? "Bought" : "Sold"} ${count(quantity)} ${symbol} at ${price(cents)}`;
}
