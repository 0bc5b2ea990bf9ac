//! What all handles of one hub's connections share.

use std::{fmt, sync::Arc, time::Duration};

use super::GuardedGroups;
#[cfg(feature = "server")]
use super::nodes::Nodes;
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
#[cfg(feature = "server")]
use crate::{
    connection::End,
    ids::UserId,
    invocation::SendError,
    lifetime::{
        Cluster, ClusteredLifetimeManager, Durability, DurableLifetimeManager, HistoryLimits, Meta, Presence,
        PresenceSettings, Publishing, Readers,
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
    /// How it shows who is in a group.
    #[cfg(feature = "server")]
    presence: PresenceSettings,
}

/// What a new hub is made of.
pub(crate) struct HubParts {
    pub(crate) client_result_timeout: Option<Duration>,
    pub(crate) intervals: Intervals,
    pub(crate) parking: Parking,
    pub(crate) resumable: ResumableLimits,
    pub(crate) connections: ConnectionLimits,
    pub(crate) groups: GroupLimits,
    /// How much of its feed is kept, if it has one.
    #[cfg(feature = "server")]
    pub(crate) feed: Option<HistoryLimits>,
    /// Where its messages are kept, if its clients have durable methods.
    #[cfg(feature = "server")]
    pub(crate) durability: Option<Durability>,
    /// Its cluster, if it runs in several processes.
    #[cfg(feature = "server")]
    pub(crate) cluster: Option<Cluster>,
    /// How it shows who is in a group.
    #[cfg(feature = "server")]
    pub(crate) presence: PresenceSettings,
}

impl HubCore {
    pub(crate) fn new(name: &str, parts: HubParts) -> Self {
        let counters = Arc::new(Counters::new(name));
        let connections = Arc::new(LocalConnections::new(Arc::clone(&counters), parts.groups));
        let pending = Arc::<PendingCalls>::default();
        #[cfg(feature = "server")]
        let readers = parts.feed.map(|limits| Arc::new(Readers::new(limits, parts.intervals, Arc::clone(&counters))));
        #[cfg(feature = "server")]
        let nodes = parts.cluster.as_ref().map(|cluster| {
            let (connections, readers) = (Arc::clone(&connections), readers.clone());
            let end_user = move |user: &UserId| end_user(&connections, readers.as_deref(), user);
            Nodes::new(&cluster.hub, Arc::clone(&cluster.backplane), Arc::new(end_user))
        });
        let local = || Arc::new(LocalLifetimeManager::new(Arc::clone(&connections)));
        #[cfg(not(feature = "server"))]
        let lifetime = local();
        #[cfg(feature = "server")]
        let lifetime = {
            let (durability, cluster) = (parts.durability, parts.cluster);
            let (connections, pending, readers) = (Arc::clone(&connections), Arc::clone(&pending), readers.clone());
            managers(cluster, durability, connections, pending, readers, local)
        };
        Self {
            name: name.into(),
            lifetime,
            background: Arc::new(Background::new(&connections, parts.intervals)),
            connections,
            counters,
            counts: Arc::new(ConnectionCounts::new(parts.connections)),
            pending,
            client_result_timeout: parts.client_result_timeout,
            parking: Arc::new(parts.parking),
            resumable: Arc::new(ResumableStreams::new(parts.resumable)),
            guarded: GuardedGroups::default(),
            #[cfg(feature = "server")]
            presence: parts.presence,
            #[cfg(feature = "server")]
            readers,
            #[cfg(feature = "server")]
            nodes,
        }
    }

    /// Who is in which group. A hub has one type of what members show, by its client interface.
    #[cfg(feature = "server")]
    pub(crate) fn presence<M: Meta>(&self) -> Option<Arc<Presence<M>>> {
        self.connections.presence(&self.presence)
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
}

/// The manager of a hub: one for its cluster, if it is in one, and around it those that its features need.
#[cfg(feature = "server")]
fn managers(
    cluster: Option<Cluster>,
    durability: Option<Durability>,
    connections: Arc<LocalConnections>,
    pending: Arc<PendingCalls>,
    readers: Option<Arc<Readers>>,
    local: impl FnOnce() -> Arc<LocalLifetimeManager>,
) -> Arc<dyn HubLifetimeManager> {
    let clustered = cluster.map(|cluster| {
        Arc::new(ClusteredLifetimeManager::new(cluster, Arc::clone(&connections), pending, readers.clone()))
    });
    let mut lifetime: Arc<dyn HubLifetimeManager> = match &clustered {
        Some(clustered) => Arc::clone(clustered) as _,
        None => local(),
    };
    if let Some(durability) = durability {
        lifetime = Arc::new(DurableLifetimeManager::new(lifetime, durability, connections, readers.clone()));
    }
    if let Some(readers) = readers {
        lifetime = Arc::new(Publishing { inner: lifetime, readers });
    }
    if let Some(clustered) = clustered {
        clustered.stands_in(&lifetime);
    }
    lifetime
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
