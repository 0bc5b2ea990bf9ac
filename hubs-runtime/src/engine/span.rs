//! A `tracing` span for each call, where a subscriber wants it: target `hubs::call`, level debug. Where none does it takes
//! no memory.

use tracing::{Span, field};

use super::{Engine, Role, admission::Asked};
use crate::counters::CallOutcome;

/// The header in which a caller passes its trace on, as W3C Trace Context defines it.
const TRACEPARENT: &str = "traceparent";

/// The span of one call, if it is wanted. It ends when this is dropped.
#[derive(Debug, Default)]
pub(super) struct CallSpan(Option<Box<Span>>);

impl CallSpan {
    #[inline]
    pub(super) fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Runs this within the span.
    pub(super) fn in_scope<T>(&self, run: impl FnOnce() -> T) -> T {
        match &self.0 {
            None => run(),
            Some(span) => span.in_scope(run),
        }
    }

    /// How the call has ended.
    pub(super) fn record(&self, outcome: CallOutcome) {
        if let Some(span) = &self.0 {
            span.record("outcome", outcome.as_str());
        }
    }
}

impl<R: Role> Engine<R> {
    pub(super) fn call_span(&self, asked: &Asked<'_>) -> CallSpan {
        let (hub, method) = (self.role.hub(), asked.method.name);
        let span = tracing::debug_span!(
            target: "hubs::call",
            "hub.call",
            otel.name = %format_args!("{hub}/{method}"),
            otel.kind = "server",
            rpc.system = "signalr",
            rpc.service = hub,
            rpc.method = method,
            connection = %self.peer.id,
            traceparent = asked.headers().get(TRACEPARENT).as_deref(),
            outcome = field::Empty,
        );
        CallSpan((!span.is_disabled()).then(|| Box::new(span)))
    }
}
