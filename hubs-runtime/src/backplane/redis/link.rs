//! A connection to a server of Redis: one for commands and for what other nodes publish. Must not know requests, leases, logs
//! or other connections.
//!
//! Redis sends what a node publishes back to it, if it is subscribed. On one connection that echo comes before the reply of
//! a later command, so that a `PING` behind a batch tells that all echoes of the batch are in.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use redis::{
    AsyncConnectionConfig, Pipeline, PushInfo, PushKind, RedisError, Value,
    aio::{ConnectionLike, MultiplexedConnection},
};
use tokio::{
    sync::{Notify, watch},
    time::{Instant, sleep, timeout},
};

use super::{
    BackplaneError, Health,
    channels::{Changes, Channels},
    connect::{Connection, Servers, Settings},
    peers::Peers,
    pub_sub::PubSub,
    queue::{Command, Queue},
};

/// How many channels are subscribed to with one command.
const CHANNELS: usize = 500;
/// The waits before the connection is tried again: the first, and the longest. Up to half of each is random.
const WAITS: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How often an idle connection is tested.
const TEST: Duration = Duration::from_secs(1);

/// How an error of the crate holds what has caused it.
type Source = Arc<dyn std::error::Error + Send + Sync>;

/// A connection, and what it serves.
pub(super) struct Link {
    pub(super) settings: Settings,
    pub(super) pub_sub: PubSub,
    pub(super) queue: Queue,
    pub(super) channels: Arc<Channels>,
    /// It is connected, and every subscription is confirmed.
    pub(super) is_up: AtomicBool,
    pub(super) signals: Arc<Signals>,
    /// The other nodes, where there is one server.
    pub(super) peers: Option<Arc<Peers>>,
}

/// What the connections of a node tell.
pub(super) struct Signals {
    pub(super) health: watch::Sender<Health>,
    /// A connection is up.
    pub(super) up: Notify,
    /// A server may serve something else now.
    pub(super) stale: Notify,
}

/// What Redis has sent beside replies.
#[derive(Default)]
struct Pushed {
    closed: Notify,
    /// How many confirmations of `SUNSUBSCRIBE` are to come.
    leaving: AtomicUsize,
    /// A server that gives a slot away ends the subscriptions in it, with the message that confirms `SUNSUBSCRIBE`. The crate
    /// takes that for the reply of a command, and each later reply for that of the next: no reply is right any more.
    is_out_of_step: AtomicBool,
}

impl Link {
    /// Connects, and connects again, for ever.
    pub(super) async fn run(&self, servers: &Servers) {
        let mut wait = WAITS.0;
        loop {
            let connected = Instant::now();
            let error = match self.connect(servers).await {
                Ok((mut connection, pushed)) => self.serve(&mut connection.commands, &pushed).await,
                Err(error) => error,
            };
            self.queue.close(describe(&error, self.queue.limit()));
            self.down();
            self.channels.reset();
            if connected.elapsed() > WAITS.1 * 2 {
                wait = WAITS.0;
            }
            sleep(wait.mul_f64(0.5 + random() / 2.0)).await;
            wait = (wait * 2).min(WAITS.1);
        }
    }

    /// It does not serve all that it should, and perhaps should not.
    pub(super) fn down(&self) {
        self.is_up.store(false, Ordering::SeqCst);
        self.signals.health.send_if_modified(|health| {
            *health == Health::Healthy && {
                *health = Health::Degraded;
                true
            }
        });
        self.signals.stale.notify_one();
    }

