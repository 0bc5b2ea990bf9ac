//! The connection to Redis: one for commands and for what other nodes publish. Must not know requests, leases or logs.
//!
//! Redis sends what a node publishes back to it, if it is subscribed. On one connection that echo comes before the reply of
//! a later command, so that a `PING` behind a batch tells that all echoes of the batch are in.

use std::{collections::HashSet, sync::Arc, time::Duration};

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
    channels::Channels,
    connect::{Connection, Servers, Settings},
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

/// What the connection serves.
pub(super) struct Link {
    pub(super) servers: Servers,
    pub(super) settings: Settings,
    pub(super) queue: Queue,
    pub(super) channels: Arc<Channels>,
    pub(super) health: watch::Sender<Health>,
    /// After which time without a connection it is lost.
    pub(super) lost_after: Duration,
}

impl Link {
    /// Connects, and connects again, for ever.
    pub(super) async fn run(&self) {
        tokio::join!(self.keep(), self.lose(), self.report());
    }

    async fn keep(&self) {
        let mut wait = WAITS.0;
        loop {
            let connected = Instant::now();
            let error = match self.connect().await {
                Ok((mut connection, closed)) => self.serve(&mut connection.commands, &closed).await,
                Err(error) => error,
            };
            self.queue.close(self.describe(&error));
            self.health.send_if_modified(|health| {
                *health == Health::Healthy && {
                    *health = Health::Degraded;
                    true
                }
            });
            self.channels.reset();
            if connected.elapsed() > WAITS.1 * 2 {
                wait = WAITS.0;
            }
            sleep(wait.mul_f64(0.5 + random() / 2.0)).await;
            wait = (wait * 2).min(WAITS.1);
        }
    }

    async fn connect(&self) -> Result<(Connection, Arc<Notify>), RedisError> {
        let (channels, closed) = (Arc::clone(&self.channels), Arc::new(Notify::new()));
        let told = Arc::clone(&closed);
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.queue.limit()))
            .set_response_timeout(Some(self.queue.limit()))
            .set_push_sender(move |push| {
                take(&channels, &told, push);
                Ok::<(), ()>(())
            });
        let connected = timeout(self.queue.limit(), self.servers.connect(config, &self.settings)).await;
        Ok((connected.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()))?, closed))
    }

    /// Serves until the connection is lost.
    async fn serve(&self, connection: &mut MultiplexedConnection, closed: &Notify) -> RedisError {
        let served = async {
            while self.change(connection).await? {}
            self.queue.open();
            self.health.send_replace(Health::Healthy);
            loop {
                self.turn(connection).await?;
            }
        };
        let served: Result<(), RedisError> = tokio::select! {
            served = served => served,
            () = closed.notified() => Ok(()),
        };
        served.err().unwrap_or_else(|| std::io::Error::from(std::io::ErrorKind::ConnectionReset).into())
    }

    /// Sends what there is to send, or waits for it.
    async fn turn(&self, connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
        let has_changed = self.change(connection).await?;
        let batch = self.queue.take();
        if !batch.is_empty() {
            return self.send(connection, batch).await;
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

    /// Subscribes and unsubscribes. Returns whether there may be more to do.
    async fn change(&self, connection: &mut MultiplexedConnection) -> Result<bool, RedisError> {
        let changes = self.channels.changes(CHANNELS);
        if !changes.subscribe.is_empty() {
            connection.subscribe(&changes.subscribe).await?;
            self.channels.confirm(&changes.subscribe);
        }
        if !changes.unsubscribe.is_empty() {
            connection.unsubscribe(&changes.unsubscribe).await?;
        }
        Ok(!changes.subscribe.is_empty() || !changes.unsubscribe.is_empty())
    }

    async fn send(&self, connection: &mut MultiplexedConnection, batch: Vec<Command>) -> Result<(), RedisError> {
        let (mut pipeline, mut expected) = (Pipeline::with_capacity(batch.len() + 1), HashSet::new());
        for (at, command) in batch.iter().enumerate() {
            pipeline.add_command(command.cmd.clone());
            if let Some((channel, payload)) = &command.publishes
                && self.channels.expect(at, channel, payload)
            {
                expected.insert(at);
            }
        }
        pipeline.cmd("PING");
        match connection.req_packed_commands(&pipeline, 0, batch.len() + 1).await {
            Ok(replies) => {
                for at in self.channels.settle() {
                    expected.remove(&at);
                }
                for (at, (command, reply)) in batch.into_iter().zip(replies).enumerate() {
                    let _ = command.reply.send(replied(reply, expected.contains(&at)));
                }
                Ok(())
            }
            Err(error) => {
                for command in batch {
                    let _ = command.reply.send(Err(self.describe(&error)));
                }
                Err(error)
            }
        }
    }

    /// Never the text of an error of Redis: it may hold an address. What this crate, or rustls, says is wrong does not.
    fn describe(&self, error: &RedisError) -> BackplaneError {
        if error.is_timeout() {
            return BackplaneError::TimedOut(self.queue.limit());
        }
        let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Source>());
        let io = source.and_then(|source| source.downcast_ref::<std::io::Error>());
        let io = io.map(|error| error.get_ref().map_or_else(|| error.kind().to_string(), ToString::to_string));
        let code = error.code().unwrap_or_else(|| error.category());
        BackplaneError::Unavailable(io.unwrap_or_else(|| code.to_owned()))
    }

    /// Says that the connection is lost, when it was not there for a while.
    async fn lose(&self) {
        let mut health = self.health.subscribe();
        loop {
            let _ = health.wait_for(|health| *health == Health::Degraded).await;
            if timeout(self.lost_after, health.wait_for(|health| *health != Health::Degraded)).await.is_err() {
                self.health.send_if_modified(|health| {
                    *health == Health::Degraded && {
                        *health = Health::Lost;
                        true
                    }
                });
            }
        }
    }

    /// Logs how the health changes, at most once a second.
    async fn report(&self) {
        let (mut health, mut last) = (self.health.subscribe(), Health::Degraded);
        loop {
            let now = health.wait_for(|health| *health != last).await.map_or(last, |health| *health);
            let because = self.queue.until().err().map(|error| error.to_string()).unwrap_or_default();
            match now {
                Health::Healthy => tracing::info!("Redis is reached, and all subscriptions are in force"),
                Health::Degraded => tracing::warn!("the connection to Redis is lost: {because}"),
                Health::Lost => tracing::warn!("Redis is not reached for {:?}: {because}", self.lost_after),
            }
            last = now;
            sleep(Duration::from_secs(1)).await;
        }
    }
}

fn replied(reply: Value, has_echo: bool) -> Result<Value, BackplaneError> {
    match reply {
        Value::ServerError(error) => Err(BackplaneError::Refused(error.code().to_owned())),
        // The node itself is one of those that got it.
        Value::Int(nodes) if has_echo => Ok(Value::Int(nodes - 1)),
        reply => Ok(reply),
    }
}

fn take(channels: &Channels, closed: &Notify, push: PushInfo) {
    match (push.kind, <[Value; 2]>::try_from(push.data)) {
        (PushKind::Message, Ok([Value::BulkString(channel), Value::BulkString(payload)])) => {
            channels.deliver(&String::from_utf8_lossy(&channel), &Bytes::from(payload));
        }
        (PushKind::Disconnection, _) => closed.notify_one(),
        _ => {}
    }
}

/// From 0 to 1.
fn random() -> f64 {
    f64::from(getrandom::u32().unwrap_or_default()) / f64::from(u32::MAX)
}
