//! Which logs this process follows, and the task that reads each of them where something is missing: what other nodes tell
//! may be lost, also without a sign of it.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use super::{
    ScopeId, Shared, recording,
    scope::{Held, Scope},
};
use tokio::{sync::watch, time::sleep};

use crate::{
    backplane::{BackplaneError, Gap, Health, LogEntry, LogPosition, LogRead, Receive, Subscription},
    counters::BackplaneMessages,
    ids::ShrinkSpare,
};

/// How often a log is looked at of which nothing is heard.
const CHECK: Duration = Duration::from_secs(10);

/// How long what is missing may still come by itself.
const PATIENCE: Duration = Duration::from_millis(100);

/// How long after it could not be reached a log is tried again by itself.
pub(super) const AGAIN: Duration = Duration::from_secs(1);

/// How many entries are read at once.
const PAGE: usize = 256;

/// How many logs are read at once. After an outage all of them are, and Redis cuts a node that has too much to take: 32 MB
/// for a connection with subscriptions, unless it is set otherwise.
pub(super) const AT_ONCE: usize = 4;

impl Shared {
    /// The log of a scope, which is followed from now on.
    pub(super) fn followed(self: &Arc<Self>, id: &ScopeId) -> Arc<Scope> {
        let mut scopes = self.scopes.lock();
        if let Some(scope) = scopes.get(id) {
            scope.try_again();
            return Arc::clone(scope);
        }
        let scope = Arc::new(Scope::new(id.clone(), id.log(&self.durability.hub)));
        if self.durability.is_shared {
            let receive = self.receive(&scope);
            *scope.subscription.lock() = Some(self.durability.backplane.subscribe(&scope.log, receive));
        }
        scopes.insert(id.clone(), Arc::clone(&scope));
        drop(scopes);
        tokio::spawn(run(Arc::downgrade(self), Arc::downgrade(&scope)));
        scope
    }

    /// The same, for readers of the feed.
    pub(super) fn hold(self: &Arc<Self>, id: &ScopeId) -> Held {
        let scope = self.followed(id);
        scope.hold();
        Held(scope)
    }

    /// Reads a page of a log, in its turn.
    pub(super) async fn read(&self, log: &str, after: LogPosition) -> Result<LogRead, BackplaneError> {
        let _turn = self.reads.acquire().await;
        self.durability.backplane.read(log, after, PAGE).await
    }

    /// Reads the last entries of a log, in its turn.
    pub(super) async fn latest(&self, log: &str, count: usize) -> Result<Vec<LogEntry>, BackplaneError> {
        let _turn = self.reads.acquire().await;
        self.durability.backplane.latest(log, count).await
    }

    fn receive(self: &Arc<Self>, scope: &Arc<Scope>) -> Receive {
        let (shared, scope) = (Arc::downgrade(self), Arc::downgrade(scope));
        Arc::new(move |told| {
            let (Some(shared), Some(scope)) = (shared.upgrade(), scope.upgrade()) else { return };
            let counters = shared.connections.counters();
            counters.backplane(BackplaneMessages::Received);
            match recording::read(told) {
                Some(entry) => scope.heard(entry, &shared),
                None => counters.backplane(BackplaneMessages::Dropped),
            }
        })
    }

    /// Follows a log no more, unless a connection reads it.
    fn forget(&self, scope: &Arc<Scope>) -> bool {
        let mut scopes = self.scopes.lock();
        let is_known = scopes.get(&scope.id).is_some_and(|known| Arc::ptr_eq(known, scope));
        if is_known && scope.is_idle() {
            scopes.remove(&scope.id);
            scopes.shrink_spare();
            return true;
        }
        !is_known
    }
}

/// Reads a log until no connection needs it.
async fn run(shared: Weak<Shared>, scope: Weak<Scope>) {
    let Some(mut health) = begun(&shared, &scope).await else { return };
    loop {
        let Some(held) = scope.upgrade() else { return };
        let wake = async {
            held.wake.notified().await;
            let may_wait = held.state().follower.as_ref().is_none_or(|follower| follower.may_wait());
            if may_wait {
                sleep(PATIENCE).await;
            }
        };
        tokio::select! {
            () = wake => {}
            changed = health.changed() => {
                if changed.is_err() {
                    return;
                }
            }
            () = sleep(CHECK) => {}
        }
        let Some(shared) = shared.upgrade() else { return };
        if shared.forget(&held) {
            return;
        }
        if *health.borrow_and_update() == Health::Healthy
            && let Err(error) = fill(&shared, &held).await
        {
            tracing::debug!(log = held.log, %error, "a log could not be read; it is tried again");
        }
    }
}

/// Finds the end of a log, from which it is followed; tries again as long as it is needed.
async fn begun(shared: &Weak<Shared>, scope: &Weak<Scope>) -> Option<watch::Receiver<Health>> {
    loop {
        let (shared, scope) = (shared.upgrade()?, scope.upgrade()?);
        match end(&shared, &scope).await {
            Ok(end) => {
                scope.begin(end, &shared);
                return Some(shared.durability.backplane.health());
            }
            Err(error) => scope.ready.send_replace(Some(Err(error))),
        };
        tokio::select! {
            () = scope.wake.notified() => {}
            () = sleep(AGAIN) => {}
        }
        if shared.forget(&scope) {
            return None;
        }
    }
}

async fn end(shared: &Shared, scope: &Scope) -> Result<LogPosition, BackplaneError> {
    let confirmed = scope.subscription.lock().as_ref().map(Subscription::confirmed);
    if let Some(confirmed) = confirmed {
        confirmed.await?;
    }
    shared.durability.backplane.end(&scope.log, shared.durability.limits).await
}

/// Reads on from where the log was followed, to its end.
pub(super) async fn fill(shared: &Arc<Shared>, scope: &Arc<Scope>) -> Result<(), BackplaneError> {
    let backplane = &shared.durability.backplane;
    loop {
        let Some(after) = scope.state().follower.as_ref().map(|follower| follower.last()) else { return Ok(()) };
        let read = shared.read(&scope.log, after).await?;
        let count = if let LogRead::Entries(entries) = &read { entries.len() } else { 0 };
        match take(shared, scope, after, read, count < PAGE) {
            None => {
                if count < PAGE {
                    return Ok(());
                }
            }
            Some(gap) => {
                let end = backplane.end(&scope.log, shared.durability.limits).await?;
                scope.begin_again(end, gap, shared);
                return Ok(());
            }
        }
    }
}

/// Gives out what was read after a position, unless the log was followed further meanwhile.
fn take(shared: &Shared, scope: &Scope, after: LogPosition, read: LogRead, whole: bool) -> Option<Gap> {
    let mut state = scope.state();
    let follower = state.follower.as_mut()?;
    if matches!(read, LogRead::Gap(_)) && follower.last() != after {
        // It is read again.
        scope.wake.notify_one();
        return None;
    }
    match follower.read(read, whole) {
        Ok(follows) => {
            state.deliver(follows, scope, shared);
            None
        }
        Err(gap) => Some(gap),
    }
}
