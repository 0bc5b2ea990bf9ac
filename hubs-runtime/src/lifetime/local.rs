//! The manager of a hub that runs in one process.

use std::sync::Arc;

use futures_util::future::Either;

use super::{Answer, HubLifetimeManager, LocalConnections, Target, done};
use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName},
    protocol::EncodedMessage,
};

#[derive(Debug)]
pub(crate) struct LocalLifetimeManager {
    connections: Arc<LocalConnections>,
}

impl LocalLifetimeManager {
    pub(crate) fn new(connections: Arc<LocalConnections>) -> Self {
        Self { connections }
    }
}

/// The answer to a send. After a receiver that is behind it yields first, so that the flushers run before the sender
/// queues more.
fn sent<T: Send + 'static>(value: T, crowded: bool) -> Answer<T> {
    if !crowded {
        return done(value);
    }
    Either::Right(Box::pin(async move {
        tokio::task::yield_now().await;
        Ok(value)
    }))
}

impl HubLifetimeManager for LocalLifetimeManager {
    fn connect(&self, peer: Arc<Peer>) -> Answer<()> {
        self.connections.registry.connect(peer);
        done(())
    }

    fn disconnect(&self, peer: &Peer) {
        self.connections.disconnect(peer);
    }

    fn protocols(&self) -> u8 {
        self.connections.registry.protocols()
    }

    fn protocols_of(&self, id: &ConnectionId) -> u8 {
        self.connections.registry.peer(id).map_or(0, |peer| 1 << peer.protocol.slot())
    }

    fn send(&self, target: &Target, message: &EncodedMessage) -> Answer<()> {
        sent((), self.connections.send(target, message))
    }

    fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Answer<bool> {
        match self.connections.send_to(id, message) {
            Some(crowded) => sent(true, crowded),
            None => done(false),
        }
    }

    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        Either::Left(std::future::ready(self.connections.join(id, group)))
    }

    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.connections.leave(id, group);
        done(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        counters::Counters,
        lifetime::{GroupLimits, spec::lifetime_spec},
    };

    fn manager() -> Arc<dyn HubLifetimeManager> {
        let connections = LocalConnections::new(Arc::<Counters>::default(), GroupLimits { groups: 1_000, name: 1_024 });
        Arc::new(LocalLifetimeManager::new(Arc::new(connections)))
    }

    lifetime_spec!(manager());
}
