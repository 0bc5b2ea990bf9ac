//! A hub and its contract, their types erased.

use std::{marker::PhantomData, sync::Arc};

use super::{Caller, HubCallerContext, Phase};
use crate::{
    call::{Bound, BoxFuture, CallArguments, HubInterface, Lifecycle, MethodTable},
    contract::{Flow, MethodDescriptor, Requirement},
    ids::{DisconnectError, HubResult},
    protocol::ArgumentError,
};

/// A hub, its types erased.
pub(crate) trait HubInvoker: Send + Sync + 'static {
    /// The name of the hub.
    fn name(&self) -> &'static str;
    /// Who may connect; `None` for everyone.
    fn requirement(&self) -> Option<&'static Requirement>;
    /// All methods.
    fn methods(&self) -> &'static [MethodDescriptor];
    /// Finds a method by its name on the wire.
    fn find(&self, target: &str) -> Option<usize>;
    /// What the macros saw of a method.
    fn method(&self, index: usize) -> &'static MethodDescriptor;
    /// How many of a method's parameters are streams.
    fn streams(&self, index: usize) -> usize;
    /// Decodes the arguments and opens the streams of call `number`. Runs user code (`Deserialize`), so it may panic.
    fn bind(
        &self,
        index: usize,
        caller: &Arc<Caller>,
        number: u64,
        arguments: &mut CallArguments<'_>,
    ) -> Result<Bound, ArgumentError>;
    /// The hub's hook.
    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>>;
    /// The hub's hook.
    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()>;
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

    fn requirement(&self) -> Option<&'static Requirement> {
        const { &C::DESCRIPTOR.requirement }.as_ref()
    }

    fn methods(&self) -> &'static [MethodDescriptor] {
        C::DESCRIPTOR.methods
    }

    fn find(&self, target: &str) -> Option<usize> {
        self.table.find(target)
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.table.get(index)
    }

    fn streams(&self, index: usize) -> usize {
        self.table.streams(index)
    }

    fn bind(
        &self,
        index: usize,
        caller: &Arc<Caller>,
        number: u64,
        arguments: &mut CallArguments<'_>,
    ) -> Result<Bound, ArgumentError> {
        let headers = arguments.headers();
        let context = HubCallerContext::new(Arc::clone(caller), Phase::Call(number)).with_headers(headers);
        let bound = C::CALLS[index](Arc::clone(&self.hub), context, arguments)?;
        let streams = self.table.get(index).output.flow == Flow::Stream;
        Ok(if streams { caller.resume(self.table.get(index), index, headers, bound) } else { bound })
    }

    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>> {
        C::on_connected(Arc::clone(&self.hub), HubCallerContext::new(Arc::clone(caller), Phase::Connecting))
    }

    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()> {
        let context = HubCallerContext::new(Arc::clone(caller), Phase::Disconnecting);
        C::on_disconnected(Arc::clone(&self.hub), context, error)
    }
}
