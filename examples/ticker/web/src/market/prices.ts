// The prices, outside of React: thousands change in a second, and a component is told once in a frame, if its own changed.
import { useCallback, useSyncExternalStore } from "react";
import type { Quote, Tick } from "../hubs/index.js";

/** A price as the page shows it. */
export interface Price extends Quote {
  /** Which way it went last. */
  readonly moved: "up" | "down" | "none";
  /** Since when, in seconds since 1970; 0 if that is not known. */
  readonly at: number;
}

export class Prices {
  /** How many new prices have come. */
  received = 0;
  readonly #all = new Map<string, Price>();
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #changed = new Set<string>();
  #frame = 0;

  /** Sets all of them, as they are after a connect. */
  open(quotes: readonly Quote[]): void {
    for (const quote of quotes) this.#put({ ...quote, moved: "none", at: 0 });
  }

  /** Takes a new price. */
  set({ symbol, price, at }: Tick): void {
    const before = this.#all.get(symbol);
    if (before === undefined || before.price === price) return;
    this.#put({ ...before, price, moved: price > before.price ? "up" : "down", at });
  }

  get(symbol: string): Price | undefined {
    return this.#all.get(symbol);
  }

  /** Calls `listener` in each frame in which this price has changed. */
  subscribe(symbol: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(symbol) ?? new Set();
    this.#listeners.set(symbol, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  #put(price: Price): void {
    this.#all.set(price.symbol, price);
    this.#changed.add(price.symbol);
    // A page in the background has no frames; what has changed there is never more than all symbols.
    this.#frame ||= requestAnimationFrame(() => this.#tell());
  }

  #tell(): void {
    this.#frame = 0;
    const changed = [...this.#changed];
    this.#changed.clear();
    for (const symbol of changed) for (const listener of this.#listeners.get(symbol) ?? []) listener();
  }
}

/** The price of a symbol; the component renders again when it changes. */
export function usePrice(prices: Prices, symbol: string): Price | undefined {
  const subscribe = useCallback((changed: () => void) => prices.subscribe(symbol, changed), [prices, symbol]);
  return useSyncExternalStore(subscribe, () => prices.get(symbol));
}
