//! How many nodes use a server of Redis. After an outage a node waits until the others are back: what it publishes before
//! they have subscribed again would be accepted and lost. Must not know what is published.

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    time::Duration,
};

use bytes::Bytes;
use redis::{FromRedisValue, RedisError, aio::MultiplexedConnection};
use tokio::time::{Instant, sleep};

/// How long a node waits for others that do not come back.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it looks for them.
const LOOK: Duration = Duration::from_millis(50);
/// How often the nodes are counted while all is well.
const COUNT: Duration = Duration::from_secs(1);

/// The nodes that use one server.
pub(super) struct Peers {
    /// Each node is subscribed to it, last of all channels.
    channel: String,
    /// How many there were.
    known: AtomicUsize,
    /// One has come.
    is_stale: AtomicBool,
}

impl Peers {
    pub(super) fn new(prefix: &str) -> Self {
        Self { channel: format!("{prefix}hubs:nodes"), known: AtomicUsize::default(), is_stale: AtomicBool::default() }
    }

    /// This node has subscribed to all its channels. Returns when as many nodes have as there were before, or when the others
    /// do not come.
    pub(super) async fn gather(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        connection.subscribe(&self.channel).await?;
        let until = Instant::now() + PATIENCE;
        while self.nodes(connection).await? < self.known.load(Ordering::SeqCst) && Instant::now() < until {
            sleep(LOOK).await;
        }
        redis::cmd("PUBLISH").arg(&self.channel).arg("").exec_async(connection).await?;
        self.count(connection).await
    }

    /// Whether a message on this channel says that a node has come.
    pub(super) fn has_come(&self, channel: &[u8]) -> bool {
        let is_own = channel == self.channel.as_bytes();
        if is_own {
            self.is_stale.store(true, Ordering::SeqCst);
        }
        is_own
    }

    /// Counts the nodes, if that is due since `last`.
    pub(super) async fn keep_count(
        &self,
        connection: &mut MultiplexedConnection,
        last: &mut Instant,
    ) -> Result<(), RedisError> {
        if self.is_stale.load(Ordering::SeqCst) || last.elapsed() >= COUNT {
            self.count(connection).await?;
            *last = Instant::now();
        }
        Ok(())
    }

    async fn count(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        self.is_stale.store(false, Ordering::SeqCst);
        self.known.store(self.nodes(connection).await?, Ordering::SeqCst);
        Ok(())
    }

    async fn nodes(&self, connection: &mut MultiplexedConnection) -> Result<usize, RedisError> {
        let reply = redis::cmd("PUBSUB").arg("NUMSUB").arg(&self.channel).query_async(connection).await?;
        let (_, nodes) = <(Bytes, usize)>::from_redis_value(reply)?;
        Ok(nodes)
    }
}
