//! A cluster whose nodes reach each other through Redis. Must not know how commands reach it: `link` does.

mod asking;
mod channels;
mod connect;
mod leases;
mod link;
mod logs;
mod queue;

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::ready;
use redis::{Cmd, Value};
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{timeout, timeout_at},
};

use self::{
    asking::Asking,
    channels::Channels,
    connect::{Address, Servers, Settings},
    link::Link,
    queue::Queue,
};
use super::{
    Backplane, BackplaneError, Health, Lease, LogLimits, LogPosition, LogRead, Pending, Receive, Respond, Subscription,
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
    servers: Servers,
    settings: Settings,
    prefix: String,
    node: String,
    command_timeout: Duration,
    lost_after: Duration,
    running: OnceLock<Running>,
}

/// What is shared with the task that keeps the connection.
struct Running {
    link: Arc<Link>,
    asking: Arc<Asking>,
    answers: OnceLock<Subscription>,
    task: AbortHandle,
}

impl Redis {
    /// One server: `redis://user:password@host:port/database`, where all but the host may be left out, or `rediss://` for
    /// TLS (feature `redis-tls`).
    ///
    /// # Errors
    ///
    /// [`BackplaneError::Refused`] if it is not an address of a Redis. The error does not hold the address.
    pub fn connect(url: &str) -> Result<Self, BackplaneError> {
        Self::new(Servers::One(Address::read(url)?))
    }

    /// The master that Sentinel names. `sentinels` are their addresses, with the port, which is usually 26379: all are
    /// asked each time that a connection is made, and the first answer is taken. `master` is the name of the master, or
    /// its address with the name as host where it needs a login, another database, or TLS:
    /// `rediss://user:password@mymaster/0`.
    ///
    /// ```
    /// use hubs::backplane::Redis;
    ///
    /// let sentinels = ["redis://10.0.0.1:26379", "redis://10.0.0.2:26379", "redis://10.0.0.3:26379"];
    /// let redis = Redis::sentinel(sentinels, "redis://:secret@mymaster")?;
    /// # Ok::<(), hubs::backplane::BackplaneError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BackplaneError::Refused`] if there are no addresses, or one is not an address of a Redis.
    pub fn sentinel<'a>(sentinels: impl IntoIterator<Item = &'a str>, master: &str) -> Result<Self, BackplaneError> {
        let sentinels: Vec<_> = sentinels.into_iter().map(Address::read).collect::<Result<_, _>>()?;
        if sentinels.is_empty() {
            return Err(BackplaneError::Refused("at least one Sentinel is needed".to_owned()));
        }
        let master = if master.contains("://") { master.to_owned() } else { format!("redis://{master}") };
        Self::new(Servers::Sentinel { sentinels, master: Address::read(&master)? })
    }

    fn new(servers: Servers) -> Result<Self, BackplaneError> {
        let (command_timeout, lost_after) = (Duration::from_secs(2), Duration::from_secs(5));
        Ok(Self {
            servers,
            settings: Settings::default(),
            prefix: String::new(),
            node: unique("node")?,
            command_timeout,
            lost_after,
            running: OnceLock::new(),
        })
    }

    /// What is trusted over TLS, and with which certificate this node shows who it is. Default: rustls with ring, and the
    /// system's root certificates.
    #[cfg(feature = "redis-tls")]
    #[cfg_attr(docsrs, doc(cfg(feature = "redis-tls")))]
    #[must_use]
    pub fn tls_config(mut self, config: Arc<tokio_rustls::rustls::ClientConfig>) -> Self {
        self.settings.tls = Arc::new(connect::Tls::from(config));
        self
    }

    /// Is put before the names of all channels and keys, as `ChannelPrefix` of StackExchange.Redis. Default: nothing.
    #[must_use]
    pub fn channel_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// What the name of this node begins with; a random text follows. Default: `node`.
    ///
    /// # Errors
    ///
    /// The system has no random numbers.
    pub fn node_name(mut self, name: &str) -> Result<Self, BackplaneError> {
        self.node = unique(name)?;
        Ok(self)
    }

    /// How long a command may take, with the time for which it waits to be sent. Default: 2 seconds.
    #[must_use]
    pub fn command_timeout(mut self, limit: Duration) -> Self {
        self.command_timeout = limit;
        self
    }

    /// After which time without a connection the node is [`Health::Lost`]. Default: 5 seconds.
    #[must_use]
    pub fn lost_after(mut self, time: Duration) -> Self {
        self.lost_after = time;
        self
    }

    fn running(&self) -> &Running {
        self.running.get_or_init(|| {
            let link = Arc::new(Link {
                servers: self.servers.clone(),
                settings: self.settings.clone(),
                queue: Queue::new(self.command_timeout),
                channels: Arc::new(Channels::default()),
                health: watch::Sender::new(Health::Degraded),
                lost_after: self.lost_after,
            });
            let kept = Arc::clone(&link);
            let task = tokio::spawn(async move { kept.run().await }).abort_handle();
            Running { link, asking: Arc::default(), answers: OnceLock::new(), task }
        })
    }

    /// Sends a command and reads its reply.
    fn command<T: Send + 'static>(
        &self,
        cmd: Cmd,
        read: impl FnOnce(Value) -> Result<T, BackplaneError> + Send + 'static,
    ) -> Pending<T> {
        let reply = self.running().link.queue.push(cmd, None);
        Box::pin(async move { read(reply.await?) })
    }

    fn key(&self, kind: &str, name: &str) -> String {
        format!("{}hubs:{kind}:{name}", self.prefix)
    }
}