    async fn connect(&self, servers: &Servers) -> Result<(Connection, Arc<Pushed>), RedisError> {
        let (channels, pushed) = (Arc::clone(&self.channels), Arc::new(Pushed::default()));
        let peers = self.peers.clone();
        let told = Arc::clone(&pushed);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.queue.limit()))
            .set_response_timeout(Some(self.queue.limit()))
            .set_push_sender(move |push| {
                take(&channels, peers.as_deref(), &told, push);
                Ok::<(), ()>(())
            });
        let connected = timeout(self.queue.limit(), servers.connect(config, &self.settings)).await;
        Ok((connected.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))?, pushed))
    }

    /// Serves until the connection is lost.
    async fn serve(&self, connection: &mut MultiplexedConnection, pushed: &Pushed) -> RedisError {
        let served = async {
            while self.change(connection, pushed).await? {}
            if let Some(peers) = &self.peers {
                peers.gather(connection).await?;
            }
            self.queue.open();
            let mut counted = Instant::now();
            loop {
                self.turn(connection, pushed).await?;
                if let Some(peers) = &self.peers {
                    peers.keep_count(connection, &mut counted).await?;
                }
            }
        };
        let served: Result<(), RedisError> = tokio::select! {
            served = served => served,
            () = pushed.closed.notified() => Ok(()),
        };
        served.err().unwrap_or_else(closed)
    }

    /// Sends what there is to send, or waits for it.
    async fn turn(&self, connection: &mut MultiplexedConnection, pushed: &Pushed) -> Result<(), RedisError> {
        let mut has_changed = self.change(connection, pushed).await?;
        if !self.is_up.load(Ordering::SeqCst) {
            while has_changed {
                has_changed = self.change(connection, pushed).await?;
            }
            if self.channels.is_settled() {
                self.is_up.store(true, Ordering::SeqCst);
                self.signals.up.notify_one();
            }
        }
        let batch = self.queue.take();
        if !batch.is_empty() {
            return self.send(connection, pushed, batch).await;
        }
        if has_changed {
            return Ok(());
        }
        tokio::select! {
            () = self.queue.wake.notified() => Ok(()),
            () = self.channels.wake.notified() => Ok(()),
            () = sleep(TEST) => redis::cmd("PING").exec_async(connection).await,
        }
    }

    /// Subscribes and unsubscribes. Returns whether there may be more to do at once.
    async fn change(&self, connection: &mut MultiplexedConnection, pushed: &Pushed) -> Result<bool, RedisError> {
        let Changes { subscribe, unsubscribe } = self.channels.changes(CHANNELS);
        let mut has_changed = !subscribe.is_empty() || !unsubscribe.is_empty();
        let (sharded, classic) = self.by_kind(subscribe);
        if !classic.is_empty() {
            connection.subscribe(&classic).await?;
            self.channels.confirm(&classic);
        }
        let (confirmed, refused) = each("SSUBSCRIBE", sharded, connection).await?;
        self.channels.confirm(&confirmed);
        if !refused.is_empty() {
            self.channels.refused(refused);
            self.down();
            has_changed = false;
        }
        let (sharded, classic) = self.by_kind(unsubscribe);
        if !classic.is_empty() {
            connection.unsubscribe(&classic).await?;
        }
        pushed.leaving.store(sharded.len(), Ordering::SeqCst);
        each("SUNSUBSCRIBE", sharded, connection).await?;
        pushed.leaving.store(0, Ordering::SeqCst);
        Ok(has_changed)
    }

    /// Those that are sharded, and the others.
    fn by_kind(&self, channels: Vec<String>) -> (Vec<String>, Vec<String>) {
        channels.into_iter().partition(|channel| self.pub_sub.is_sharded(channel))
    }

    async fn send(
        &self,
        connection: &mut MultiplexedConnection,
        pushed: &Pushed,
        batch: Vec<Command>,
    ) -> Result<(), RedisError> {
        let (mut pipeline, mut expected) = (Pipeline::with_capacity(batch.len() + 1), HashSet::new());
        for (at, command) in batch.iter().enumerate() {
            pipeline.add_command(command.cmd.clone());
            if let Some(payload) = &command.payload
                && self.channels.expect(at, &command.name, payload)
            {
                expected.insert(at);
            }
        }
        pipeline.cmd("PING");
        let replies = connection.req_packed_commands(&pipeline, 0, batch.len() + 1).await;
        match replies.and_then(|replies| pushed.in_step(replies)) {
            Ok(replies) => {
                for at in self.channels.settle() {
                    expected.remove(&at);
                }
                for (at, (command, reply)) in batch.into_iter().zip(replies).enumerate() {
                    let reply = replied(reply, expected.contains(&at));
                    if reply.as_ref().is_err_and(is_moved) {
                        self.signals.stale.notify_one();
                    }
                    let _ = command.reply.send(reply);
                }
                Ok(())
            }
            Err(error) => {
                for command in batch {
                    let _ = command.reply.send(Err(describe(&error, self.queue.limit())));
                }
                Err(error)
            }
        }
    }
}

