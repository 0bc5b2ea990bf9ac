//! The connections of this process and delivery to them. Every manager delivers through this.

use std::{
    fmt,
    future::poll_fn,
    sync::{Arc, OnceLock, Weak},
};

use bytes::Bytes;
use tokio::time::Instant;

#[cfg(feature = "server")]
use super::presence::{Attendance, Meta, Presence, Settings};
use super::{Target, flushers::Flushers, held_back::HeldBack, registry::Registry};
use crate::{
    connection::{Intervals, Peer, Pushed},
    counters::{Counters, LostMessages, SAMPLES},
    ids::{ConnectionId, Delivery, GroupName, Loss, UserId},
    invocation::SendError,
    protocol::EncodedMessage,
};

pub(crate) struct LocalConnections {
    pub(super) registry: Registry,
    pub(super) flushers: Flushers,
    pub(super) held_back: Arc<HeldBack>,
    counters: Arc<Counters>,
    limits: GroupLimits,
    /// Who is in which group, once that is used.
    #[cfg(feature = "server")]
    attendance: OnceLock<Arc<dyn Attendance>>,
}

/// What one connection's groups may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GroupLimits {
    pub(crate) groups: usize,
    /// In bytes.
    pub(crate) name: usize,
}

/// What one send has found out.
#[derive(Default)]
struct Sending {
    /// Connections of the current shard that a flusher has to write to.
    unwatched: Vec<Arc<Peer>>,
    /// Whether a receiver is above its soft limit.
    crowded: bool,
    /// For messages that may be lost: when they are sent, and how many were.
    now: Option<Instant>,
    lost: usize,
}

impl LocalConnections {
    pub(crate) fn new(counters: Arc<Counters>, limits: GroupLimits) -> Self {
        let (registry, flushers) = (Registry::default(), Flushers::default());
        Self {
            registry,
            flushers,
            held_back: Arc::default(),
            counters,
            limits,
            #[cfg(feature = "server")]
            attendance: OnceLock::new(),
        }
    }

    /// Whether a group may have this name.
    pub(super) fn check_name(&self, group: &GroupName) -> Result<(), SendError> {
        let (length, limit) = (group.as_str().len(), self.limits.name);
        if length <= limit {
            return Ok(());
        }
        self.counters.join_refused();
        Err(SendError::GroupNameTooLong { length, limit })
    }

    /// Adds a connection to a group, within its limits.
    pub(super) fn join(&self, id: &ConnectionId, group: &GroupName) -> Result<(), SendError> {
        self.check_name(group)?;
        let GroupLimits { groups, .. } = self.limits;
        if self.registry.join(id, group, groups) { Ok(()) } else { Err(self.too_many_groups()) }
    }

    fn too_many_groups(&self) -> SendError {
        self.counters.join_refused();
        SendError::TooManyGroups(self.limits.groups)
    }

    /// The connection is in a group no more.
    pub(super) fn leave(&self, id: &ConnectionId, group: &GroupName) {
        self.registry.leave(id, group);
        #[cfg(feature = "server")]
        if let Some(attendance) = self.attendance.get() {
            attendance.left(id, group);
        }
    }

    /// The connection has ended.
    pub(super) fn disconnect(&self, peer: &Peer) {
        self.registry.disconnect(peer);
        #[cfg(feature = "server")]
        if let Some(attendance) = self.attendance.get()
            && self.registry.peer(&peer.id).is_none()
        {
            attendance.gone(&peer.id);
        }
    }

    /// Puts the message into the queue of every receiver. Never waits for a socket. Whether the sender should yield so
    /// that its receivers can catch up.
    pub(super) fn send(&self, target: &Target, message: &EncodedMessage) -> bool {
        let mut sending = Sending::default();
        self.registry.visit(
            target,
            &mut sending,
            |sending, peer| self.deliver(peer, message, sending),
            |sending, shard| self.flushers.add(shard, &mut sending.unwatched),
        );
        self.count_lost(message, &sending);
        sending.crowded
    }

