//! How a connection becomes a reader of a log: it gets what it has missed, or learns that it cannot, and from then on what is
//! delivered; nothing in between is left out, and nothing comes twice.

use std::sync::Arc;

use super::{
    Claims, ScopeId, Shared,
    claims::Claim,
    notices::{LIMIT, Notice, reason},
    reading::PAGE,
    scope::{Kept, Scope},
};
use crate::{
    backplane::{BackplaneError, Gap, LogEntry, LogPosition, LogRead},
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

/// One connection on its way.
struct Entry<'a> {
    shared: &'a Arc<Shared>,
    scope: &'a Arc<Scope>,
    peer: &'a Arc<Peer>,
    /// Connections whose own messages it does not get again.
    own: Vec<ConnectionId>,
    replayed: u64,
    /// Why it has missed messages.
    missed: Option<&'static str>,
    /// Whether it has said how far it has read.
    has_claimed: bool,
}

/// What comes next.
enum Next {
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
        // Held, so that it is followed until the connection reads it, however long that takes.
        let held = self.hold(&scope);
        let scope = Arc::clone(&held.0);
        let (claim, own) = {
            let mut clients = self.clients.lock();
            let Some(client) = clients.get_mut(&peer.id) else { return Ok(()) };
            if client.scopes.iter().any(|known| known.id == scope.id) {
                return Ok(());
            }
            client.scopes.push(Arc::clone(&scope));
            (client.claims.take(&scope.id), client.claims.earlier.clone())
        };
        let entered = async {
            scope.is_ready().await?;
            self.replay(&scope, &peer, claim, own, history).await
        };
        let entered = entered.await;
        if !self.keep(&peer.id, &scope, entered.is_ok(), claim) {
            // It has failed, or the connection has left meanwhile.
            scope.remove(&peer.id);
        }
        entered
    }

    /// Whether a connection still reads a log, which it does no more if it could not: what it has claimed is for the next try.
    fn keep(&self, id: &ConnectionId, scope: &Arc<Scope>, entered: bool, claim: Claim) -> bool {
        let mut clients = self.clients.lock();
        let Some(client) = clients.get_mut(id) else { return false };
        let is_known = |known: &Arc<Scope>| Arc::ptr_eq(known, scope);
        if !entered {
            client.scopes.retain(|known| !is_known(known));
            client.claims.put_back(&scope.id, claim);
        }
        client.scopes.iter().any(is_known)
    }

    async fn replay(
        self: &Arc<Self>,
        scope: &Arc<Scope>,
        peer: &Arc<Peer>,
        claim: Claim,
        own: Vec<ConnectionId>,
        history: usize,
    ) -> Result<(), SendError> {
        let has_claimed = claim != Claim::None;
        let missed = (claim == Claim::Unknown).then_some(LIMIT);
        let mut entry = Entry { shared: self, scope, peer, own, replayed: 0, missed, has_claimed };
        match claim {
            Claim::At(position) => entry.follow(position).await,
            Claim::Unknown | Claim::None if history > 0 => entry.give_history(history).await,
            Claim::Unknown | Claim::None => entry.at_the_end().await,
        }
    }

    /// A client says how far it has read. It is used when the client is added to the groups; for logs that it reads
    /// already, at once.
    pub(super) fn resume(self: &Arc<Self>, id: &ConnectionId, claims: Claims) {
        let mut clients = self.clients.lock();
        let Some(client) = clients.get_mut(id) else { return };
        client.is_aware = true;
        client.claims = claims;
        let is_named = |scope: &Arc<Scope>| client.claims.names(&scope.id);
        let (named, others): (Vec<_>, Vec<_>) = client.scopes.drain(..).partition(is_named);
        client.scopes.clone_from(&others);
        let peer = client.peer.upgrade();
        drop(clients);
        let Some(peer) = peer else { return };
        for scope in others {
            let state = scope.state();
            if let (Some(follower), true) = (&state.follower, state.members().contains(id)) {
                self.tell(id, &scope.id, Notice::At(follower.last()));
            }
        }
        for scope in named {
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

impl Entry<'_> {
    /// Reads on from a position.
    async fn follow(&mut self, mut at: LogPosition) -> Result<(), SendError> {
        if self.has_claimed && self.shared.is_aware(&self.peer.id) {
            self.shared.tell(&self.peer.id, &self.scope.id, Notice::From(at));
        }
        while self.peer.outbox.ended().is_none() {
            match self.next(at) {
                Next::Entered => return Ok(()),
                Next::Batch(batch) => at = self.give(batch, at).await,
                Next::Read => {
                    let backplane = &self.shared.durability.backplane;
                    match backplane.read(&self.scope.log, at, PAGE).await? {
                        LogRead::Gap(gap) => {
                            self.miss(gap);
                            return self.at_the_end().await;
                        }
                        LogRead::Entries(entries) if entries.is_empty() => {
                            // It is further than this process has heard.
                            self.scope.wake.notify_one();
                            return self.at_the_end().await;
                        }
                        LogRead::Entries(entries) => at = self.give_entries(&entries, at).await,
                    }
                }
            }
        }
        Ok(())
    }

    /// What is next for a connection that has read so far. It is a reader when all it has missed is queued.
    fn next(&mut self, at: LogPosition) -> Next {
        let mut state = self.scope.state();
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
        state.add(&self.peer.id);
        self.tell(last);
        Next::Entered
    }

    /// Reads on from the end, with the notice that is due.
    async fn at_the_end(&mut self) -> Result<(), SendError> {
        let mut state = self.scope.state();
        let last = state.follower.as_ref().map(|follower| follower.last());
        let last = last.ok_or_else(|| BackplaneError::Unavailable("the log is not followed".to_owned()))?;
        state.add(&self.peer.id);
        self.tell(last);
        Ok(())
    }

    /// Gives the last messages, then reads on.
    async fn give_history(&mut self, count: usize) -> Result<(), SendError> {
        let count = count.min(self.shared.durability.limits.entries);
        let entries = self.shared.durability.backplane.latest(&self.scope.log, count).await?;
        let Some(first) = entries.first() else { return self.at_the_end().await };
        let before = LogPosition { number: first.position.number - 1, tag: first.before, ..first.position };
        let at = self.give_entries(&entries, before).await;
        self.follow(at).await
    }

    async fn give_entries(&mut self, entries: &[LogEntry], at: LogPosition) -> LogPosition {
        let kept = entries.iter().filter_map(|entry| Kept::new(entry, self.scope, self.shared)).collect();
        let last = entries.last().map_or(at, |entry| entry.position);
        self.give(kept, at).await;
        last
    }

    /// Queues messages as there is room. Gives the position of the last.
    async fn give(&mut self, batch: Vec<Kept>, at: LogPosition) -> LogPosition {
        let last = batch.last().map_or(at, |kept| kept.position);
        for kept in batch.iter().filter(|kept| self.is_for(kept)) {
            self.shared.connections.send_with_room(self.peer, &kept.message).await;
        }
        self.replayed += batch.iter().filter(|kept| self.is_for(kept)).count() as u64;
        last
    }

    fn is_for(&self, kept: &Kept) -> bool {
        !kept.excluded.iter().any(|id| *id == self.peer.id || self.own.contains(id))
    }

    fn miss(&mut self, gap: Gap) {
        self.missed = Some(reason(gap));
        self.shared.count_gap();
    }

    fn tell(&self, at: LogPosition) {
        self.shared.count_replayed(self.replayed);
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
