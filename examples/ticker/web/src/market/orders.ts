// Orders as people write them, one on each line: `buy 10 ALDE`.
import type { Order } from "../hubs/index.js";

const LINE = /^(buy|sell)\s+(\d+)\s+(\w+)$/i;

/** The orders of a text, or the first line that is none. */
export function read(text: string): readonly Order[] | { readonly wrong: string } {
  const orders: Order[] = [];
  for (const line of text.split("\n").map((line) => line.trim())) {
    if (line === "") continue;
    const [, side, quantity, symbol] = LINE.exec(line) ?? [];
    if (side === undefined || quantity === undefined || symbol === undefined) return { wrong: line };
    orders.push({ side: side.toLowerCase() === "buy" ? "buy" : "sell", quantity: Number(quantity), symbol: symbol.toUpperCase() });
  }
  return orders;
}

/** The same as an upload: the server carries out the first while the last is still on its way. */
export async function* upload(orders: readonly Order[]): AsyncGenerator<Order> {
  yield* orders;
}