    /// The same for one connection; `None` if there is no such connection.
    pub(super) fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Option<bool> {
        let peer = self.registry.peer(id)?;
        let mut sending = Sending::default();
        self.deliver(&peer, message, &mut sending);
        self.flushers.add(self.registry.shard_index(id), &mut sending.unwatched);
        self.count_lost(message, &sending);
        Some(sending.crowded)
    }

    /// Waits until there is room in the queue of this connection, then puts the message into it. Such a message never
    /// makes a reader too slow. Cancel safe: nothing is queued before there is room.
    pub(crate) async fn send_with_room(&self, peer: &Arc<Peer>, message: &EncodedMessage) {
        let Some(bytes) = message.get(peer.protocol) else { return };
        if poll_fn(|cx| peer.poll_push(cx, bytes)).await == Pushed::Unwatched {
            self.flushers.add(self.registry.shard_index(&peer.id), &mut vec![Arc::clone(peer)]);
        }
    }

    /// The connection of this process with this id.
    pub(crate) fn peer(&self, id: &ConnectionId) -> Option<Arc<Peer>> {
        self.registry.peer(id)
    }

    /// All connections of this process, in no order.
    pub(crate) fn all(&self) -> Vec<Weak<Peer>> {
        let mut all = Vec::new();
        self.registry.each(|peer| all.push(Arc::downgrade(peer)));
        all
    }

    /// The connections of a user in this process.
    pub(crate) fn of_user(&self, user: &UserId) -> Vec<Arc<Peer>> {
        let mut all = Vec::new();
        let target = Target::Users(vec![user.clone()]);
        self.registry.visit(&target, &mut all, |all, peer| all.push(Arc::clone(peer)), |_, _| {});
        all
    }

    /// Whether a connection may show itself in one more group than these.
    #[cfg(feature = "server")]
    pub(super) fn check_groups(&self, groups: usize) -> Result<(), SendError> {
        if groups < self.limits.groups { Ok(()) } else { Err(self.too_many_groups()) }
    }

    /// Who is in which group, if that is used.
    #[cfg(feature = "server")]
    pub(crate) fn attendance(&self) -> Option<&Arc<dyn Attendance>> {
        self.attendance.get()
    }

    /// Who is in which group: that is used from now on.
    #[cfg(feature = "server")]
    pub(crate) fn presence<M: Meta>(self: &Arc<Self>, settings: &Settings) -> Option<Arc<Presence<M>>> {
        let make = || Arc::new(Presence::<M>::new(settings.clone(), self)) as Arc<dyn Attendance>;
        let attendance = Arc::clone(self.attendance.get_or_init(make));
        attendance.any().downcast().ok()
    }

    #[cfg(feature = "server")]
    pub(super) fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// The slots of the protocols that connections of this process have ever spoken: one bit for each.
    #[cfg(feature = "server")]
    pub(super) fn protocols(&self) -> u8 {
        self.registry.protocols()
    }

    /// The receivers in this process for whose protocol the message was not encoded.
    #[cfg(feature = "server")]
    pub(super) fn without(&self, target: &Target, message: &EncodedMessage) -> Vec<Arc<Peer>> {
        if message.is_for_all(self.protocols()) {
            return Vec::new();
        }
        let mut without = Vec::new();
        let visit = |without: &mut Vec<_>, peer: &Arc<Peer>| {
            if message.get(peer.protocol).is_none() {
                without.push(Arc::clone(peer));
            }
        };
        self.registry.visit(target, &mut without, visit, |_, _| {});
        without
    }

    /// The receivers in this process that have no room.
    pub(crate) fn full(&self, target: &Target) -> Vec<Arc<Peer>> {
        let mut full = Vec::new();
        let visit = |full: &mut Vec<_>, peer: &Arc<Peer>| {
            if peer.outbox.full() {
                full.push(Arc::clone(peer));
            }
        };
        self.registry.visit(target, &mut full, visit, |_, _| {});
        full
    }

