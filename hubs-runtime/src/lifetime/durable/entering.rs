//! How a connection becomes a reader of a log: it gets what it has missed, or learns that it cannot, and from then on what is
//! delivered; nothing in between is left out, and nothing comes twice.

use std::sync::{Arc, atomic::Ordering};

use super::{
    Claims, Reading, ScopeId, Shared,
    claims::Claim,
    notices::{LIMIT, Notice, reason},
    reading::{AGAIN, fill},
    scope::{Held, Kept, Scope, State},
};
use crate::{
    backplane::{BackplaneError, LogEntry, LogPosition, LogRead},
    connection::{End, Peer},
    ids::ConnectionId,
    invocation::SendError,
};

/// How many messages, and how many bytes of them, are queued at once, without waiting for room.
const AT_ONCE: usize = 64;
const AT_ONCE_BYTES: usize = 64 * 1024;

/// A connection that is to read a log.
pub(super) struct Entering {
    pub(super) peer: Arc<Peer>,
    pub(super) scope: ScopeId,
    /// How many messages it gets that has no position.
    pub(super) history: usize,
}

/// One connection on its way. Where it does not become a reader, because the log cannot be read or its call is given up, it
/// may try again later, from where it was.
struct Entry {
    shared: Arc<Shared>,
    scope: Arc<Scope>,
    /// It is followed meanwhile, however long that takes.
    _held: Held,
    number: u64,
    peer: Arc<Peer>,
    /// How far it has read.
    claim: Claim,
    /// Connections whose own messages it does not get again.
    own: Vec<ConnectionId>,
    replayed: u64,
    /// Why it has missed messages.
    missed: Option<&'static str>,
    /// Whether it has said how far it has read.
    has_claimed: bool,
    has_entered: bool,
}

/// What comes next.
enum Next {
    /// It reads the log, or has left it meanwhile.
    Entered,
    /// It gets these first.
    Batch(Vec<Kept>),
    /// The log is to be read.
    Read,
}

impl Shared {
    pub(super) fn is_aware(&self, id: &ConnectionId) -> bool {
        self.clients.lock().get(id).is_some_and(|client| client.is_aware)
    }

    /// Lets a connection read a log. One that reads it already goes on.
    pub(super) async fn enter(self: &Arc<Self>, entering: Entering) -> Result<(), SendError> {
        let Entering { peer, scope, history } = entering;
        let held = self.hold(&scope);
        let scope = Arc::clone(&held.0);
        let number = self.entries.fetch_add(1, Ordering::Relaxed);
        let (claim, own) = {
            let mut clients = self.clients.lock();
            let Some(client) = clients.get_mut(&peer.id) else { return Ok(()) };
            if client.reads.iter().any(|read| read.scope.id == scope.id) {
                return Ok(());
            }
            client.reads.push(Reading { scope: Arc::clone(&scope), number });
            (client.claims.take(&scope.id), client.claims.earlier.clone())
        };
        let has_claimed = claim != Claim::None;
        let missed = (claim == Claim::Unknown).then_some(LIMIT);
        let (shared, replayed, has_entered) = (Arc::clone(self), 0, false);
        let entry =
            Entry { shared, scope, _held: held, number, peer, claim, own, replayed, missed, has_claimed, has_entered };
        entry.enter(history).await
    }

