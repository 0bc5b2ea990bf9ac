//! What the server may call on this client, its types forgotten.

use std::{marker::PhantomData, sync::Arc};

use crate::{
    call::{Bound, CallArguments, Dispatch, MethodTable},
    invocation::StreamOpener,
    protocol::{ArgumentError, Arguments},
};

pub(super) trait Handlers: Send + Sync + 'static {
    /// Finds the method and decodes the arguments. `None`: there is no such method.
    fn bind(
        &self,
        target: &str,
        arguments: Arguments<'_>,
        opener: &StreamOpener,
    ) -> Option<Result<Bound, ArgumentError>>;
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
    fn bind(
        &self,
        target: &str,
        arguments: Arguments<'_>,
        opener: &StreamOpener,
    ) -> Option<Result<Bound, ArgumentError>> {
        let call = C::CALLS[self.table.find(target)?];
        Some(call(Arc::clone(&self.client), (), &mut CallArguments::new(arguments, &[], opener)))
    }
}