    /// Puts the message into the peer's outbox.
    fn deliver(&self, peer: &Arc<Peer>, message: &EncodedMessage, sending: &mut Sending) {
        // Without bytes for its protocol the peer has connected after the message was encoded.
        let Some(bytes) = message.get(peer.protocol) else { return };
        let pushed = match message.loss() {
            None => peer.push(bytes),
            Some(loss) => self.push_lossy(peer, bytes, loss, sending),
        };
        match pushed {
            Pushed::Done => {}
            Pushed::Crowded => sending.crowded = true,
            Pushed::Unwatched => sending.unwatched.push(Arc::clone(peer)),
            Pushed::Overflowed => self.counters.slow_consumers_found(1),
        }
    }

    /// The same for a message that may be lost.
    fn push_lossy(&self, peer: &Arc<Peer>, bytes: &Bytes, loss: &Loss, sending: &mut Sending) -> Pushed {
        let now = *sending.now.get_or_insert_with(Instant::now);
        let pushed = peer.push_lossy(bytes, loss, now);
        sending.lost += pushed.lost;
        if let Some(until) = pushed.held_until {
            self.held_back.add(until, peer, loss.tag);
        }
        pushed.pushed
    }

    #[inline]
    fn count_lost(&self, message: &EncodedMessage, sending: &Sending) {
        if sending.lost > 0
            && let Some(loss) = message.loss()
        {
            let lost = sending.lost as u64;
            self.counters.messages_lost(kind(loss.delivery), lost);
            tracing::trace!(method = loss.method, lost, "messages were lost, as the method allows");
        }
    }

    /// Sends what was held back and is due.
    pub(super) fn release(&self, now: Instant) {
        while let Some((peer, tag)) = self.held_back.due(now) {
            let Some(peer) = peer.upgrade() else { continue };
            match peer.release(tag, now) {
                Pushed::Done | Pushed::Crowded => {}
                Pushed::Overflowed => self.counters.slow_consumers_found(1),
                Pushed::Unwatched => self.flushers.add(self.registry.shard_index(&peer.id), &mut vec![peer]),
            }
        }
    }

    /// Checks the clocks of all connections.
    pub(super) fn tick(&self, now: Instant, intervals: &Intervals) {
        let mut slow = 0;
        self.registry.each(|peer| slow += u64::from(peer.tick(now, intervals)));
        if slow > 0 {
            self.counters.slow_consumers_found(slow);
        }
        if SAMPLES {
            self.counters.meter.sampled(self.queued_bytes(), self.groups(), self.tracked());
        }
    }

    /// How many connections there are.
    pub(crate) fn count(&self) -> usize {
        let mut count = 0;
        self.registry.each(|_| count += 1);
        count
    }

    /// How many groups have members.
    pub(crate) fn groups(&self) -> usize {
        self.registry.groups()
    }

    /// How often connections are shown as members of groups; `None` if that was never used.
    pub(crate) fn tracked(&self) -> Option<usize> {
        #[cfg(feature = "server")]
        return self.attendance.get().map(|attendance| attendance.tracked());
        #[cfg(not(feature = "server"))]
        None
    }

    /// How many bytes are queued, over all connections.
    pub(crate) fn queued_bytes(&self) -> usize {
        let mut bytes = 0;
        self.registry.each(|peer| bytes += peer.outbox.waiting());
        bytes
    }
}

/// As what a lost message is counted.
fn kind(delivery: Delivery) -> LostMessages {
    match delivery {
        Delivery::Must | Delivery::Durable | Delivery::DropOldest => LostMessages::Dropped,
        Delivery::Latest | Delivery::Coalesce(_) => LostMessages::Coalesced,
        Delivery::Every(_) => LostMessages::Throttled,
    }
}

impl Drop for LocalConnections {
    fn drop(&mut self) {
        self.held_back.stop();
    }
}

impl fmt::Debug for LocalConnections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalConnections").field("connections", &self.count()).finish_non_exhaustive()
    }
}