impl Running {
    fn subscribe(&self, channel: String, receive: Receive) -> Subscription {
        let (number, is_confirmed) = self.link.channels.add(&channel, receive);
        let (link, channels) = (Arc::downgrade(&self.link), Arc::clone(&self.link.channels));
        let confirmed = move || {
            let (until, mut is_confirmed) = (link.upgrade().map(|link| link.queue.until()), is_confirmed.clone());
            async move {
                let (until, unconfirmed) = until.ok_or_else(queue::ended)??;
                let confirmed = timeout_at(until, is_confirmed.wait_for(|is_confirmed| *is_confirmed)).await;
                confirmed.map_err(|_| unconfirmed)?.map(|_| ()).map_err(|_| queue::ended())
            }
        };
        Subscription::new(confirmed, move || channels.remove(&channel, number))
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
        let reply = publish(&self.running().link, format!("{}{channel}", self.prefix), payload);
        Box::pin(async move { Ok(Some(reply.await?)) })
    }

    fn subscribe(&self, channel: &str, receive: Receive) -> Subscription {
        self.running().subscribe(format!("{}{channel}", self.prefix), receive)
    }

    fn subscribers(&self, channel: &str) -> Pending<Option<usize>> {
        let mut cmd = redis::cmd("PUBSUB");
        cmd.arg("NUMSUB").arg(format!("{}{channel}", self.prefix));
        self.command(cmd, |reply| read::<(Bytes, usize)>(reply).map(|(_, nodes)| Some(nodes)))
    }

    fn request(&self, channel: &str, payload: Bytes, limit: Duration) -> Pending<Bytes> {
        let running = self.running();
        let (channel, back) = (self.key("ask", channel), self.key("answer", &self.node));
        let asking = Arc::clone(&running.asking);
        let receiving = Arc::clone(&asking);
        let subscribe = || running.subscribe(back.clone(), Arc::new(move |answer| receiving.answer(answer)));
        let confirmed = running.answers.get_or_init(subscribe).confirmed();
        let link = Arc::clone(&running.link);
        let answer = async move {
            if let Some(respond) = asking.here(&channel) {
                return Ok(respond(payload).await);
            }
            confirmed.await?;
            let (asked, answer) = asking.ask();
            if publish(&link, channel, asking::request(asked.number, &back, &payload)).await? == 0 {
                return Err(BackplaneError::NoResponder);
            }
            answer.await.map_err(|_| queue::ended())
        };
        Box::pin(async move { timeout(limit, answer).await.unwrap_or(Err(BackplaneError::TimedOut(limit))) })
    }

    fn respond(&self, channel: &str, respond: Respond) -> Subscription {
        let (running, channel) = (self.running(), self.key("ask", channel));
        let number = running.asking.respond(&channel, Arc::clone(&respond));
        let link = Arc::downgrade(&running.link);
        let receive = move |message| {
            let Some((asked, back, payload)) = asking::read_request(message) else { return };
            let (answering, link) = (respond(payload), link.clone());
            tokio::spawn(async move {
                let answer = asking::answer(asked, &answering.await);
                // Who asked waits for its own time limit, if this fails.
                if let Some(answered) = link.upgrade().map(|link| publish(&link, back, answer)) {
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
        self.command(leases::acquire(&self.key("lease", key), &self.node, term), leases::acquired)
    }

    fn renew(&self, keys: Vec<String>, term: Duration) -> Pending<Vec<bool>> {
        let keys: Vec<_> = keys.iter().map(|key| self.key("lease", key)).collect();
        self.command(leases::renew(&keys, &self.node, term), read)
    }

    fn release(&self, key: &str) -> Pending<()> {
        self.command(leases::release(&self.key("lease", key), &self.node), |_| Ok(()))
    }

    fn holder(&self, key: &str) -> Pending<Option<String>> {
        let mut cmd = redis::cmd("GET");
        cmd.arg(self.key("lease", key));
        self.command(cmd, read)
    }

    fn append(&self, log: &str, entry: Bytes, key: Option<&str>, limits: LogLimits) -> Pending<LogPosition> {
        match logs::append(&self.key("log", log), &entry, key, limits) {
            Ok(cmd) => self.command(cmd, logs::position),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn read(&self, log: &str, after: Option<LogPosition>, count: usize) -> Pending<LogRead> {
        self.command(logs::read(&self.key("log", log), after, count), logs::entries)
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.running().link.health.subscribe()
    }
}

/// Resolves to the number of other nodes that got it. It is queued at once.
fn publish(link: &Link, channel: String, payload: Bytes) -> Pending<usize> {
    let mut cmd = redis::cmd("PUBLISH");
    cmd.arg(&channel).arg(&payload[..]);
    let reply = link.queue.push(cmd, Some((channel, payload)));
    Box::pin(async move { read(reply.await?) })
}

fn read<T: redis::FromRedisValue>(reply: Value) -> Result<T, BackplaneError> {
    redis::from_redis_value(reply).map_err(|_| unexpected())
}

/// Redis answered with something else.
fn unexpected() -> BackplaneError {
    BackplaneError::Refused("the reply is not what the command gives".to_owned())
}

/// A name that no other process has.
fn unique(name: &str) -> Result<String, BackplaneError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| BackplaneError::Refused("no random numbers".to_owned()))?;
    Ok(format!("{name}_{:032x}", u128::from_be_bytes(random)))
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("node", &self.node).finish_non_exhaustive()
    }
}
