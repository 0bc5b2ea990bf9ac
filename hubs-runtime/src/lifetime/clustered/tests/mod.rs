//! Managers of one cluster in one process: the rules of every manager, envelopes that ASP.NET Core has published, and what
//! only several nodes can do.

mod across;
mod spread;
mod vectors;

use std::{sync::Arc, time::Duration};

use super::{Cluster, ClusteredLifetimeManager};
use crate::{
    backplane::{MemoryBackplane, MemoryCluster},
    counters::Counters,
    invocation::PendingCalls,
    lifetime::{GroupLimits, HubLifetimeManager, LocalConnections, spec::lifetime_spec},
    protocol::ALL_PROTOCOLS,
};

/// A node, and the calls that it has made.
struct TestNode {
    manager: Arc<ClusteredLifetimeManager>,
    backplane: MemoryBackplane,
    pending: Arc<PendingCalls>,
}

fn node(cluster: &MemoryCluster, name: &str) -> TestNode {
    node_of_hub(cluster, name, "Conformance.ConformanceHub")
}

fn node_of_hub(cluster: &MemoryCluster, name: &str, hub: &str) -> TestNode {
    let backplane = cluster.node(name);
    let connections = LocalConnections::new(Arc::<Counters>::default(), GroupLimits { groups: 1_000, name: 1_024 });
    let protocols = ALL_PROTOCOLS[..2].iter().fold(0, |all, protocol| all | (1 << protocol.slot()));
    let cluster = Cluster {
        backplane: Arc::new(backplane.clone()),
        hub: hub.to_owned(),
        protocols,
        command_timeout: Duration::from_millis(200),
    };
    let pending = Arc::<PendingCalls>::default();
    let manager = ClusteredLifetimeManager::new(cluster, Arc::new(connections), Arc::clone(&pending), None);
    TestNode { manager: Arc::new(manager), backplane, pending }
}

mod one_node {
    use super::*;

    fn manager() -> Arc<dyn HubLifetimeManager> {
        node(&MemoryCluster::new(), "a").manager
    }

    lifetime_spec!(manager());
}
