//! The hub: who watches what, the history, and orders. Prices are not sent here but by [`crate::feed`].

use std::{collections::HashSet, sync::Arc};

use futures_util::{StreamExt as _, stream};
use hubs::{HubError, HubResult, HubStream, UploadStream};
use ticker_contract::{Cx, Order, Point, Quote, Receipt, Tick, TickerHub, Trade, WATCHERS, Watcher};

use crate::{history::History, market::Market};

/// Most orders in one basket.
const MOST_ORDERS: usize = 100;
/// Most shares in one order.
const MOST_SHARES: u32 = 10_000;
/// Most bytes of the id of a page.
const LONGEST_ID: usize = 64;

/// The board.
#[derive(Debug)]
pub(crate) struct Ticker {
    market: Arc<Market>,
    history: Arc<History>,
}

impl Ticker {
    pub(crate) fn new(market: Arc<Market>, history: Arc<History>) -> Self {
        Self { market, history }
    }

    /// Carries out an order at the price of the moment, keeps it, and tells all who watch.
    async fn trade(&self, cx: &Cx, order: &Order) -> HubResult<Trade> {
        if !(1..=MOST_SHARES).contains(&order.quantity) {
            return Err(HubError::client(format!("An order is for 1 to {MOST_SHARES} shares.")));
        }
        let price = self.market.price(&order.symbol)?;
        let trader = cx.user_id().map(ToString::to_string).unwrap_or_default();
        let trade = self.history.traded(&trader, order, &price).await?;
        cx.clients().group(&trade.symbol).traded(trade.clone()).await?;
        Ok(trade)
    }
}

impl TickerHub for Ticker {
    async fn quotes(&self, _cx: &Cx) -> HubResult<Vec<Quote>> {
        Ok(self.market.quotes())
    }

    async fn watch(&self, cx: &Cx, symbols: Vec<String>) -> HubResult<Vec<Tick>> {
        let wanted: HashSet<String> = symbols.into_iter().collect();
        for symbol in &wanted {
            self.market.price(symbol)?;
        }
        // First into the groups, then the prices: one that moves in between comes twice, never not at all.
        for Tick { symbol, .. } in self.market.prices() {
            match wanted.contains(&symbol) {
                true => cx.groups().add(cx.connection_id(), &symbol).await?,
                false => cx.groups().remove(cx.connection_id(), &symbol).await?,
            }
        }
        Ok(self.market.prices().into_iter().filter(|tick| wanted.contains(&tick.symbol)).collect())
    }

    async fn look_at(&self, cx: &Cx, symbol: String, page: String) -> HubResult<()> {
        self.market.price(&symbol)?;
        if page.len() > LONGEST_ID {
            return Err(HubError::client(format!("The id of a page has at most {LONGEST_ID} bytes.")));
        }
        let name = cx.user_id().map(ToString::to_string);
        // A guest who connects again has another connection, but the same page: the others see one guest, not two.
        let key = name.as_ref().map_or_else(|| format!("guest:{page}"), |name| format!("user:{name}"));
        cx.presence().track_as(cx.connection_id(), WATCHERS, key, Watcher { name, symbol })?;
        Ok(())
    }

    async fn history(&self, _cx: &Cx, symbol: String) -> HubResult<HubStream<Vec<Point>>> {
        self.market.price(&symbol)?;
        // One query for each chunk: a page that reads slowly, or not at all, holds no connection to the database.
        let chunks = stream::try_unfold((Arc::clone(&self.history), symbol, 0), async |(history, symbol, after)| {
            let chunk = history.points(&symbol, after).await?;
            let Some(last) = chunk.last() else { return Ok(None) };
            let next = (history, symbol, last.at);
            Ok(Some((chunk, next)))
        });
        Ok(HubStream::fallible(chunks))
    }

    async fn trades(&self, _cx: &Cx) -> HubResult<Vec<Trade>> {
        self.history.trades().await
    }

    async fn place_orders(&self, cx: &Cx, mut orders: UploadStream<Order>) -> HubResult<Vec<Receipt>> {
        // Who may is in the contract, and was checked before this began.
        let mut receipts = Vec::new();
        while let Some(order) = orders.next().await {
            let order = order?;
            if receipts.len() == MOST_ORDERS {
                return Err(HubError::client(format!(
                    "The first {MOST_ORDERS} orders were taken, the others were not."
                )));
            }
            receipts.push(match self.trade(cx, &order).await {
                Ok(trade) => Receipt::Done { trade },
                Err(error) => refused(order.symbol, error)?,
            });
        }
        Ok(receipts)
    }
}

/// What the trader may read is a receipt; anything else ends the basket.
fn refused(symbol: String, error: HubError) -> HubResult<Receipt> {
    let reason = error.client_text().map(str::to_owned).ok_or(error)?;
    Ok(Receipt::Refused { symbol, reason })
}
