//! From a call that came in to a bound future: find the method, check the count, decode the arguments.

use std::{borrow::Cow, marker::PhantomData, sync::Arc};

use super::{Caller, HubCallerContext, Phase};
use crate::{
    call::{Bound, BoxFuture, CallArguments, HubInterface, Lifecycle, MethodTable, OpenedStream},
    contract::{Flow, MethodDescriptor},
    ids::{DisconnectError, HubResult},
    invocation::StreamOpener,
    protocol::{ArgumentError, Arguments},
};

/// A hub whose types are forgotten.
pub(crate) trait HubInvoker: Send + Sync + 'static {
    /// The name of the hub.
    fn name(&self) -> &'static str;
    /// Finds a method by its name on the wire.
    fn find(&self, target: &str) -> Option<usize>;
    /// What the macros saw of a method.
    fn method(&self, index: usize) -> &'static MethodDescriptor;
    /// Decodes the arguments and opens the streams. Runs user code (`Deserialize`), so it may panic.
    fn bind(&self, index: usize, call: Incoming<'_>) -> Result<(Bound, Vec<OpenedStream>), BindError>;
    /// The hub's hook.
    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>>;
    /// The hub's hook.
    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()>;
}

/// A call to be bound.
pub(crate) struct Incoming<'a> {
    pub(crate) caller: &'a Arc<Caller>,
    pub(crate) number: u64,
    pub(crate) arguments: Arguments<'a>,
    pub(crate) stream_ids: &'a [Cow<'a, str>],
    pub(crate) opener: &'a StreamOpener,
    /// Whether its results are asked for one by one.
    pub(crate) streamed: bool,
}

/// Why a call does not start.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BindError {
    /// Too few or too many arguments.
    Count { given: usize, expected: usize },
    /// One is of the wrong type.
    Mismatch { parameter: &'static str, detail: String },
    /// One is no value at all: the connection cannot go on.
    Malformed(String),
    /// The method streams and the call does not ask for it, or the other way round.
    Mode { streams: bool },
    /// Too few or too many streams.
    Streams { given: usize, expected: usize },
    /// Two streams have one id, and only one of them would ever end.
    SameStream { id: String },
}

/// The hub `C`, implemented by `H`.
pub(crate) struct Invoker<H, C> {
    hub: Arc<H>,
    table: MethodTable,
    contract: PhantomData<fn() -> C>,
}

impl<H, C> Invoker<H, C>
where
    H: Send + Sync + 'static,
    C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
{
    pub(crate) fn new(hub: H) -> Self {
        Self { hub: Arc::new(hub), table: MethodTable::new(C::DESCRIPTOR.methods), contract: PhantomData }
    }
}

impl<H, C> HubInvoker for Invoker<H, C>
where
    H: Send + Sync + 'static,
    C: HubInterface + Lifecycle<H, Context = HubCallerContext<<C as HubInterface>::Client>>,
{
    fn name(&self) -> &'static str {
        C::DESCRIPTOR.name
    }

    fn find(&self, target: &str) -> Option<usize> {
        self.table.find(target)
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.table.get(index)
    }

    fn bind(&self, index: usize, call: Incoming<'_>) -> Result<(Bound, Vec<OpenedStream>), BindError> {
        let Incoming { caller, number, mut arguments, stream_ids, opener, streamed } = call;
        let method = self.table.get(index);
        let streams = self.table.streams(index);
        let (given, expected) = (arguments.len(), method.params.len() - streams);
        if given > expected {
            arguments.skip_rest().map_err(|error| BindError::Malformed(error.to_string()))?;
            return Err(BindError::Count { given, expected });
        }
        let context = HubCallerContext::new(Arc::clone(caller), Phase::Call(number));
        let mut arguments = CallArguments::new(arguments, stream_ids, opener);
        let bound = C::CALLS[index](Arc::clone(&self.hub), context, &mut arguments).map_err(|error| match error {
            ArgumentError::Missing { .. } => BindError::Count { given, expected },
            ArgumentError::Mismatch { index, detail } => {
                BindError::Mismatch { parameter: value_param(method, index), detail }
            }
            ArgumentError::Malformed { detail, .. } => BindError::Malformed(detail),
        })?;
        let method_streams = method.output.flow == Flow::Stream;
        if streamed != method_streams {
            return Err(BindError::Mode { streams: method_streams });
        }
        if stream_ids.len() != streams {
            return Err(BindError::Streams { given: stream_ids.len(), expected: streams });
        }
        if let Some((_, id)) = stream_ids.iter().enumerate().find(|(at, id)| stream_ids[..*at].contains(id)) {
            return Err(BindError::SameStream { id: id.to_string() });
        }
        Ok((bound, arguments.into_opened()))
    }

    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>> {
        C::on_connected(Arc::clone(&self.hub), HubCallerContext::new(Arc::clone(caller), Phase::Connecting))
    }

    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()> {
        let context = HubCallerContext::new(Arc::clone(caller), Phase::Disconnecting);
        C::on_disconnected(Arc::clone(&self.hub), context, error)
    }
}

/// The name of the parameter that takes the value of this index.
fn value_param(method: &MethodDescriptor, index: usize) -> &'static str {
    let mut values = method.params.iter().filter(|param| param.flow == Flow::Value);
    values.nth(index).map_or("?", |param| param.name)
}
