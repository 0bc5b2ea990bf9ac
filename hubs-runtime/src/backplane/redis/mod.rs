//! A cluster whose nodes reach each other through Redis. Must not know how commands reach it: `link` does.

mod asking;
mod channels;
mod connect;
mod leases;
mod link;
mod links;
mod logs;
mod options;
mod peers;
mod pub_sub;
mod queue;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{ready, try_join_all};
use redis::{Cmd, Value};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{timeout, timeout_at},
};

use self::{
    asking::Asking,
    connect::Settings,
    links::{Common, Links, Target},
    pub_sub::PubSub,
};
use super::{
    Appended, Backplane, BackplaneError, Health, Lease, LogEntry, LogKey, LogLimits, LogPosition, LogRead, Pending,
    Receive, Respond, Subscription,
};

/// Connects the nodes of a cluster through Redis, version 6 or later.
///
/// It connects in the background when it is first used, and tries for ever. What could not be sent is an error for its
/// sender, within the time limit of a command. What other nodes publish while this node is not
/// connected is lost for this node, as in Redis itself.
///
/// ```
/// use hubs::backplane::Redis;
///
/// let redis = Redis::connect("redis://:secret@localhost:6379/0")?.channel_prefix("shop:");
/// assert!(!format!("{redis:?}").contains("secret"));
/// # Ok::<(), hubs::backplane::BackplaneError>(())
/// ```
pub struct Redis {
    target: Target,
    is_sharded: bool,
    settings: Settings,
    prefix: String,
    node: String,
    command_timeout: Duration,
    lost_after: Duration,
    running: OnceLock<Running>,
}

/// What is shared with the task that keeps the connections.
struct Running {
    links: Arc<Links>,
    asking: Arc<Asking>,
    answers: OnceLock<Subscription>,
    task: AbortHandle,
}

impl Redis {
    fn running(&self) -> &Running {
        self.running.get_or_init(|| {
            let common = Common {
                settings: self.settings.clone(),
                pub_sub: self.pub_sub(),
                prefix: self.prefix.clone(),
                command_timeout: self.command_timeout,
                lost_after: self.lost_after,
            };
            let links = Arc::new(Links::new(self.target.clone(), common));
            let kept = Arc::clone(&links);
            let task = tokio::spawn(async move { kept.run().await }).abort_handle();
            Running { links, asking: Arc::default(), answers: OnceLock::new(), task }
        })
    }

    fn pub_sub(&self) -> PubSub {
        match self.target {
            Target::Server(_) => PubSub::OneServer,
            Target::Cluster(_) if self.is_sharded => PubSub::Sharded,
            Target::Cluster(_) => PubSub::Cluster { own: format!("{}hubs:", self.prefix) },
        }
    }

    /// Sends a command and reads its reply.
    fn command<T: Send + 'static>(
        &self,
        key: String,
        cmd: Cmd,
        read: impl FnOnce(Value) -> Result<T, BackplaneError> + Send + 'static,
    ) -> Pending<T> {
        let reply = self.running().links.command(key, cmd);
        Box::pin(async move { read(reply.await?) })
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}hubs:{kind}:{name}", self.prefix)
    }

    /// The keys of a log begin with this. Braces keep them in one slot of a cluster.
    fn log(&self, name: &str) -> String {
        format!("{}hubs:{{log:{name}}}", self.prefix)
    }
}

