//! What connects the nodes of a cluster: the rules of every backplane, and a real Redis that is late, hangs and dies.

mod outages;
mod spec;

use std::sync::Arc;

use hubs::backplane::{Backplane, MemoryCluster, Redis};
use hubs_tests::RedisServer;

/// A cluster that gives new nodes.
trait Cluster {
    fn node(&self, name: &str) -> Arc<dyn Backplane>;
}

impl Cluster for MemoryCluster {
    fn node(&self, name: &str) -> Arc<dyn Backplane> {
        Arc::new(Self::node(self, name))
    }
}

impl Cluster for RedisServer {
    fn node(&self, name: &str) -> Arc<dyn Backplane> {
        let redis = Redis::connect(&self.url()).and_then(|redis| redis.channel_prefix("test:").node_name(name));
        Arc::new(redis.expect("an address"))
    }
}

mod memory {
    crate::spec::backplane_spec!(hubs::backplane::MemoryCluster::new());
}

mod redis {
    crate::spec::backplane_spec!(hubs_tests::RedisServer::start());
}
