//! The caller's half: a proxy over anything that can send and invoke.

use std::{fmt, future::Future, marker::PhantomData, sync::Arc};

use super::{BoxFuture, HubOutput, OutgoingCall, Outlet, Returns};
use crate::invocation::{InvokeError, SendError};

/// How many peers a proxy speaks to: [`Single`] or [`Many`].
pub trait Addressing: fmt::Debug + Send + Sync + 'static {}

/// A proxy that speaks to one peer, which may be asked for a value.
#[derive(Debug, Clone, Copy)]
pub struct Single;

/// A proxy that speaks to any number of peers, none of which can be asked for a value.
#[derive(Debug, Clone, Copy)]
pub struct Many;

impl Addressing for Single {}
impl Addressing for Many {}

/// Whether peers addressed like this can give back an `Output`.
#[diagnostic::on_unimplemented(
    message = "only a single client can return a value",
    label = "this method asks for a value",
    note = "ask one client: `cx.clients().caller()` or `cx.clients().client(id)`"
)]
pub trait Answers<Output>: Addressing + Sized {
    /// What goes wrong: [`InvokeError`] where an answer may be waited for, else [`SendError`].
    type Error: std::error::Error + Send + Sync + 'static;
    /// Makes the call.
    fn call(proxy: &Proxy<Self>, call: OutgoingCall<'_>) -> BoxFuture<Result<Output, Self::Error>>;
}

/// What a proxy method gives: the method's output, or the error of this way of addressing.
pub type Asked<S, R> = Result<<R as Returns>::Output, <S as Answers<<R as Returns>::Output>>::Error>;

impl<Output: HubOutput> Answers<Output> for Single {
    type Error = InvokeError;

    fn call(proxy: &Proxy<Self>, call: OutgoingCall<'_>) -> BoxFuture<Result<Output, InvokeError>> {
        Output::ask(&*proxy.outlet, call)
    }
}

impl Answers<()> for Many {
    type Error = SendError;

    fn call(proxy: &Proxy<Self>, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>> {
        proxy.outlet.send(call)
    }
}

/// What generated proxies wrap.
pub struct Proxy<S> {
    outlet: Arc<dyn Outlet>,
    addressing: PhantomData<S>,
}

impl<S: Addressing> Proxy<S> {
    /// Speaks through `outlet`.
    pub fn new(outlet: Arc<dyn Outlet>) -> Self {
        Self { outlet, addressing: PhantomData }
    }

    /// Makes the call: encodes the arguments now, waits when the future is polled.
    pub fn call<Output>(
        &self,
        call: OutgoingCall<'_>,
    ) -> impl Future<Output = Result<Output, S::Error>> + Send + use<S, Output>
    where
        S: Answers<Output>,
        Output: 'static,
    {
        S::call(self, call)
    }
}

impl<S> Clone for Proxy<S> {
    fn clone(&self) -> Self {
        Self { outlet: Arc::clone(&self.outlet), addressing: PhantomData }
    }
}

impl<S: Addressing> fmt::Debug for Proxy<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").finish_non_exhaustive()
    }
}
