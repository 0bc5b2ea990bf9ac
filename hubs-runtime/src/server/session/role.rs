//! The server's role in a connection: its methods are those of a hub, and it is found by the hub's clients.

use std::{net::SocketAddr, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::HubRuntime;
use crate::{
    call::{Bound, BoxFuture, CallArguments},
    connection::End,
    contract::MethodDescriptor,
    counters::{Begun, CallOutcome, CloseReason},
    engine::{Refusal, Reports, Role},
    hub::{Caller, Decision},
    ids::{DisconnectError, HubResult},
    invocation::{CallCounts, InvokeError, Unexpected},
    lifetime::Claims,
    protocol::{ArgumentError, Arguments, CompletionResult, Headers},
};

/// What a client tells of its logs.
const RESUME: &str = "hubs:resume";

#[derive(Clone)]
pub(super) struct ServerRole {
    runtime: Arc<HubRuntime>,
    caller: Arc<Caller>,
    begun: Begun,
    /// How often it has called, where that is limited.
    counts: Option<Arc<CallCounts>>,
}

impl ServerRole {
    pub(super) fn new(runtime: Arc<HubRuntime>, caller: Arc<Caller>) -> Self {
        let begun = runtime.meter.connected(caller.transport as usize, now);
        let counts = runtime.rates.start().map(Arc::new);
        Self { runtime, caller, begun, counts }
    }
}

impl ServerRole {
    /// Whether a call starts whose policy has to wait: not if the server has ended the connection meanwhile.
    fn waits(&self, asked: BoxFuture<bool>) -> BoxFuture<bool> {
        let (peer, counters) = (Arc::clone(&self.caller.peer), Arc::clone(&self.runtime.core.counters));
        Box::pin(async move {
            let starts = asked.await && peer.outbox.ended().is_none();
            if !starts {
                counters.call_refused();
            }
            starts
        })
    }
}

impl Role for ServerRole {
    fn find(&self, target: &str) -> Option<usize> {
        self.runtime.invoker.find(target)
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.runtime.invoker.method(index)
    }

    fn streams(&self, index: usize) -> usize {
        self.runtime.invoker.streams(index)
    }

    fn bind(&self, index: usize, number: u64, arguments: &mut CallArguments<'_>) -> Result<Bound, ArgumentError> {
        self.runtime.invoker.bind(index, &self.caller, number, arguments)
    }

    fn authorise(
        &self,
        method: &'static MethodDescriptor,
        arguments: &Arguments<'_>,
    ) -> Result<Option<BoxFuture<bool>>, Box<Refusal>> {
        let Some(required) = method.requirement.as_ref() else { return Ok(None) };
        match self.caller.may_call(required, method, arguments) {
            Decision::Now(true) => Ok(None),
            Decision::Now(false) => Err(Box::new(Refusal::Unauthorized)),
            Decision::Later(asked) => Ok(Some(self.waits(asked))),
        }
    }

    fn told(&self, target: &str, arguments: &mut Arguments<'_>) -> bool {
        if target != RESUME || arguments.len() != 2 {
            return false;
        }
        let mut claims = || Some(Claims::new(arguments.take().ok()?, arguments.take().ok()?));
        let claims = claims();
        if claims.is_none() {
            tracing::debug!(connection = %self.caller.peer.id, "what the client says of its logs cannot be read");
        }
        self.runtime.core.lifetime.resume(&self.caller.peer.id, claims.unwrap_or_default());
        arguments.skip_rest().is_ok()
    }

    fn answered(&self, id: &str, result: &CompletionResult<'_>, headers: Headers<'_>) -> Result<bool, DisconnectError> {
        let (core, peer) = (&self.runtime.core, &self.caller.peer);
        let taken = match core.lifetime.result_number(id) {
            None => core.lifetime.forward_answer(id, peer, result, headers),
            Some(number) => {
                let format = peer.protocol.payload_format();
                core.pending.finish(number, &peer.id, InvokeError::of_completion(format, result, headers))
            }
        };
        match taken {
            Ok(()) => Ok(true),
            Err(Unexpected::Unknown) => Ok(false),
            Err(Unexpected::NotAsked) => {
                let text = "it answered a call that was made to another connection".to_owned();
                Err(DisconnectError::Protocol(text))
            }
        }
    }

    fn awaits_answer(&self) -> bool {
        let (core, id) = (&self.runtime.core, &self.caller.peer.id);
        core.pending.awaits(id) || core.lifetime.owes_answers(id)
    }

    fn connect(&self) -> Option<BoxFuture<HubResult<()>>> {
        Some(self.runtime.invoker.on_connected(&self.caller))
    }

    fn gone(&self) {
        self.runtime.core.lifetime.client_gone(&self.caller.peer.id);
        self.runtime.core.pending.disconnected(&self.caller.peer.id);
    }

    fn disconnected(&self, error: Option<DisconnectError>) -> Option<BoxFuture<()>> {
        Some(self.runtime.invoker.on_disconnected(&self.caller, error))
    }

    fn left(&self) {
        self.runtime.core.lifetime.disconnect(&self.caller.peer);
        self.runtime.core.pending.disconnected(&self.caller.peer.id);
        self.runtime.core.guarded.forget_all(&self.caller.peer.id);
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

    fn closed(&self, end: &End) {
        self.runtime.meter.disconnected(self.begun, end.reason(), now);
    }

    fn count_call(&self, index: usize) -> Result<(), Box<Refusal>> {
        let Some(counts) = &self.counts else { return Ok(()) };
        counts.count(index).map_err(|limit| Box::new(Refusal::TooOften(limit)))
    }

    fn hub(&self) -> &str {
        &self.runtime.core.name
    }

    fn call_begins(&self, index: usize) -> Begun {
        self.runtime.meter.call(index, now)
    }

    fn call_answered(&self, begun: Begun, outcome: CallOutcome) {
        self.runtime.meter.answered(begun, outcome, now);
    }

    fn count_refused(&self) {
        self.runtime.core.counters.call_refused();
    }

    fn address(&self) -> Option<SocketAddr> {
        super::address(&self.caller.request)
    }
}

/// Tokio's time, which tests can pause.
fn now() -> std::time::Instant {
    tokio::time::Instant::now().into_std()
}
