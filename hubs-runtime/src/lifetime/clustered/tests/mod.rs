//! Managers of one cluster in one process: the rules of every manager, envelopes that ASP.NET Core has published, and what
//! only several nodes can do. The cluster is in memory, and where the feature `redis` is on, also on a Redis.

mod across;
mod plain;
mod replay;
mod spread;
mod vectors;

use std::{sync::Arc, time::Duration};

use super::{Cluster, ClusteredLifetimeManager};
use crate::{
    backplane::{Backplane, MemoryBackplane, MemoryCluster},
    counters::Counters,
    invocation::PendingCalls,
    lifetime::{GroupLimits, HubLifetimeManager, LocalConnections, spec::lifetime_spec},
    protocol::ALL_PROTOCOLS,
};

const HUB: &str = "Conformance.ConformanceHub";

/// A node, and the calls that it has made.
struct TestNode<B = MemoryBackplane> {
    manager: Arc<ClusteredLifetimeManager>,
    backplane: Arc<B>,
    pending: Arc<PendingCalls>,
}

fn node(cluster: &MemoryCluster, name: &str) -> TestNode {
    node_of_hub(cluster.node(name), HUB)
}

fn node_of_hub<B: Backplane>(backplane: B, hub: &str) -> TestNode<B> {
    let backplane = Arc::new(backplane);
    let connections = LocalConnections::new(Arc::<Counters>::default(), GroupLimits { groups: 1_000, name: 1_024 });
    let protocols = ALL_PROTOCOLS[..2].iter().fold(0, |all, protocol| all | (1 << protocol.slot()));
    let cluster = Cluster {
        backplane: Arc::<B>::clone(&backplane),
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

#[cfg(feature = "redis")]
mod over_redis {
    use std::ops::Deref;

    use super::{plain::RedisServer, spread::Spread, *};
    use crate::backplane::Redis;

    /// A manager, and the Redis that it needs.
    struct Over<M> {
        manager: M,
        _redis: RedisServer,
    }

    impl<M: HubLifetimeManager> Deref for Over<M> {
        type Target = M;

        fn deref(&self) -> &M {
            &self.manager
        }
    }

    fn over<M>(make: impl FnOnce(&dyn Fn(&str) -> Redis) -> M) -> Over<M> {
        let redis = RedisServer::start();
        let node = |name: &str| Redis::connect(&redis.url()).and_then(|node| node.node_name(name)).expect("an address");
        Over { manager: make(&node), _redis: redis }
    }

    mod one_node {
        use super::*;

        lifetime_spec!(over(|backplane| Arc::into_inner(node_of_hub(backplane("a"), HUB).manager).expect("one owner")));
    }

    mod two_nodes {
        use super::*;

        lifetime_spec!(over(|backplane| Spread::of(["north", "south"].map(|name| node_of_hub(backplane(name), HUB)))));
    }
}
