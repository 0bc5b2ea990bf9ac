//! One connection as its hub knows it, without types.

use std::sync::Arc;

use super::{Items, Principal};
use crate::{
    clients::{Asking, HubCore},
    connection::Peer,
    invocation::Permits,
};

#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) peer: Arc<Peer>,
    pub(crate) core: Arc<HubCore>,
    pub(crate) permits: Arc<Permits>,
    pub(crate) request: http::request::Parts,
    pub(crate) transport: &'static str,
    pub(crate) items: Items,
}

/// At what point of a connection's life the hub is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Connecting,
    /// The number of the call.
    Call(u64),
    Disconnecting,
}

impl Caller {
    pub(crate) fn principal(&self) -> Option<&Principal> {
        self.request.extensions.get::<Principal>()
    }

    pub(crate) fn asking(&self, phase: Phase) -> Asking {
        match phase {
            Phase::Connecting => Asking::Connecting,
            Phase::Call(number) => {
                Asking::Call { permits: Arc::clone(&self.permits), number, caller: Arc::clone(&self.peer) }
            }
            Phase::Disconnecting => Asking::Outside,
        }
    }
}
