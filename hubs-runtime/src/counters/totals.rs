//! The counters of one hub. They only grow.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{BackplaneMessages, CloseReason, DurableMessages, HubMeter, LostMessages};

/// Shared by all rooms of one hub. Each counter is one relaxed atomic: counting takes no lock.
#[derive(Debug)]
pub(crate) struct Counters {
    closes: [AtomicU64; CloseReason::ALL.len()],
    slow_consumers: AtomicU64,
    refused_calls: AtomicU64,
    refused_joins: AtomicU64,
    lost: [AtomicU64; LostMessages::ALL.len()],
    backplane: [AtomicU64; BackplaneMessages::ALL.len()],
    durable: [AtomicU64; DurableMessages::ALL.len()],
    /// The same, for the application's recorder.
    pub(crate) meter: HubMeter,
}

impl Counters {
    /// For the hub of this name.
    pub(crate) fn new(hub: &str) -> Self {
        Self {
            closes: Default::default(),
            slow_consumers: AtomicU64::default(),
            refused_calls: AtomicU64::default(),
            refused_joins: AtomicU64::default(),
            lost: Default::default(),
            backplane: Default::default(),
            durable: Default::default(),
            meter: HubMeter::new(hub),
        }
    }

    /// Counts a connection that was closed or refused. To be called once for each.
    pub(crate) fn closed(&self, reason: CloseReason) {
        add(&self.closes[reason as usize], 1);
        self.meter.closed(reason);
    }

    /// Counts connections found too slow. They are counted here when they are found and in `closes` when they end.
    pub(crate) fn slow_consumers_found(&self, count: u64) {
        add(&self.slow_consumers, count);
        self.meter.slow(count);
    }

    /// Counts a call that was refused before the hub's method started.
    pub(crate) fn call_refused(&self) {
        add(&self.refused_calls, 1);
        self.meter.call_refused();
    }

    /// Counts a connection that was not added to a group.
    pub(crate) fn join_refused(&self) {
        add(&self.refused_joins, 1);
        self.meter.join_refused();
    }

    /// Counts messages that were not sent to a client, as their method allows.
    pub(crate) fn messages_lost(&self, kind: LostMessages, count: u64) {
        add(&self.lost[kind as usize], count);
        self.meter.lost(kind, count);
    }

    /// Counts a message to or from other nodes.
    pub(crate) fn backplane(&self, kind: BackplaneMessages) {
        add(&self.backplane[kind as usize], 1);
        self.meter.backplane(kind);
    }

    pub(crate) fn backplane_messages(&self, kind: BackplaneMessages) -> u64 {
        read(&self.backplane[kind as usize])
    }

    /// Counts messages of durable methods.
    #[cfg(feature = "server")]
    pub(crate) fn durable(&self, kind: DurableMessages, count: u64) {
        add(&self.durable[kind as usize], count);
        self.meter.durable(kind, count);
    }

    #[cfg(feature = "server")]
    pub(crate) fn durable_messages(&self, kind: DurableMessages) -> u64 {
        read(&self.durable[kind as usize])
    }

    pub(crate) fn lost(&self, kind: LostMessages) -> u64 {
        read(&self.lost[kind as usize])
    }

    pub(crate) fn closes(&self, reason: CloseReason) -> u64 {
        read(&self.closes[reason as usize])
    }

    pub(crate) fn slow_consumers(&self) -> u64 {
        read(&self.slow_consumers)
    }

    pub(crate) fn refused_calls(&self) -> u64 {
        read(&self.refused_calls)
    }

    pub(crate) fn refused_joins(&self) -> u64 {
        read(&self.refused_joins)
    }
}

#[cfg(test)]
impl Default for Counters {
    fn default() -> Self {
        Self::new("Hub")
    }
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_a_counter_of_its_own() {
        let counters = Counters::default();
        for (at, reason) in CloseReason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, at, "the order of `ALL` is the order of the enum");
            (0..=at).for_each(|_| counters.closed(reason));
        }
        for (at, reason) in CloseReason::ALL.into_iter().enumerate() {
            assert_eq!(counters.closes(reason), at as u64 + 1, "{reason}");
        }
        counters.slow_consumers_found(2);
        counters.call_refused();
        (0..3).for_each(|_| counters.join_refused());
        assert_eq!((counters.slow_consumers(), counters.refused_calls(), counters.refused_joins()), (2, 1, 3));
    }
}
