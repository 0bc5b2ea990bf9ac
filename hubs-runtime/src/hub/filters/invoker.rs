//! A hub with filters around it, in the place of the hub's own invoker. Which of the two serves a hub is decided once, when
//! the hub starts.

use std::sync::Arc;

use super::{ConnectNext, DisconnectNext, ErasedFilter, HubInvocationContext, HubLifetimeContext, InvokeNext};
use crate::{
    NoClient,
    call::{Bound, BoxFuture, CallArguments},
    contract::{MethodDescriptor, Requirement},
    hub::{Caller, HubCallerContext, HubInvoker, Phase},
    ids::{DisconnectError, HubResult},
    protocol::ArgumentError,
};

pub(super) struct FilteredInvoker {
    hub: Arc<dyn HubInvoker>,
    filters: Arc<[Arc<dyn ErasedFilter>]>,
}

impl FilteredInvoker {
    pub(super) fn new(hub: Arc<dyn HubInvoker>, filters: Arc<[Arc<dyn ErasedFilter>]>) -> Self {
        Self { hub, filters }
    }
}

fn context(caller: &Arc<Caller>, phase: Phase) -> HubLifetimeContext {
    let hub = Arc::clone(&caller.core.name);
    HubLifetimeContext { hub, caller: HubCallerContext::<NoClient>::new(Arc::clone(caller), phase) }
}

impl HubInvoker for FilteredInvoker {
    fn name(&self) -> &'static str {
        self.hub.name()
    }

    fn requirement(&self) -> Option<&'static Requirement> {
        self.hub.requirement()
    }

    fn methods(&self) -> &'static [MethodDescriptor] {
        self.hub.methods()
    }

    fn find(&self, target: &str) -> Option<usize> {
        self.hub.find(target)
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.hub.method(index)
    }

    fn streams(&self, index: usize) -> usize {
        self.hub.streams(index)
    }

    /// Nothing of a filter runs in here: the call may still be refused.
    fn bind(
        &self,
        index: usize,
        caller: &Arc<Caller>,
        number: u64,
        arguments: &mut CallArguments<'_>,
    ) -> Result<Bound, ArgumentError> {
        let kept = arguments.kept();
        let mut connection = context(caller, Phase::Call(number));
        connection.caller = connection.caller.with_headers(arguments.headers());
        let call = self.hub.bind(index, caller, number, arguments)?;
        let context = HubInvocationContext { connection, method: self.hub.method(index), arguments: kept };
        let filters = Arc::clone(&self.filters);
        Ok(Bound::around(async move { InvokeNext { filters: &filters, context: &context, call }.run().await }))
    }

    fn on_connected(&self, caller: &Arc<Caller>) -> BoxFuture<HubResult<()>> {
        let hook = self.hub.on_connected(caller);
        let (filters, context) = (Arc::clone(&self.filters), context(caller, Phase::Connecting));
        Box::pin(async move { ConnectNext { filters: &filters, context: &context, hook }.run().await })
    }

    fn on_disconnected(&self, caller: &Arc<Caller>, error: Option<DisconnectError>) -> BoxFuture<()> {
        let hook = self.hub.on_disconnected(caller, error.clone());
        let (filters, context) = (Arc::clone(&self.filters), context(caller, Phase::Disconnecting));
        Box::pin(async move {
            let error = error.as_ref();
            DisconnectNext { filters: &filters, context: &context, error, hook }.run().await;
        })
    }
}
