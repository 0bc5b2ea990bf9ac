//! What a hub does while its node does not reach the others of its cluster, and what is counted of that. Must not know how
//! nodes reach each other.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use http::{StatusCode, request::Parts};
use tokio::sync::watch;

use super::{
    endpoint::{Reason, Refused},
    http::answer::Refusal,
    serve::end_evenly,
};
use crate::{
    backplane::{Backplane, Health},
    clients::HubCore,
    connection::End,
    counters::NodeMeter,
};

/// Over how long connections are told to connect elsewhere, where `Hubs::shutdown_spread` says nothing else.
const SPREAD: Duration = Duration::from_secs(10);

const NOT_REACHED: Refusal =
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "This server does not reach the others of its cluster.");

/// What a hub does while its node has [lost](Health::Lost) the other nodes of its cluster. Under each policy, what is sent
/// from this node reaches its own clients, and fails with [`SendError::Backplane`](crate::SendError) where clients of other
/// nodes may be meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum BackplanePolicy {
    /// It serves its clients, lets new ones in, and is ready: for hubs whose clients mostly ask and are answered.
    #[default]
    KeepServing,
    /// It serves the clients that it has. New ones are refused with 503, and `/readyz` answers 503, so that a load
    /// balancer sends them to other nodes.
    RefuseNew,
    /// As `RefuseNew`, and it ends the connections that it has, evenly over [`Hubs::shutdown_spread`](crate::Hubs), or 10 s
    /// where that is not set. The clients are told to connect again. It stops when the other nodes are reached again.
    Close,
}

/// Tells whether a hub refuses new clients because its node is alone.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Isolation(Option<watch::Receiver<Health>>);

impl Isolation {
    pub(super) fn new(backplane: Option<&Arc<dyn Backplane>>, policy: BackplanePolicy) -> Self {
        Self(backplane.filter(|_| policy != BackplanePolicy::KeepServing).map(|backplane| backplane.health()))
    }

    pub(super) fn is_cut_off(&self) -> bool {
        self.0.as_ref().is_some_and(|health| *health.borrow() == Health::Lost)
    }

    /// Refuses a new connection while the node is alone.
    pub(in crate::server) fn check(&self, refused: &Refused, request: &Parts) -> Result<(), Refusal> {
        if self.is_cut_off() {
            refused.note(Reason::BackplaneLost, request);
            return Err(NOT_REACHED);
        }
        Ok(())
    }
}

/// Follows the health of the backplane for one hub, for as long as both are there.
pub(super) fn watch(backplane: &Arc<dyn Backplane>, hub: &Arc<HubCore>, policy: BackplanePolicy, spread: Duration) {
    let (mut health, hub) = (backplane.health(), Arc::downgrade(hub));
    let meter = NodeMeter::new(backplane.node());
    let spread = if spread.is_zero() { SPREAD } else { spread };
    tokio::spawn(async move {
        loop {
            let now = *health.borrow_and_update();
            meter.health(now as usize);
            let changed = async { health.changed().await.is_ok() };
            let goes_on = if now == Health::Lost && policy == BackplanePolicy::Close {
                close_until(&hub, spread, changed).await
            } else {
                changed.await
            };
            if !goes_on || hub.strong_count() == 0 {
                return;
            }
        }
    });
}

/// Ends the connections of a hub, unless its node reaches the others again before all have been told.
async fn close_until(hub: &Weak<HubCore>, spread: Duration, changed: impl Future<Output = bool>) -> bool {
    let mut peers = Vec::new();
    if let Some(hub) = hub.upgrade() {
        peers = hub.connections.all();
        peers.extend(hub.readers.iter().flat_map(|readers| readers.connections.all()));
        tracing::warn!(hub = &*hub.name, connections = peers.len(), "the other nodes of the cluster are lost: closing");
    }
    let changed = std::pin::pin!(changed);
    let told = async {
        end_evenly(&peers, spread, &End::BackplaneLost).await;
        std::future::pending().await
    };
    tokio::select! {
        goes_on = changed => goes_on,
        never = told => never,
    }
}
