// The prices of a sector, or of all.
import { memo } from "react";
import { change, price, trend } from "../market/format.js";
import { usePrice, type Prices } from "../market/prices.js";
import type { Board } from "../market/useBoard.js";

export function PriceList({ board: { prices, sectors, sector, setSector, shown, selected, select } }: { readonly board: Board }) {
  return (
    <section className="prices panel" aria-label="Prices">
      <div className="sectors" role="group" aria-label="Sectors">
        {[...sectors.keys()].map((name) => (
          <button key={name} aria-pressed={name === sector} onClick={() => setSector(name)} data-testid={`sector-${name}`}>
            {name}
          </button>
        ))}
      </div>
      <ul data-testid="prices">
        {shown.map((symbol) => (
          <Row key={symbol} prices={prices} symbol={symbol} isSelected={symbol === selected} select={select} />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  readonly prices: Prices;
  readonly symbol: string;
  readonly isSelected: boolean;
  readonly select: (symbol: string) => void;
}

const Row = memo(function Row({ prices, symbol, isSelected, select }: RowProps) {
  const now = usePrice(prices, symbol);
  if (now === undefined) return null;
  return (
    <li>
      <button className="row" aria-current={isSelected} onClick={() => select(symbol)} data-testid={`row-${symbol}`}>
        <b>{symbol}</b>
        <span className="name">{now.name}</span>
        <span className="price" data-moved={now.moved}>
          {price(now.price)}
        </span>
        <span className={`change ${trend(now.open, now.price)}`}>{change(now.open, now.price)}</span>
      </button>
    </li>
  );
});
