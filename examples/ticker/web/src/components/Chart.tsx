// The chart of one company: its past, read as a stream, and every price since.
import { useEffect, useRef, useState } from "react";
import { change, price, time, trend } from "../market/format.js";
import { usePrice } from "../market/prices.js";
import { Series } from "../market/series.js";
import type { Board } from "../market/useBoard.js";
import { plot, type Plot } from "./plot.js";
import { Watchers } from "./Watchers.js";

export function Chart({ board: { hub, link, state, prices, selected: symbol, me } }: { readonly board: Board }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Plot>(null);
  const [pointed, setPointed] = useState<{ at: number; cents: number } | null>(null);
  const now = usePrice(prices, symbol);
  const isDown = now !== undefined && trend(now.open, now.price) === "down";

  useEffect(() => {
    chart.current = place.current && plot(place.current, setPointed);
    return () => chart.current?.destroy();
  }, [symbol]);

  useEffect(() => {
    // A chart whose connection is lost stays as it is, until it is read again.
    if (state !== "connected") return;
    const series = new Series();
    const draw = () => chart.current?.draw(series);
    const stop = prices.subscribe(symbol, () => {
      const now = prices.get(symbol);
      if (now === undefined || now.at === 0) return;
      series.add(now.at, now.price);
      draw();
    });
    const past = hub.history(symbol).subscribe({
      next: (points) => series.addPast(points),
      complete: draw,
      error: console.warn,
    });
    return () => {
      stop();
      past.dispose();
    };
  }, [hub, prices, state, symbol]);

  return (
    <section className="chart panel" aria-label={`Chart of ${symbol}`} data-trend={isDown ? "down" : "up"}>
      <header>
        <div>
          <h2 data-testid="selected">{symbol}</h2>
          <p>{now?.name ?? "…"}</p>
        </div>
        <Watchers link={link} symbol={symbol} me={me} />
        {now !== undefined && (
          <div className="now">
            <strong data-testid="price">{price(pointed?.cents ?? now.price)}</strong>
            <span className={`change ${isDown ? "down" : "up"}`}>
              {pointed === null ? change(now.open, now.price) : time(pointed.at)}
            </span>
          </div>
        )}
      </header>
      <div className="plot" ref={place} data-testid="chart" />
    </section>
  );
}
