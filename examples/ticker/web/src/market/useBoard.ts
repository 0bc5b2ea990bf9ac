// The board: one connection, what this page watches, and everything the page can do.
import { LogLevel } from "@microsoft/signalr";
import { MessagePackHubProtocol } from "@microsoft/signalr-protocol-msgpack";
import { useEffect, useMemo, useState } from "react";
import { HubCallError } from "../hubs/index.js";
import type { Market, News, Order, Receipt, TickerHub, Trade } from "../hubs/index.js";
import { useTicker } from "../hubs/react.js";
import { PAGE, recall, remember, signIn, type Account } from "./account.js";
import { upload } from "./orders.js";
import { Prices } from "./prices.js";

/** The tab that shows every sector. */
export const ALL = "All";
/** Most trades and headlines that are shown. */
const SHOWN = 30;

/** What the connection asks for when it signs in; it outlives renders. */
let account = recall();

export function useBoard(url = "/ticker") {
  const [prices] = useState(() => new Prices());
  const [sectors, setSectors] = useState<ReadonlyMap<string, readonly string[]>>(new Map());
  const [market, setMarket] = useState<Market | null>(null);
  const [trades, setTrades] = useState<readonly Trade[]>([]);
  const [news, setNews] = useState<readonly News[]>([]);
  const [sector, setSector] = useState(ALL);
  const [selected, select] = useState("ALDE");
  const [me, setMe] = useState(account);

  const { hub, state, link } = useTicker(
    url,
    {
      priceMoved(tick) {
        prices.received += 1;
        prices.set(tick);
      },
      marketMoved: setMarket,
      traded: (trade) => setTrades((before) => merge(before, [trade])),
      headline: (headline) => setNews((before) => [headline, ...before].slice(0, SHOWN)),
    },
    {
      http: { accessTokenFactory: () => signIn(account) },
      configure: (builder) => builder.withHubProtocol(new MessagePackHubProtocol()).configureLogging(LogLevel.Warning),
      onConnected: open,
    },
  );

  /** After each connect: everything as it is now. */
  async function open(hub: TickerHub): Promise<void> {
    const [quotes, trades] = await Promise.all([hub.quotes(), hub.trades()]);
    prices.open(quotes);
    setTrades((before) => merge(before, trades));
    const sectors = new Map<string, string[]>([[ALL, []]]);
    for (const { symbol, sector } of quotes) {
      sectors.get(ALL)!.push(symbol);
      sectors.set(sector, [...(sectors.get(sector) ?? []), symbol]);
    }
    setSectors(sectors);
  }

  const shown = sectors.get(sector) ?? [];
  const watched = useMemo(() => [...new Set([...shown, selected])].sort(), [shown, selected]);
  useEffect(() => {
    // Groups end with their connection, so this runs after each connect, too.
    if (state !== "connected") return;
    hub.watch(watched).then((ticks) => ticks.forEach((tick) => prices.set(tick)), console.warn);
  }, [hub, prices, state, watched]);

  useEffect(() => {
    // So does what a person shows of themselves. Calling it again changes that.
    if (state === "connected") hub.lookAt(selected, PAGE).catch(console.warn);
  }, [hub, state, selected]);

  /** A connection belongs to the user who opened it, so that another user needs another one. */
  async function enter(person: Account): Promise<void> {
    await signIn(person); // says what is wrong before the connection is given up
    account = person;
    remember(person);
    setMe(person);
    await link.stop();
    link.start().catch(() => {}); // the header says how it goes
  }

  /** Sends orders; a refusal is thrown as a text for the person. */
  async function place(orders: readonly Order[]): Promise<readonly Receipt[]> {
    try {
      return await hub.placeOrders(upload(orders));
    } catch (cause) {
      if (!(cause instanceof HubCallError)) throw cause;
      if (cause.reason === "unauthorized") throw new Error("Only traders may trade. You are signed in to look.");
      if (cause.reason === "lost") throw new Error("The connection was lost. Please check the trades before you order again.");
      throw new Error(cause.reason === "server" ? cause.text : "There is no connection. Nothing was ordered.");
    }
  }

  return { hub, link, state, prices, market, sectors, sector, setSector, shown, selected, select, trades, news, me, enter, place };
}

export type Board = ReturnType<typeof useBoard>;

/** The newest trades, each once, newest first: one that is read after a connect may come as news as well. */
function merge(before: readonly Trade[], more: readonly Trade[]): readonly Trade[] {
  const all = new Map([...before, ...more].map((trade) => [trade.id, trade]));
  return [...all.values()].sort((a, b) => b.id - a.id).slice(0, SHOWN);
}