impl Pushed {
    fn in_step<T>(&self, replies: T) -> Result<T, RedisError> {
        if self.is_out_of_step.load(Ordering::SeqCst) { Err(closed()) } else { Ok(replies) }
    }
}

/// Sends the command for each channel by itself, because channels of one command must be in one slot. Returns those that
/// are confirmed, and those that are refused.
async fn each(
    cmd: &str,
    channels: Vec<String>,
    connection: &mut MultiplexedConnection,
) -> Result<(Vec<String>, Vec<String>), RedisError> {
    if channels.is_empty() {
        return Ok((channels, Vec::new()));
    }
    let mut pipeline = Pipeline::with_capacity(channels.len());
    for channel in &channels {
        pipeline.cmd(cmd).arg(channel);
    }
    let replies = connection.req_packed_commands(&pipeline, 0, channels.len()).await?;
    let (refused, confirmed): (Vec<_>, Vec<_>) =
        channels.into_iter().zip(replies).partition(|(_, reply)| matches!(reply, Value::ServerError(_)));
    let names = |channels: Vec<(String, Value)>| channels.into_iter().map(|(name, _)| name).collect();
    Ok((names(confirmed), names(refused)))
}

/// Never the text of an error of Redis: it may hold an address. What this crate, or rustls, says is wrong does not.
pub(super) fn describe(error: &RedisError, limit: Duration) -> BackplaneError {
    if error.is_timeout() {
        return BackplaneError::TimedOut(limit);
    }
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Source>());
    let io = source.and_then(|source| source.downcast_ref::<std::io::Error>());
    let io = io.map(|error| error.get_ref().map_or_else(|| error.kind().to_string(), ToString::to_string));
    let code = error.code().unwrap_or_else(|| error.category());
    BackplaneError::Unavailable(io.unwrap_or_else(|| code.to_owned()))
}

fn closed() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::ConnectionReset).into()
}

/// Whether a server of a cluster refused the command because another one serves the slot, or soon will.
pub(super) fn is_moved(error: &BackplaneError) -> bool {
    matches!(error, BackplaneError::Refused(code) if ["MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN"].contains(&code.as_str()))
}

fn replied(reply: Value, has_echo: bool) -> Result<Value, BackplaneError> {
    match reply {
        Value::ServerError(error) => Err(BackplaneError::Refused(error.code().to_owned())),
        // The node itself is one of those that got it.
        Value::Int(nodes) if has_echo => Ok(Value::Int(nodes - 1)),
        reply => Ok(reply),
    }
}

fn take(channels: &Channels, peers: Option<&Peers>, pushed: &Pushed, push: PushInfo) {
    match (push.kind, <[Value; 2]>::try_from(push.data)) {
        (PushKind::Message, Ok([Value::BulkString(channel), _]))
            if peers.is_some_and(|peers| peers.has_come(&channel)) =>
        {
            channels.wake.notify_one();
        }
        (PushKind::Message | PushKind::SMessage, Ok([Value::BulkString(channel), Value::BulkString(payload)])) => {
            channels.deliver(&String::from_utf8_lossy(&channel), &Bytes::from(payload));
        }
        (PushKind::Disconnection, _) => pushed.closed.notify_one(),
        (PushKind::SUnsubscribe, _) => {
            let left = |leaving: usize| leaving.checked_sub(1);
            if pushed.leaving.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_err() {
                pushed.is_out_of_step.store(true, Ordering::SeqCst);
                pushed.closed.notify_one();
            }
        }
        _ => {}
    }
}

/// From 0 to 1.
fn random() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX)
}