impl Running {
    fn subscribe(&self, channel: String, receive: Receive) -> Subscription {
        let (number, is_confirmed) = self.links.subscribe(&channel, receive);
        let (links, confirming) = (Arc::downgrade(&self.links), channel.clone());
        let left = links.clone();
        let confirmed = move || {
            let until = links.upgrade().map(|links| links.until(&confirming));
            let mut is_confirmed = is_confirmed.clone();
            async move {
                let (until, unconfirmed) = until.ok_or_else(queue::ended)??;
                let confirmed = timeout_at(until, is_confirmed.wait_for(|is_confirmed| *is_confirmed)).await;
                confirmed.map_err(|_| unconfirmed)?.map(|_| ()).map_err(|_| queue::ended())
            }
        };
        Subscription::new(confirmed, move || {
            if let Some(links) = left.upgrade() {
                links.unsubscribe(&channel, number);
            }
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Backplane for Redis {
    fn node(&self) -> &str {
        &self.node
    }

    fn publish(&self, channel: &str, payload: Bytes) -> Pending<Option<usize>> {
        let (links, channel) = (&self.running().links, format!("{}{channel}", self.prefix));
        let (is_counted, nodes) = (links.counted(&channel).is_some(), publish(links, channel, payload));
        Box::pin(async move {
            let nodes = nodes.await?;
            Ok(is_counted.then_some(nodes))
        })
    }

    fn subscribe(&self, channel: &str, receive: Receive) -> Subscription {
        self.running().subscribe(format!("{}{channel}", self.prefix), receive)
    }

    fn subscribers(&self, channel: &str) -> Pending<Option<usize>> {
        let channel = format!("{}{channel}", self.prefix);
        let Some(counted) = self.running().links.counted(&channel) else {
            return Box::pin(ready(Ok(None)));
        };
        let mut cmd = redis::cmd("PUBSUB");
        cmd.arg(counted).arg(&channel);
        self.command(channel, cmd, |reply| read::<(Bytes, usize)>(reply).map(|(_, nodes)| Some(nodes)))
    }

    fn request(&self, channel: &str, payload: Bytes, limit: Duration) -> Pending<Bytes> {
        let running = self.running();
        let (channel, back) = (self.key("ask", channel), self.key("answer", &self.node));
        let asking = Arc::clone(&running.asking);
        let receiving = Arc::clone(&asking);
        let subscribe = || running.subscribe(back.clone(), Arc::new(move |answer| receiving.answer(answer)));
        let confirmed = running.answers.get_or_init(subscribe).confirmed();
        let links = Arc::clone(&running.links);
        let answer = async move {
            if let Some(respond) = asking.here(&channel) {
                return Ok(respond(payload).await);
            }
            confirmed.await?;
            let (asked, answer) = asking.ask();
            if publish(&links, channel, asking::request(asked.number, &back, &payload)).await? == 0 {
                return Err(BackplaneError::NoResponder);
            }
            answer.await.map_err(|_| queue::ended())
        };
        Box::pin(async move { timeout(limit, answer).await.unwrap_or(Err(BackplaneError::TimedOut(limit))) })
    }

    fn respond(&self, channel: &str, respond: Respond) -> Subscription {
        let (running, channel) = (self.running(), self.key("ask", channel));
        let number = running.asking.respond(&channel, Arc::clone(&respond));
        let links = Arc::downgrade(&running.links);
        let receive = move |message| {
            let Some((asked, back, payload)) = asking::read_request(message) else { return };
            let (answering, links) = (respond(payload), links.clone());
            tokio::spawn(async move {
                let answer = asking::answer(asked, &answering.await);
                // Who asked waits for its own time limit, if this fails.
                if let Some(answered) = links.upgrade().map(|links| publish(&links, back, answer)) {
                    let _ = answered.await;
                }
            });
        };
        let subscription = running.subscribe(channel.clone(), Arc::new(receive));
        let asking = Arc::clone(&running.asking);
        let confirmed = subscription.confirm();
        Subscription::new(confirmed, move || {
            asking.stop(&channel, number);
            drop(subscription);
        })
    }

    fn acquire(&self, key: &str, term: Duration) -> Pending<Lease> {
        let key = self.key("lease", key);
        let cmd = leases::acquire(&key, &self.node, term);
        self.command(key, cmd, leases::acquired)
    }

    fn renew(&self, keys: Vec<String>, term: Duration) -> Pending<Vec<bool>> {
        let renew = |keys: &[String]| {
            let cmd = leases::renew(keys, &self.node, term);
            self.command(keys.first().cloned().unwrap_or_default(), cmd, read::<Vec<bool>>)
        };
        let keys: Vec<_> = keys.iter().map(|key| self.key("lease", key)).collect();
        if !self.running().links.is_cluster() {
            return renew(&keys);
        }
        // Each is in a slot of its own.
        let renewed = try_join_all(keys.chunks(1).map(renew));
        Box::pin(async move { Ok(renewed.await?.concat()) })
    }

    fn release(&self, key: &str) -> Pending<()> {
        let key = self.key("lease", key);
        let cmd = leases::release(&key, &self.node);
        self.command(key, cmd, |_| Ok(()))
    }

    fn holder(&self, key: &str) -> Pending<Option<String>> {
        let (mut cmd, key) = (redis::cmd("GET"), self.key("lease", key));
        cmd.arg(&key);
        self.command(key, cmd, read)
    }

    fn append(&self, log: &str, entry: Bytes, key: Option<LogKey<'_>>, limits: LogLimits) -> Pending<Appended> {
        let log = self.log(log);
        match logs::append(&log, &entry, key, limits) {
            Ok(cmd) => self.command(log, cmd, logs::appended),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn end(&self, log: &str, limits: LogLimits) -> Pending<LogPosition> {
        let log = self.log(log);
        match logs::end(&log, limits) {
            Ok(cmd) => self.command(log, cmd, logs::position),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn read(&self, log: &str, after: LogPosition, count: usize) -> Pending<LogRead> {
        let log = self.log(log);
        let cmd = logs::read(&log, after, count);
        self.command(log, cmd, logs::read_reply)
    }

    fn latest(&self, log: &str, count: usize) -> Pending<Vec<LogEntry>> {
        let log = self.log(log);
        let cmd = logs::latest(&log, count);
        self.command(log, cmd, logs::entries)
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.running().links.health()
    }
}

/// Resolves to the number of other nodes that got it. It is queued at once.
fn publish(links: &Links, channel: String, payload: Bytes) -> Pending<usize> {
    let reply = links.publish(channel, payload);
    Box::pin(async move { read(reply.await?) })
}

fn read<T: redis::FromRedisValue>(reply: Value) -> Result<T, BackplaneError> {
    redis::from_redis_value(reply).map_err(|_| unexpected())
}

/// Redis answered with something else.
fn unexpected() -> BackplaneError {
    BackplaneError::Refused("the reply is not what the command gives".to_owned())
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("node", &self.node).finish_non_exhaustive()
    }
}
