//! From a call that came in to a bound future: find the method, check the count, decode the arguments.

use std::{marker::PhantomData, sync::Arc};

use super::{Caller, HubCallerContext, Phase};
use crate::{
    call::{Bound, BoxFuture, CallArguments, HubInterface, Lifecycle, MethodTable},
    contract::MethodDescriptor,
    ids::{DisconnectError, HubResult},
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
    /// Decodes the arguments. Runs user code (`Deserialize`), so it may panic.
    fn bind(
        &self,
        index: usize,
        caller: &Arc<Caller>,
        number: u64,
        arguments: Arguments<'_>,
    ) -> Result<Bound, BindError>;
    /// The hub's hook.
    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>>;
    /// The hub's hook.
    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()>;
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

    fn bind(
        &self,
        index: usize,
        caller: &Arc<Caller>,
        number: u64,
        mut arguments: Arguments<'_>,
    ) -> Result<Bound, BindError> {
        let params = self.table.get(index).params;
        let (given, expected) = (arguments.len(), params.len());
        if given > expected {
            arguments.skip_rest().map_err(|error| BindError::Malformed(error.to_string()))?;
            return Err(BindError::Count { given, expected });
        }
        let context = HubCallerContext::new(Arc::clone(caller), Phase::Call(number));
        let call = C::CALLS[index];
        call(Arc::clone(&self.hub), context, &mut CallArguments::new(arguments)).map_err(|error| match error {
            ArgumentError::Missing { .. } => BindError::Count { given, expected },
            ArgumentError::Mismatch { index, detail } => BindError::Mismatch { parameter: params[index].name, detail },
            ArgumentError::Malformed { detail, .. } => BindError::Malformed(detail),
        })
    }

    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>> {
        C::on_connected(Arc::clone(&self.hub), HubCallerContext::new(Arc::clone(caller), Phase::Connecting))
    }

    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()> {
        let context = HubCallerContext::new(Arc::clone(caller), Phase::Disconnecting);
        C::on_disconnected(Arc::clone(&self.hub), context, error)
    }
}
