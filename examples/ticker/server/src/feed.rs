//! The background tasks: one moves the prices and tells the pages through a [`HubContext`], one keeps them for charts.
//!
//! They have no caller. In a cluster one node does both, for all. Must not know who watches what: a group has the name of its symbol.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use hubs::{HubContext, HubResult};
use ticker_contract::{Tick, TickerHubContract};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::{
    clock,
    cluster::{ASKS_EVERY, Cluster},
    history::{History, KEPT, SPACING},
    market::Market,
};

/// How often prices move. In each step, some do.
const STEP: Duration = Duration::from_millis(5);

/// How often the market as a whole is told. A page shows it less often; the pages of other nodes get all of it.
const SUMMARY: Duration = Duration::from_millis(100);

/// Moves prices and publishes them, for ever.
pub(crate) async fn publish(hub: HubContext<TickerHubContract>, market: Arc<Market>, cluster: Cluster) {
    let mut steps = interval(STEP);
    // Steps that were missed on a busy machine are not caught up on all at once; their prices move in the next one.
    steps.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut before = Instant::now();
    let (mut due, mut asks, mut moves, mut tells) = (0.0, before, false, before);
    loop {
        let now = steps.tick().await;
        if now >= asks {
            moves = cluster.moves_prices().await;
            asks = now + ASKS_EVERY;
        }
        if !moves {
            before = now;
            continue;
        }
        due += f64::from(market.rate()) * (now - before).as_secs_f64();
        before = now;
        step(&hub, &market, &cluster, due as usize).await;
        due = due.fract();
        if now >= tells {
            summarise(&hub, &market).await;
            tells = now + SUMMARY;
        }
    }
}

/// Moves the next `count` prices, and tells the other nodes and those who watch.
pub(crate) async fn step(hub: &HubContext<TickerHubContract>, market: &Market, cluster: &Cluster, count: usize) {
    let ticks = market.step(count);
    // First the nodes, then the pages: a page that begins to watch meanwhile asks its node for the price.
    if let Err(error) = cluster.tell(&ticks).await {
        tracing::warn!(%error, "the other nodes were not told the prices");
    }
    // Together: in a cluster each has its way to Redis and back.
    let sent = ticks.into_iter().map(|tick| hub.clients().group(&tick.symbol).price_moved(tick));
    for error in join_all(sent).await.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "a price was not sent");
    }
}

/// Tells every page about the market as a whole.
pub(crate) async fn summarise(hub: &HubContext<TickerHubContract>, market: &Market) {
    if let Err(error) = hub.clients().all().market_moved(market.summary()).await {
        tracing::warn!(%error, "the market was not sent");
    }
}

/// Goes on where the server was stopped. The first time, it lets the market run for a while, so that charts have a past.
///
/// # Errors
/// The database cannot be read or written.
pub(crate) async fn open(market: &Market, history: &History) -> HubResult<()> {
    let last = history.last_prices().await?;
    market.set(&last);
    if last.is_empty() {
        let now = clock::now();
        for at in (now - KEPT..now).step_by(SPACING as usize) {
            for _ in 0..10 {
                market.step(usize::MAX);
            }
            let prices: Vec<Tick> = market.prices().into_iter().map(|tick| Tick { at, ..tick }).collect();
            history.keep(&prices).await?;
        }
    }
    Ok(())
}

/// Keeps a point of each price every few seconds, for ever, and forgets those that are too old.
pub(crate) async fn keep(market: Arc<Market>, history: Arc<History>, cluster: Cluster) {
    let mut steps = interval(Duration::from_secs(SPACING.into()));
    steps.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        steps.tick().await;
        if !cluster.moves_prices().await {
            continue;
        }
        if let Err(error) = history.keep(&market.prices()).await {
            tracing::error!(%error, "prices were not kept");
        }
        if let Err(error) = history.forget_before(clock::now().saturating_sub(KEPT)).await {
            tracing::error!(%error, "old prices were not forgotten");
        }
    }
}
