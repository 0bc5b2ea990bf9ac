//! What all handles of one hub's connections share.

use std::{fmt, sync::Arc, time::Duration};

use super::GuardedGroups;
#[cfg(feature = "server")]
use super::nodes::Nodes;
#[cfg(feature = "server")]
use crate::{
    backplane::Backplane,
    connection::End,
    ids::UserId,
    invocation::SendError,
    lifetime::{HistoryLimits, Publishing, Readers},
};
use crate::{
    call::{ResumableLimits, ResumableStreams},
    connection::{Intervals, Parking},
    counters::Counters,
    invocation::PendingCalls,
    lifetime::{
        Background, ConnectionCounts, ConnectionLimits, GroupLimits, HubLifetimeManager, LocalConnections,
        LocalLifetimeManager,
    },
};

pub(crate) struct HubCore {
    /// The hub's name: unique among the hubs of an application.
    pub(crate) name: Arc<str>,
    /// Delivers to all connections of the hub, wherever they are.
    pub(crate) lifetime: Arc<dyn HubLifetimeManager>,
    /// The connections of this process.
    pub(crate) connections: Arc<LocalConnections>,
    pub(crate) background: Arc<Background>,
    pub(crate) counters: Arc<Counters>,
    /// How many connections there are, and may be.
    pub(crate) counts: Arc<ConnectionCounts>,
    pub(crate) pending: Arc<PendingCalls>,
    pub(crate) client_result_timeout: Option<Duration>,
    /// The connections that wait for their next socket.
    pub(crate) parking: Arc<Parking>,
    /// The streams that outlive their connections.
    pub(crate) resumable: Arc<ResumableStreams>,
    /// Who reads its feed, if it has one.
    #[cfg(feature = "server")]
    pub(crate) readers: Option<Arc<Readers>>,
    /// The other nodes of its cluster, if it is in one.
    #[cfg(feature = "server")]
    pub(super) nodes: Option<Nodes>,
    /// Who is in a group under a condition.
    pub(crate) guarded: GuardedGroups,
}

impl HubCore {
    /// A hub in one process.
    pub(crate) fn new(
        name: &str,
        client_result_timeout: Option<Duration>,
        intervals: Intervals,
        parking: Parking,
        resumable: ResumableLimits,
        limits: (ConnectionLimits, GroupLimits),
    ) -> Self {
        let counters = Arc::new(Counters::new(name));
        let connections = Arc::new(LocalConnections::new(Arc::clone(&counters), limits.1));
        Self {
            name: name.into(),
            lifetime: Arc::new(LocalLifetimeManager::new(Arc::clone(&connections))),
            background: Arc::new(Background::new(&connections, intervals)),
            connections,
            counters,
            counts: Arc::new(ConnectionCounts::new(limits.0)),
            pending: Arc::default(),
            client_result_timeout,
            parking: Arc::new(parking),
            resumable: Arc::new(ResumableStreams::new(resumable)),
            guarded: GuardedGroups::default(),
            #[cfg(feature = "server")]
            readers: None,
            #[cfg(feature = "server")]
            nodes: None,
        }
    }

    /// The same, together with other nodes. Its feed, if it has one, must be there already.
    #[cfg(feature = "server")]
    pub(crate) fn in_cluster(self, backplane: &Arc<dyn Backplane>) -> Self {
        let (connections, readers) = (Arc::clone(&self.connections), self.readers.clone());
        let end_user = move |user: &UserId| end_user(&connections, readers.as_deref(), user);
        let nodes = Nodes::new(&self.name, Arc::clone(backplane), Arc::new(end_user));
        Self { nodes: Some(nodes), ..self }
    }

    /// Ends all connections of a user, on all nodes. Returns how many there were.
    #[cfg(feature = "server")]
    pub(super) async fn disconnect_user(&self, user: &UserId) -> Result<usize, SendError> {
        let ended = end_user(&self.connections, self.readers.as_deref(), user);
        match &self.nodes {
            None => Ok(ended),
            Some(nodes) => Ok(ended + nodes.disconnect_user(user).await?),
        }
    }

    /// The same, with a feed.
    #[cfg(feature = "server")]
    pub(crate) fn with_feed(self, limits: HistoryLimits, intervals: Intervals) -> Self {
        let readers = Arc::new(Readers::new(limits, intervals, Arc::clone(&self.counters)));
        let inner = LocalLifetimeManager::new(Arc::clone(&self.connections));
        let lifetime = Arc::new(Publishing { inner, readers: Arc::clone(&readers) });
        Self { lifetime, readers: Some(readers), ..self }
    }
}

/// Ends the connections of a user in this process.
#[cfg(feature = "server")]
fn end_user(connections: &LocalConnections, readers: Option<&Readers>, user: &UserId) -> usize {
    let mut peers = connections.of_user(user);
    peers.extend(readers.iter().flat_map(|readers| readers.connections.of_user(user)));
    peers.iter().for_each(|peer| peer.outbox.end(End::Aborted));
    peers.len()
}

impl fmt::Debug for HubCore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubCore")
            .field("name", &self.name)
            .field("connections", &self.connections.count())
            .finish_non_exhaustive()
    }
}
