//! In place of `exported.rs` where the feature `metrics` is off: takes no memory and no time.

use std::time::Instant;

#[cfg(feature = "server")]
use super::DurableMessages;
use super::{BackplaneMessages, CallOutcome, CloseReason, LostMessages};

/// Whether samples are taken.
pub(crate) const SAMPLES: bool = false;

/// No socket could be accepted.
pub(crate) fn accept_failed() {}

#[derive(Debug)]
pub(crate) struct HubMeter;

#[allow(clippy::unused_self, reason = "the same functions as with the feature")]
impl HubMeter {
    pub(crate) fn new(_: &str) -> Self {
        Self
    }

    pub(super) fn closed(&self, _: CloseReason) {}
    pub(super) fn lost(&self, _: LostMessages, _: u64) {}
    pub(super) fn backplane(&self, _: BackplaneMessages) {}
    #[cfg(feature = "server")]
    pub(super) fn durable(&self, _: DurableMessages, _: u64) {}
    pub(super) fn slow(&self, _: u64) {}
    pub(super) fn call_refused(&self) {}
    pub(super) fn join_refused(&self) {}
    pub(crate) fn sampled(&self, _: usize, _: usize, _: Option<usize>) {}
}

#[derive(Debug)]
pub(crate) struct NodeMeter;

#[allow(clippy::unused_self, reason = "the same functions as with the feature")]
impl NodeMeter {
    pub(crate) fn new(_: &str) -> Self {
        Self
    }

    pub(crate) fn health(&self, _: usize) {}
}

#[derive(Debug)]
pub(crate) struct CallMeter;

/// A call or a connection that has begun.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Begun(());

#[allow(clippy::unused_self, reason = "the same functions as with the feature")]
impl CallMeter {
    pub(crate) fn new(_: &str, _: impl Iterator<Item = &'static str>) -> Self {
        Self
    }

    pub(crate) fn call(&self, _: usize, _: fn() -> Instant) -> Begun {
        Begun(())
    }

    pub(crate) fn answered(&self, _: Begun, _: CallOutcome, _: fn() -> Instant) {}

    pub(crate) fn connected(&self, _: usize, _: fn() -> Instant) -> Begun {
        Begun(())
    }

    pub(crate) fn disconnected(&self, _: Begun, _: CloseReason, _: fn() -> Instant) {}
}
