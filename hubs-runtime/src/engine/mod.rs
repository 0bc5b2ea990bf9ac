//! One connection from its handshake to its end, the same for both ends: it takes turns (read, handle, run, write), keeps
//! the calls in flight and the streams of both directions, fences user code, and ends the connection in order. It is the
//! only room that handles hub messages. What differs between a server and a client is their [`Role`].
//!
//! While something has to wait the engine goes on reading, up to a limit, and acts at once on what may overtake it. It
//! must not know hubs, groups, axum, or which transport carries its bytes.

mod admission;
mod calls;
mod connection;
mod dispatch;
mod ending;
mod fence;
mod parked;
mod reading;
mod report;
mod resuming;
mod running;
mod span;
#[cfg(all(test, feature = "testing"))]
mod tests;
mod texts;
mod turn;

use std::{net::SocketAddr, sync::Arc};

pub(crate) use admission::Refusal;
pub(crate) use connection::{Connection, Engine, Rules};
pub(crate) use report::Reports;
pub(crate) use resuming::Resumption;
pub(crate) use texts::{Side, Texts};
use tokio_util::sync::CancellationToken;

use crate::{
    call::{Bound, BoxFuture, CallArguments, Pump},
    connection::End,
    contract::MethodDescriptor,
    counters::{Begun, CallOutcome, CloseReason},
    ids::{DisconnectError, HubResult, InvocationId},
    invocation::IncomingStream,
    protocol::{ArgumentError, Arguments, CompletionResult, Headers},
};

/// What differs between the two ends of a connection.
pub(crate) trait Role: Clone + Send + Sync + 'static {
    /// Finds a method that the peer may call, by its name on the wire.
    fn find(&self, target: &str) -> Option<usize>;
    /// What the macros saw of a method.
    fn method(&self, index: usize) -> &'static MethodDescriptor;
    /// How many of a method's parameters are streams.
    fn streams(&self, index: usize) -> usize;
    /// Decodes the arguments of call `number`. Runs user code, so it may panic.
    fn bind(&self, index: usize, number: u64, arguments: &mut CallArguments<'_>) -> Result<Bound, ArgumentError>;

    /// Whether the peer is allowed to call `method`, which requires something: after the arguments are bound and before
    /// the method starts. May run user code, so it may panic. A future decides it where that takes time, and the call
    /// begins with it.
    fn authorise(
        &self,
        _method: &'static MethodDescriptor,
        _arguments: &Arguments<'_>,
    ) -> Result<Option<BoxFuture<bool>>, Box<Refusal>> {
        Ok(None)
    }

    /// Whether a call with these headers has come before, so that it is passed over.
    fn is_repeated(&self, _headers: Headers<'_>) -> bool {
        false
    }

    /// A call with these headers is about to run.
    fn taken(&self, _headers: Headers<'_>) {}

    /// Takes what the peer tells this library, which is no call of a method. `false`: it is none of that.
    fn told(&self, _target: &str, _arguments: &mut Arguments<'_>) -> bool {
        false
    }

    /// Takes an answer of the peer. `false`: no call of this id waits.
    fn answered(&self, id: &str, result: &CompletionResult<'_>, headers: Headers<'_>) -> Result<bool, DisconnectError>;
    /// Whether this end waits for an answer of the peer.
    fn awaits_answer(&self) -> bool;

    /// What was started outside of the engine since the last time.
    fn started(&self) -> Option<Started> {
        None
    }

    /// The connection is there. Returns the hook to run before any call starts.
    fn connect(&self) -> Option<BoxFuture<HubResult<()>>> {
        None
    }

    /// The socket is lost, and another may take over.
    fn socket_lost(&self) {}

    /// Another socket has taken over.
    fn socket_replaced(&self) {}

    /// The peer has left: what waits for its answers fails. May be called twice.
    fn gone(&self);

    /// The hook for the end of a connection whose first hook has returned `Ok`.
    fn disconnected(&self, _error: Option<DisconnectError>) -> Option<BoxFuture<()>> {
        None
    }

    /// The hooks have run, and the transport is to be closed: nothing finds this connection any more.
    fn left(&self);

    /// Whether the transport is closed in order, or dropped.
    fn closes(&self, _end: &End) -> bool {
        true
    }

    /// All is over.
    fn closed(&self, _end: &End) {}

    /// Runs calls that outlive their connection.
    fn outlive(&self, calls: BoxFuture<()>);
    /// Ends all connections of this end.
    fn shutdown(&self) -> CancellationToken;
    /// Writes to the log which connections had to be closed.
    fn reports(&self) -> &Reports;
    /// Counts the end of a connection.
    fn count_closed(&self, _reason: CloseReason) {}
    /// Counts a call of the method with this index, unless the peer has called too often.
    fn count_call(&self, _index: usize) -> Result<(), Box<Refusal>> {
        Ok(())
    }

    /// Counts a call that does not run.
    fn count_refused(&self) {}

    /// The name of the hub, for spans.
    fn hub(&self) -> &str {
        ""
    }

    /// A call of the method with this index begins.
    fn call_begins(&self, _index: usize) -> Begun {
        Begun::default()
    }

    /// It has been answered.
    fn call_answered(&self, _begun: Begun, _outcome: CallOutcome) {}

    /// The address of the peer, if known.
    fn address(&self) -> Option<SocketAddr> {
        None
    }
}

/// Streams that were started outside of the engine: those of the calls that a client makes.
#[derive(Default)]
pub(crate) struct Started {
    /// Streams of results that will come in.
    pub(crate) incoming: Vec<(InvocationId, Arc<IncomingStream>)>,
    /// Streams that go out.
    pub(crate) uploads: Vec<(InvocationId, Pump)>,
    /// Calls that are given up, and streams that are not read any more.
    pub(crate) cancelled: Vec<InvocationId>,
}
