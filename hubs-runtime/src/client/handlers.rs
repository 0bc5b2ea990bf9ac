//! What the server may call on this client, its types erased.

use std::{marker::PhantomData, sync::Arc};

use crate::{
    call::{Bound, CallArguments, Dispatch, MethodTable},
    contract::MethodDescriptor,
    ids::Delivery,
    protocol::ArgumentError,
};

pub(super) trait Handlers: Send + Sync + 'static {
    /// Finds a method by its name on the wire.
    fn find(&self, target: &str) -> Option<usize>;
    /// What the macros saw of a method.
    fn method(&self, index: usize) -> &'static MethodDescriptor;
    /// Whether the server keeps some of them in logs, so that it is told how far this client has read.
    fn are_durable(&self) -> bool;
    /// Decodes the arguments. Runs user code, so it may panic.
    fn bind(&self, index: usize, arguments: &mut CallArguments<'_>) -> Result<Bound, ArgumentError>;
}

/// The client interface `C`, implemented by `H`.
pub(super) struct TypedHandlers<H, C> {
    client: Arc<H>,
    table: MethodTable,
    contract: PhantomData<fn() -> C>,
}

impl<H: Send + Sync + 'static, C: Dispatch<H, Context = ()>> TypedHandlers<H, C> {
    pub(super) fn new(client: H) -> Self {
        Self { client: Arc::new(client), table: MethodTable::new(C::DESCRIPTOR.methods), contract: PhantomData }
    }
}

impl<H: Send + Sync + 'static, C: Dispatch<H, Context = ()>> Handlers for TypedHandlers<H, C> {
    fn find(&self, target: &str) -> Option<usize> {
        self.table.find(target)
    }

    fn method(&self, index: usize) -> &'static MethodDescriptor {
        self.table.get(index)
    }

    fn are_durable(&self) -> bool {
        C::DESCRIPTOR.methods.iter().any(|method| method.delivery == Delivery::Durable)
    }

    fn bind(&self, index: usize, arguments: &mut CallArguments<'_>) -> Result<Bound, ArgumentError> {
        C::CALLS[index](Arc::clone(&self.client), (), arguments)
    }
}
