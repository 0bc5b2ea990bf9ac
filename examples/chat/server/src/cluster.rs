//! The nodes that serve the chat together. Without `REDIS_URL` there is one. Must not know what they tell each other.

use std::{env, sync::Arc, time::Duration};

use anyhow::{Context, ensure};
use hubs::{
    Hubs,
    backplane::{Backplane, Lease, Redis},
};

/// This node's access to the others, if there are others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cluster {
    backplane: Option<Arc<dyn Backplane>>,
}

impl Cluster {
    /// Meets the others at `REDIS_URL`.
    pub(crate) fn from_env() -> anyhow::Result<Self> {
        let Ok(url) = env::var("REDIS_URL") else { return Ok(Self::default()) };
        let is_shared = env::var_os("HUBS_CHAT_KEY").is_some();
        ensure!(is_shared, "with REDIS_URL, HUBS_CHAT_KEY must hold a key, the same one on every node");
        Ok(Self::of(Redis::connect(&url).context("REDIS_URL")?))
    }

    pub(crate) fn of(backplane: impl Backplane) -> Self {
        Self { backplane: Some(Arc::new(backplane)) }
    }

    pub(crate) fn backplane(&self) -> Option<Arc<dyn Backplane>> {
        self.backplane.clone()
    }

    /// Has the hubs reach the clients of all nodes.
    pub(crate) fn connect(&self, hubs: Hubs) -> Hubs {
        match self.backplane() {
            Some(backplane) => hubs.backplane(backplane),
            None => hubs,
        }
    }

    /// Whether this node is the one that does `work`, for the next `term`. While Redis is away, no node does it.
    pub(crate) async fn does(&self, work: &str, term: Duration) -> bool {
        let Some(backplane) = &self.backplane else { return true };
        match backplane.acquire(work, term).await {
            Ok(lease) => lease == Lease::Acquired,
            Err(error) => {
                tracing::warn!(%error, work, "no node could be chosen");
                false
            }
        }
    }
}
