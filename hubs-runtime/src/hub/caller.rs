//! One connection as its hub knows it, without types.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Items, LatestPrincipal, Principal};
use crate::{
    clients::{Asking, HubCore},
    connection::Peer,
    invocation::Permits,
    transport::TransportKind,
};

#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) peer: Arc<Peer>,
    pub(crate) core: Arc<HubCore>,
    pub(crate) permits: Arc<Permits>,
    pub(crate) request: http::request::Parts,
    pub(crate) latest_user: Option<LatestPrincipal>,
    pub(crate) transport: TransportKind,
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
    /// Who it was that connected.
    pub(super) fn principal(&self) -> Option<&Principal> {
        self.request.extensions.get::<Principal>()
    }

    /// Who it is now, where that can change.
    pub(super) fn latest_principal(&self) -> Option<Option<Arc<Principal>>> {
        self.latest_user.as_ref().map(LatestPrincipal::get)
    }

    /// When the authentication of the current user ends.
    pub(crate) fn expires(&self) -> Option<Instant> {
        match self.latest_principal() {
            Some(latest) => latest?.expires(),
            None => self.principal()?.expires(),
        }
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
