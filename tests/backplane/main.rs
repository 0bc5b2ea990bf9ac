//! What connects the nodes of a cluster: the rules of every backplane, and a real Redis that is late, hangs and dies.

mod cluster;
mod outages;
mod sentinel;
mod spec;
mod tls;

use std::sync::Arc;

use hubs::backplane::{Backplane, BackplaneError, MemoryCluster, Redis};
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
        on("test", || Redis::connect(&self.url())).node(name)
    }
}

/// Nodes on servers of Redis that others use, too: a prefix keeps them apart.
struct Apart<'a> {
    prefix: String,
    connect: Box<dyn Fn() -> Result<Redis, BackplaneError> + 'a>,
}

fn on<'a>(name: &str, connect: impl Fn() -> Result<Redis, BackplaneError> + 'a) -> Apart<'a> {
    Apart { prefix: format!("{name}:"), connect: Box::new(connect) }
}

impl Cluster for Apart<'_> {
    fn node(&self, name: &str) -> Arc<dyn Backplane> {
        let redis = (self.connect)().and_then(|redis| redis.channel_prefix(&self.prefix).node_name(name));
        Arc::new(redis.expect("an address"))
    }
}

mod memory {
    crate::spec::backplane_spec!(hubs::backplane::MemoryCluster::new());
}

mod redis {
    crate::spec::backplane_spec!(hubs_tests::RedisServer::start());
}
