//! The task that sends what is due, and what comes from other nodes. One task sends all, so that each watcher gets what
//! has happened in its order.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use serde::de::DeserializeOwned;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{
    Meta, Shared,
    table::{Sent, Table},
    told::{self, Notice, Told},
};
use crate::{
    backplane::{BackplaneError, Health, Pending, Receive},
    counters::BackplaneMessages,
    ids::GroupName,
    lifetime::Target,
};

/// How long the last messages of a process that ends may take.
const FAREWELL: Duration = Duration::from_secs(1);

impl<M: Meta> Shared<M> {
    /// Something has changed: the task sends it, and is started where it does not run.
    pub(super) fn changed(self: &Arc<Self>) {
        let mut task = self.task.lock();
        if task.as_ref().is_none_or(|task| task.is_finished()) {
            self.hear_notices();
            *task = Some(tokio::spawn(run(Arc::downgrade(self))));
        }
        drop(task);
        self.wake.notify_one();
    }

    fn hear_notices(self: &Arc<Self>) {
        let Some(cluster) = self.table.lock().settings.cluster.clone() else { return };
        let mut notices = self.notices.lock();
        if notices.is_none() {
            let channel = told::channel(&cluster.hub, None);
            let receive = self.receive(|table, notice: Notice<'static>, now| table.notice(&notice, now));
            let subscription = cluster.backplane.subscribe(&channel, receive);
            self.when(subscription.confirmed(), |table, ()| table.begin(Instant::now()));
            *notices = Some(subscription);
        }
    }

    /// Hears what other nodes tell of a group, as long as this one follows it.
    pub(super) fn follow(self: &Arc<Self>, table: &mut Table<M>, name: &GroupName) {
        if table.existing(name).is_none_or(|group| group.subscription.is_some()) {
            return;
        }
        let Some(cluster) = table.settings.cluster.clone() else { return };
        let told_of = name.clone();
        let receive = self.receive(move |table, told: Told<'static, M>, now| table.hear(&told_of, told, now));
        let subscription = cluster.backplane.subscribe(&told::channel(&cluster.hub, Some(name)), receive);
        let confirmed = name.clone();
        self.when(subscription.confirmed(), move |table, ()| table.is_subscribed(&confirmed, Instant::now()));
        if let Some(group) = table.existing(name) {
            group.subscription = Some(subscription);
        }
    }

    /// Acts when the backplane has done something. Where that fails, all nodes are asked as soon as they are reached.
    fn when<T: Send + 'static>(
        self: &Arc<Self>,
        done: impl Future<Output = Result<T, BackplaneError>> + Send + 'static,
        act: impl FnOnce(&mut Table<M>, T) + Send + 'static,
    ) {
        let shared = Arc::downgrade(self);
        tokio::spawn(async move {
            let Ok(done) = done.await else { return };
            if let Some(shared) = shared.upgrade() {
                act(&mut shared.table.lock(), done);
                shared.wake.notify_one();
            }
        });
    }

    fn receive<T: DeserializeOwned>(
        self: &Arc<Self>,
        take: impl Fn(&mut Table<M>, T, Instant) + Send + Sync + 'static,
    ) -> Receive {
        let shared = Arc::downgrade(self);
        Arc::new(move |payload: Bytes| {
            let Some(shared) = shared.upgrade() else { return };
            shared.count(BackplaneMessages::Received);
            match told::read(&payload) {
                Some(told) => take(&mut shared.table.lock(), told, Instant::now()),
                None => {
                    shared.count(BackplaneMessages::Dropped);
                    tracing::warn!(bytes = payload.len(), "what another node tells of members cannot be read");
                }
            }
            shared.wake.notify_one();
        })
    }

    fn count(&self, kind: BackplaneMessages) {
        if let Some(connections) = self.connections.upgrade() {
            connections.counters().backplane(kind);
        }
    }

    /// Sends what is due. Gives when the next turn is.
    fn turn(self: &Arc<Self>) -> Option<Instant> {
        let connections = self.connections.upgrade()?;
        let (sent, next) = self.table.lock().turn(connections.protocols(), Instant::now());
        for sent in sent {
            match sent {
                Sent::Published(channel, payload) => drop(self.publish(&channel, payload)),
                Sent::Introduced(channel, payload) => {
                    let Some(published) = self.publish(&channel, payload) else { continue };
                    self.when(published, |table, others| {
                        if let Some(others) = others {
                            table.introduced_to(others, Instant::now());
                        }
                    });
                }
                Sent::Delivered(watchers, message) => {
                    connections.send(&Target::Connections(watchers), &message);
                }
            }
        }
        next
    }

    fn publish(&self, channel: &str, payload: Bytes) -> Option<Pending<Option<usize>>> {
        let backplane = self.table.lock().settings.cluster.as_ref().map(|cluster| Arc::clone(&cluster.backplane))?;
        Some(backplane.publish(channel, payload))
    }

    /// The process is about to end.
    pub(super) fn end(self: &Arc<Self>) -> BoxFuture<'static, ()> {
        if let Some(task) = self.task.lock().take() {
            task.abort();
        }
        let sent = self.table.lock().end(Instant::now());
        let published = sent.into_iter().filter_map(|sent| match sent {
            Sent::Published(channel, payload) => self.publish(&channel, payload),
            _ => None,
        });
        let published: Vec<_> = published.collect();
        async move { drop(timeout(FAREWELL, join_all(published)).await) }.boxed()
    }

    fn health(&self) -> Option<watch::Receiver<Health>> {
        self.table.lock().settings.cluster.as_ref().map(|cluster| cluster.backplane.health())
    }
}

async fn run<M: Meta>(shared: Weak<Shared<M>>) {
    let Some(mut health) = shared.upgrade().map(|shared| shared.health()) else { return };
    loop {
        let Some(held) = shared.upgrade() else { return };
        if let Some(health) = &mut health {
            let is_reached = *health.borrow_and_update() == Health::Healthy;
            held.table.lock().reached(is_reached, Instant::now());
        }
        let (next, wake) = (held.turn(), Arc::clone(&held.wake));
        // Not kept while nothing happens, so that it can end.
        drop(held);
        tokio::select! {
            () = wake.notified() => {}
            () = until(next) => {}
            () = changed(&mut health) => {}
        }
    }
}

async fn until(next: Option<Instant>) {
    match next {
        Some(next) => sleep_until(next).await,
        None => std::future::pending().await,
    }
}

async fn changed(health: &mut Option<watch::Receiver<Health>>) {
    if let Some(health) = health
        && health.changed().await.is_ok()
    {
        return;
    }
    std::future::pending().await
}