    /// Lets a connection read a log as soon as that is possible, if it is still there.
    pub(super) async fn enter_later(self: Arc<Self>, peer: Arc<Peer>, scope: ScopeId) {
        while peer.outbox.ended().is_none() {
            let entering = Entering { peer: Arc::clone(&peer), scope: scope.clone(), history: 0 };
            if self.enter(entering).await.is_ok() {
                return;
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// The connection could not enter: it keeps what it said of the log.
    fn give_up(&self, entry: &Entry) {
        let mut clients = self.clients.lock();
        let Some(client) = clients.get_mut(&entry.peer.id) else { return };
        let Some(at) = client.reads.iter().position(|read| read.number == entry.number) else { return };
        client.reads.swap_remove(at);
        client.claims.put_back(&entry.scope.id, entry.claim);
    }

    /// Whether the connection has neither left the log meanwhile nor entered it anew.
    fn is_current(&self, entry: &Entry) -> bool {
        let clients = self.clients.lock();
        let client = clients.get(&entry.peer.id);
        client.is_some_and(|client| client.reads.iter().any(|read| read.number == entry.number))
    }

    /// A client says how far it has read. It is used when the client is added to the groups; for logs that it reads
    /// already, at once.
    pub(super) fn resume(self: &Arc<Self>, id: &ConnectionId, claims: Claims) {
        let mut clients = self.clients.lock();
        let Some(client) = clients.get_mut(id) else { return };
        client.is_aware = true;
        client.claims = claims;
        let is_named = |read: &Reading| client.claims.names(&read.scope.id);
        let (named, others): (Vec<_>, Vec<_>) = client.reads.drain(..).partition(is_named);
        let others_read: Vec<_> = others.iter().map(|read| Arc::clone(&read.scope)).collect();
        client.reads = others;
        let peer = client.peer.upgrade();
        drop(clients);
        let Some(peer) = peer else { return };
        for scope in others_read {
            let state = scope.state();
            if let (Some(follower), true) = (&state.follower, state.members().contains(id)) {
                self.tell(id, &scope.id, Notice::At(follower.last()));
            }
        }
        for Reading { scope, .. } in named {
            scope.remove(id);
            let (shared, peer) = (Arc::clone(self), Arc::clone(&peer));
            tokio::spawn(async move {
                let entering = Entering { peer: Arc::clone(&peer), scope: scope.id.clone(), history: 0 };
                if let Err(error) = shared.enter(entering).await {
                    tracing::warn!(connection = %peer.id, %error, "a log cannot be read: its client connects again");
                    peer.outbox.end(End::Aborted);
                }
            });
        }
    }
}

impl Entry {
    async fn enter(mut self, history: usize) -> Result<(), SendError> {
        self.scope.is_ready().await?;
        match self.claim {
            Claim::At(position) => self.follow(position).await,
            Claim::Unknown | Claim::None if history > 0 => self.give_history(history).await,
            Claim::Unknown | Claim::None => self.at_the_end(),
        }
    }

    /// Reads on from a position.
    async fn follow(&mut self, mut at: LogPosition) -> Result<(), SendError> {
        if self.has_claimed && self.shared.is_aware(&self.peer.id) {
            self.shared.tell(&self.peer.id, &self.scope.id, Notice::From(at));
        }
        while self.peer.outbox.ended().is_none() {
            match self.next(at) {
                Next::Entered => return Ok(()),
                Next::Batch(batch) => at = self.give(batch, at).await,
                Next::Read => match self.shared.read(&self.scope.log, at).await? {
                    LogRead::Gap(gap) => {
                        self.missed = Some(reason(gap));
                        return self.at_the_end();
                    }
                    LogRead::Entries(entries) if entries.is_empty() => {
                        // It is further than this process has heard.
                        fill(&self.shared, &self.scope).await?;
                    }
                    LogRead::Entries(entries) => at = self.give_entries(&entries, at).await,
                },
            }
        }
        Ok(())
    }

    /// What is next for a connection that has read so far. It is a reader when all it has missed is queued.
    fn next(&mut self, at: LogPosition) -> Next {
        let scope = Arc::clone(&self.scope);
        let mut state = scope.state();
        let Some(last) = state.follower.as_ref().map(|follower| follower.last()) else { return Next::Read };
        if at != last {
            let from = state.kept.iter().position(|kept| {
                kept.position.epoch == at.epoch && kept.position.number == at.number + 1 && kept.before == at.tag
            });
            let Some(from) = from else { return Next::Read };
            let bytes: usize = state.kept.range(from..).map(|kept| kept.bytes).sum();
            if state.kept.len() - from > AT_ONCE || bytes > AT_ONCE_BYTES {
                return Next::Batch(state.kept.range(from..).take(AT_ONCE).cloned().collect());
            }
            let missed: Vec<Kept> = state.kept.range(from..).filter(|kept| self.is_for(kept)).cloned().collect();
            for kept in &missed {
                self.shared.connections.send_to(&self.peer.id, &kept.message);
            }
            self.replayed += missed.len() as u64;
        }
        self.add(&mut state, last);
        Next::Entered
    }

    /// Reads on from the end, with the notice that is due.
    fn at_the_end(&mut self) -> Result<(), SendError> {
        let scope = Arc::clone(&self.scope);
        let mut state = scope.state();
        let last = state.follower.as_ref().map(|follower| follower.last());
        let last = last.ok_or_else(|| BackplaneError::Unavailable("the log is not followed".to_owned()))?;
        self.add(&mut state, last);
        Ok(())
    }

    /// From now on the connection gets what is delivered.
    fn add(&mut self, state: &mut State, last: LogPosition) {
        self.has_entered = true;
        if self.shared.is_current(self) {
            state.add(&self.peer.id);
            self.tell(last);
        }
    }

    /// Gives the last messages, then reads on.
    async fn give_history(&mut self, count: usize) -> Result<(), SendError> {
        let count = count.min(self.shared.durability.limits.entries);
        let entries = self.shared.latest(&self.scope.log, count).await?;
        let Some(first) = entries.first() else { return self.at_the_end() };
        let before = LogPosition { number: first.position.number - 1, tag: first.before, ..first.position };
        let at = self.give_entries(&entries, before).await;
        self.follow(at).await
    }

    async fn give_entries(&mut self, entries: &[LogEntry], at: LogPosition) -> LogPosition {
        let kept = entries.iter().filter_map(|entry| Kept::new(entry, &self.scope, &self.shared)).collect();
        let last = entries.last().map_or(at, |entry| entry.position);
        self.give(kept, at).await;
        self.reached(last);
        last
    }

    /// All before this is queued.
    fn reached(&mut self, at: LogPosition) {
        if self.has_claimed {
            self.claim = Claim::At(at);
        }
    }

    /// Queues messages as there is room. Gives the position of the last.
    async fn give(&mut self, batch: Vec<Kept>, at: LogPosition) -> LogPosition {
        let last = batch.last().map_or(at, |kept| kept.position);
        for kept in batch.iter().filter(|kept| self.is_for(kept)) {
            self.shared.connections.send_with_room(&self.peer, &kept.message).await;
        }
        self.replayed += batch.iter().filter(|kept| self.is_for(kept)).count() as u64;
        self.reached(last);
        last
    }

    fn is_for(&self, kept: &Kept) -> bool {
        !kept.excluded.iter().any(|id| *id == self.peer.id || self.own.contains(id))
    }

    fn tell(&self, at: LogPosition) {
        self.shared.count_replayed(self.replayed);
        if self.missed.is_some() {
            self.shared.count_gap();
        }
        if !self.shared.is_aware(&self.peer.id) {
            return;
        }
        let notice = match self.missed {
            Some(reason) => Notice::Missed(at, reason),
            None if self.has_claimed => Notice::Recovered(at, self.replayed),
            None => Notice::At(at),
        };
        self.shared.tell(&self.peer.id, &self.scope.id, notice);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.has_entered {
            self.shared.give_up(self);
        }
    }
}
