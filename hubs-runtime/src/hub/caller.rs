//! One connection as its hub knows it, without types.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Access, Decision, Items, LatestPrincipal, Policies, Principal, Require};
use crate::{
    call::{Bound, StreamOwner, resumable},
    clients::{Asking, HubCore},
    connection::Peer,
    contract::{MethodDescriptor, Requirement},
    ids::GroupName,
    invocation::Permits,
    protocol::{Arguments, Headers},
    transport::TransportKind,
};

#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) peer: Arc<Peer>,
    pub(crate) core: Arc<HubCore>,
    pub(crate) permits: Arc<Permits>,
    pub(crate) policies: Arc<Policies>,
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
    /// The call of a method that streams, or what is left of the stream that its headers name.
    pub(super) fn resume(&self, method: &MethodDescriptor, index: usize, headers: Headers<'_>, bound: Bound) -> Bound {
        if !method.resumable {
            return resumable::refuse(headers, bound);
        }
        let Peer { user, protocol, ended, .. } = &*self.peer;
        let owner = StreamOwner { user: user.clone(), method: index, format: protocol.payload_format() };
        self.core.resumable.bind(headers, owner, ended, bound)
    }

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

    /// Whether the current user has all that `method` requires. Runs user code.
    pub(crate) fn may_call(
        &self,
        requirement: &Requirement,
        method: &'static MethodDescriptor,
        arguments: &Arguments<'_>,
    ) -> Decision {
        let latest = self.latest_principal();
        let user = match &latest {
            Some(latest) => latest.as_deref(),
            None => self.principal(),
        };
        user.map_or(Decision::Now(false), |user| {
            let access = Access { call: Some((method, arguments)), ..self.access(user) };
            self.policies.meets(requirement, &access)
        })
    }

    /// Whether `user` has what is required, for a group if one is named. Runs user code.
    pub(super) fn may(&self, user: Option<&Principal>, require: Require<'_>, group: Option<&GroupName>) -> Decision {
        user.map_or(Decision::Now(false), |user| self.policies.fulfils(require, &Access { group, ..self.access(user) }))
    }

    fn access<'a>(&'a self, user: &'a Principal) -> Access<'a> {
        Access { user, request: &self.request, connection: Some(&self.peer.id), call: None, group: None }
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
