//! What is on the wire besides our nodes: a client that publishes bytes and hears them, as a node of ASP.NET Core does.

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream::BoxStream};
use tokio::time::timeout;

use crate::backplane::{Backplane, MemoryBackplane, MemoryCluster};

#[cfg(feature = "redis")]
#[path = "../../../../../tests/support/redis.rs"]
#[allow(dead_code, unreachable_pub, reason = "a library of other tests, of which these use a part")]
mod server;
#[cfg(feature = "redis")]
pub(super) use server::RedisServer;

pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// A cluster that gives nodes, and a client that is none.
pub(super) trait Wire {
    type Node: Backplane;

    fn node(&self, name: &str) -> Self::Node;

    /// Publishes, and returns how many got it.
    async fn publish(&self, channel: &str, payload: Bytes) -> usize;

    /// Everything that is published on a channel from now on.
    async fn hear(&self, channel: &str) -> Heard;
}

/// What is published on a channel.
pub(super) struct Heard(BoxStream<'static, Bytes>);

impl Heard {
    pub(super) async fn next(&mut self) -> Bytes {
        timeout(LIMIT, self.0.next()).await.expect("it is published in time").expect("the wire is there")
    }
}

pub(super) struct InMemory {
    cluster: MemoryCluster,
    plain: MemoryBackplane,
}

impl InMemory {
    pub(super) fn new() -> Self {
        let cluster = MemoryCluster::new();
        Self { plain: cluster.node("plain"), cluster }
    }
}

impl Wire for InMemory {
    type Node = MemoryBackplane;

    fn node(&self, name: &str) -> MemoryBackplane {
        self.cluster.node(name)
    }

    async fn publish(&self, channel: &str, payload: Bytes) -> usize {
        self.plain.publish(channel, payload).await.expect("published").expect("known")
    }

    async fn hear(&self, channel: &str) -> Heard {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let subscription = self.plain.subscribe(channel, std::sync::Arc::new(move |payload| _ = sender.send(payload)));
        let next = async |(mut receiver, subscription): (tokio::sync::mpsc::UnboundedReceiver<_>, _)| {
            Some((receiver.recv().await?, (receiver, subscription)))
        };
        Heard(futures_util::stream::unfold((receiver, subscription), next).boxed())
    }
}

#[cfg(feature = "redis")]
pub(super) use over_redis::OverRedis;

#[cfg(feature = "redis")]
mod over_redis {
    use redis::{Client, aio::MultiplexedConnection};

    use super::*;
    use crate::backplane::Redis;

    pub(in super::super) struct OverRedis {
        plain: MultiplexedConnection,
        client: Client,
        server: RedisServer,
    }

    impl OverRedis {
        pub(in super::super) async fn new() -> Self {
            let server = RedisServer::start();
            let client = Client::open(server.url()).expect("an address");
            let plain = client.get_multiplexed_async_connection().await.expect("connected");
            Self { plain, client, server }
        }
    }

    impl Wire for OverRedis {
        type Node = Redis;

        fn node(&self, name: &str) -> Redis {
            Redis::connect(&self.server.url()).and_then(|node| node.node_name(name)).expect("an address")
        }

        async fn publish(&self, channel: &str, payload: Bytes) -> usize {
            let (mut plain, mut command) = (self.plain.clone(), redis::cmd("PUBLISH"));
            let published = command.arg(channel).arg(&*payload).query_async(&mut plain);
            timeout(LIMIT, published).await.expect("published in time").expect("published")
        }

        async fn hear(&self, channel: &str) -> Heard {
            let mut subscribed = self.client.get_async_pubsub().await.expect("connected");
            subscribed.subscribe(channel).await.expect("subscribed");
            Heard(
                subscribed.into_on_message().map(|message| Bytes::copy_from_slice(message.get_payload_bytes())).boxed(),
            )
        }
    }
}
