//! The nodes that serve the board together. Without `REDIS_URL` there is one.
//!
//! One node moves the prices and tells the others, so that all have the same. Must not know how prices move.

use std::{env, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use hubs::{
    Hubs,
    backplane::{Backplane, Lease, Receive, Redis, Subscription},
};
use ticker_contract::Tick;

use crate::market::Market;

/// Where the node that moves the prices tells them.
const PRICES: &str = "ticker:prices";
/// How long a node moves the prices before it asks again.
pub(crate) const ASKS_EVERY: Duration = Duration::from_secs(1);
/// After this time without a word from the node that moves them, another one does.
const TERM: Duration = Duration::from_secs(5);

/// This node's access to the others, if there are others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cluster {
    backplane: Option<Arc<dyn Backplane>>,
}

impl Cluster {
    /// Meets the others at `REDIS_URL`.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let Ok(url) = env::var("REDIS_URL") else { return Ok(Self::default()) };
        let is_shared = env::var_os("HUBS_TICKER_KEY").is_some();
        ensure!(is_shared, "with REDIS_URL, HUBS_TICKER_KEY must hold a key, the same one on every node");
        Ok(Self::of(Redis::connect(&url).context("REDIS_URL")?))
    }

    pub(crate) fn of(backplane: impl Backplane) -> Self {
        Self { backplane: Some(Arc::new(backplane)) }
    }

    /// Has the hubs reach the clients of all nodes.
    pub(crate) fn connect(&self, hubs: Hubs) -> Hubs {
        match self.backplane.clone() {
            Some(backplane) => hubs.backplane(backplane),
            None => hubs,
        }
    }

    /// Whether this node is the one that moves the prices now. While Redis is away, none is.
    pub(crate) async fn moves_prices(&self) -> bool {
        let Some(backplane) = &self.backplane else { return true };
        match backplane.acquire(PRICES, TERM).await {
            Ok(lease) => lease == Lease::Acquired,
            Err(error) => {
                tracing::warn!(%error, "the prices stand still");
                false
            }
        }
    }

    /// Tells the other nodes these prices.
    pub(crate) async fn tell(&self, ticks: &[Tick]) -> anyhow::Result<()> {
        if let Some(backplane) = &self.backplane {
            backplane.publish(PRICES, serde_json::to_vec(ticks)?.into()).await?;
        }
        Ok(())
    }

    /// Takes over the prices that another node tells, until the subscription is dropped.
    pub(crate) fn follow(&self, market: &Arc<Market>) -> Option<Subscription> {
        let market = Arc::clone(market);
        let hear: Receive = Arc::new(move |ticks| match serde_json::from_slice::<Vec<Tick>>(&ticks) {
            Ok(ticks) => market.set(&ticks),
            Err(error) => tracing::warn!(%error, "a node told prices that this one does not understand"),
        });
        Some(self.backplane.as_ref()?.subscribe(PRICES, hear))
    }
}
