//! What connects the nodes of a cluster: bytes on named channels, requests, leases and logs. Must not know hubs,
//! messages of the hub protocol, or connections.

mod error;
mod health;
mod lease;
mod log;
mod memory;
#[cfg(feature = "redis")]
mod redis;
mod shared;
mod subscription;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;

pub use self::{
    error::BackplaneError,
    health::Health,
    lease::Lease,
    log::{Appended, Gap, LogEntry, LogKey, LogLimits, LogPosition, LogRead},
    memory::{MemoryBackplane, MemoryCluster},
    subscription::Subscription,
};

#[cfg(feature = "redis")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis")))]
pub use self::redis::Redis;
/// The version of rustls that [`Redis`] takes a configuration of.
#[cfg(feature = "redis-tls")]
#[cfg_attr(docsrs, doc(cfg(feature = "redis-tls")))]
pub use tokio_rustls::rustls;

/// What a backplane returns.
pub type Pending<T> = BoxFuture<'static, Result<T, BackplaneError>>;

/// Takes the payloads of a channel, one after the other, in the order in which they arrive. It must be quick and must not
/// block: the next payload waits for it.
pub type Receive = Arc<dyn Fn(Bytes) + Send + Sync>;

/// Answers the requests that arrive on a channel. Several may run at once.
pub type Respond = Arc<dyn Fn(Bytes) -> BoxFuture<'static, Bytes> + Send + Sync>;

/// Connects the nodes of a cluster. A node is one process; a value of this trait is one node's access to the others.
///
/// The calls do not block, and their futures resolve within a few seconds: with [`BackplaneError`] where the other
/// nodes cannot be reached, never without a result. An implementation connects by itself, connects again when it has
/// lost the others, and then subscribes again to every channel that has a [`Subscription`].
///
/// Its calls may be made inside of a Tokio runtime only.
pub trait Backplane: fmt::Debug + Send + Sync + 'static {
    /// The name of this node. No other node of the cluster has it, also not this program when it is started again.
    fn node(&self) -> &str;

    /// Sends `payload` to every other node that is subscribed to `channel`; subscriptions of this node do not get it.
    ///
    /// It is queued when this is called, so that the payloads of one node arrive in the order of the calls. The future
    /// resolves when the backplane has taken the payload, with the number of other nodes that it was sent to, or `None`
    /// where that cannot be known. A future that is dropped does not take the payload back.
    ///
    /// # Errors
    ///
    /// The payload may not have been sent. One that still waited is not sent later; one that was on its way may arrive.
    fn publish(&self, channel: &str, payload: Bytes) -> Pending<Option<usize>>;

    /// Receives what other nodes publish on `channel`, until the subscription is dropped. It stays across lost
    /// connections. What is published meanwhile is lost, and [`Backplane::health`] is not [`Health::Healthy`] until all
    /// subscriptions are confirmed again.
    fn subscribe(&self, channel: &str, receive: Receive) -> Subscription;

    /// How many nodes are subscribed to `channel` now, this one included, or `None` where that cannot be known.
    fn subscribers(&self, channel: &str) -> Pending<Option<usize>>;

    /// Asks the node that responds on `channel`, and waits for its answer for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`BackplaneError::NoResponder`] if it is known that no node responds there; [`BackplaneError::TimedOut`] if no
    /// answer came in time.
    fn request(&self, channel: &str, payload: Bytes, limit: Duration) -> Pending<Bytes>;

    /// Answers requests on `channel`, until the subscription is dropped. A channel has one responder at most.
    fn respond(&self, channel: &str, respond: Respond) -> Subscription;

    /// Takes the lease `key` for this node, for `term`, unless another node holds it.
    fn acquire(&self, key: &str, term: Duration) -> Pending<Lease>;

    /// Prolongs leases of this node, from now for `term`. Says of each whether this node still holds it.
    fn renew(&self, keys: Vec<String>, term: Duration) -> Pending<Vec<bool>>;

    /// Gives a lease back, if this node holds it.
    fn release(&self, key: &str) -> Pending<()>;

    /// The node that holds the lease `key`.
    fn holder(&self, key: &str) -> Pending<Option<String>>;

    /// Adds an entry to a log, which is begun if there is none. An entry whose `key` the log still knows is not added
    /// again: the answer is that of the first one. It is queued when this is called, so that the entries of one node are
    /// added in the order of the calls.
    ///
    /// # Errors
    ///
    /// The entry may have been added. An append that is made again with the same key adds it once.
    fn append(&self, log: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Pending<Appended>;

    /// The place of the last entry of a log, which is begun if there is none: then its number is 0.
    fn end(&self, log: &str, limits: LogLimits) -> Pending<LogPosition>;

    /// Reads up to `count` entries of a log that come after a position.
    fn read(&self, log: &str, after: LogPosition, count: usize) -> Pending<LogRead>;

    /// Reads the last `count` entries of a log, oldest first: none if there is no such log.
    fn latest(&self, log: &str, count: usize) -> Pending<Vec<LogEntry>>;

    /// How well this node reaches the others, now and from now on.
    fn health(&self) -> tokio::sync::watch::Receiver<Health>;
}
