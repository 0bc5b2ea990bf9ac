//! How many connections are let in: in all, of a user, from an address, while the process has memory for them, and while
//! its node is not alone. What has no room is refused when it negotiates, and again when it opens its transport, where it
//! is counted.

use http::{StatusCode, request::Parts};

use super::{
    Endpoint,
    refused::{Reason, Refused},
};
use crate::{
    ids::UserId,
    lifetime::{Counted, TooMany},
    server::{HubOptions, http::answer::Refusal, process},
};

const FULL: Refusal = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The server has as many connections as it takes.");
const LOW_MEMORY: Refusal =
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The server has no memory for more connections.");
const USER_FULL: Refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "This user has too many connections.");
const ADDRESS_FULL: Refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "This address has too many connections.");

impl<A> Endpoint<A> {
    /// Whether there is room for a connection that this request would lead to.
    pub(super) fn check_room(&self, request: &Parts, user: Option<&UserId>) -> Result<(), Refusal> {
        self.isolation.check(&self.refused, request)?;
        check_memory(&self.options, &self.refused, request)?;
        let address = self.options.allowed_origins.client_address(request);
        self.connections.check(user, address).map_err(|too_many| no_room(&self.refused, too_many, request))
    }

    /// Counts the connection that this request opens, until what is returned is dropped.
    pub(super) fn count(&self, request: &Parts, user: Option<&UserId>) -> Result<Counted, Refusal> {
        self.isolation.check(&self.refused, request)?;
        check_memory(&self.options, &self.refused, request)?;
        let address = self.options.allowed_origins.client_address(request);
        self.connections.count(user, address).map_err(|too_many| no_room(&self.refused, too_many, request))
    }
}

/// Notes that there is no room for the connection of this request, and says it to its client.
pub(in crate::server) fn no_room(refused: &Refused, too_many: TooMany, request: &Parts) -> Refusal {
    let (reason, refusal) = match too_many {
        TooMany::Connections => (Reason::TooManyConnections, FULL),
        TooMany::OfUser => (Reason::TooManyOfUser, USER_FULL),
        TooMany::FromAddress => (Reason::TooManyFromAddress, ADDRESS_FULL),
    };
    refused.note(reason, request);
    refusal
}

/// Whether the process has memory for one more connection. It is read where it has a limit only.
pub(in crate::server) fn check_memory(options: &HubOptions, refused: &Refused, request: &Parts) -> Result<(), Refusal> {
    let Some(limit) = options.maximum_memory else { return Ok(()) };
    if process::resident().is_none_or(|used| used < limit) {
        return Ok(());
    }
    refused.note(Reason::LowMemory, request);
    Err(LOW_MEMORY)
}
