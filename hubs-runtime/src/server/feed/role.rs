//! A reader's role in the engine: it calls nothing, and is called by no name.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::{
    call::{Bound, BoxFuture, CallArguments},
    connection::Peer,
    contract::MethodDescriptor,
    counters::CloseReason,
    engine::{Reports, Role},
    ids::DisconnectError,
    lifetime::Readers,
    protocol::{ArgumentError, CompletionResult, Headers},
    server::session::HubRuntime,
};

#[derive(Clone)]
pub(super) struct ReaderRole {
    pub(super) runtime: Arc<HubRuntime>,
    pub(super) readers: Arc<Readers>,
    pub(super) peer: Arc<Peer>,
}

impl Role for ReaderRole {
    fn find(&self, _: &str) -> Option<usize> {
        None
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.runtime.invoker.method(index)
    }

    fn streams(&self, _: usize) -> usize {
        0
    }

    fn bind(&self, index: usize, _: u64, _: &mut CallArguments<'_>) -> Result<Bound, ArgumentError> {
        Err(ArgumentError::Missing { index })
    }

    fn answered(&self, _: &str, _: &CompletionResult<'_>, _: Headers<'_>) -> Result<bool, DisconnectError> {
        Ok(false)
    }

    fn awaits_answer(&self) -> bool {
        false
    }

    fn gone(&self) {}

    fn left(&self) {
        self.readers.leave(&self.peer);
    }

    fn outlive(&self, calls: BoxFuture<()>) {
        self.runtime.tasks.spawn(calls);
    }

    fn shutdown(&self) -> CancellationToken {
        self.runtime.shutdown.clone()
    }

    fn reports(&self) -> &Reports {
        &self.runtime.reports
    }

    fn count_closed(&self, reason: CloseReason) {
        self.runtime.core.counters.closed(reason);
    }
}
