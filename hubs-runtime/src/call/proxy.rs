//! The caller's half: a proxy over anything that can send and invoke.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::{BoxFuture, HubOutput, OutgoingCall, Outlet, Returns};
use crate::{
    ids::HubResult,
    invocation::{InvokeError, SendError},
};

mod sealed {
    /// Only this crate implements it.
    pub trait Sealed {}

    impl Sealed for super::Single {}
    impl Sealed for super::Many {}
}

/// How many peers a proxy speaks to: [`Single`] or [`Many`]. Sealed: there are no others.
pub trait Addressing: sealed::Sealed + fmt::Debug + Send + Sync + 'static {
    /// What goes wrong: [`InvokeError`] where an answer may be waited for, else [`SendError`].
    type Error: std::error::Error + Send + Sync + 'static;
}

/// A proxy that speaks to one peer, which may be asked for a value.
#[derive(Debug, Clone, Copy)]
pub struct Single;

/// A proxy that speaks to any number of peers, none of which can be asked for a value.
#[derive(Debug, Clone, Copy)]
pub struct Many;

impl Addressing for Single {
    type Error = InvokeError;
}

impl Addressing for Many {
    type Error = SendError;
}

/// Whether peers addressed like this can answer a method that returns `R`, a `HubResult`.
///
/// It is about the whole return type, so that a generated proxy asks nothing else about it: what is wrong with the type
/// itself is said where the contract is made.
#[diagnostic::on_unimplemented(
    message = "only a single client can return a value",
    label = "this method asks for a value",
    note = "ask one client: `cx.clients().caller()` or `cx.clients().client(id)`"
)]
pub trait Answers<R>: Addressing + Sized {
    /// What the method returns.
    type Output;
    /// Makes the call.
    fn call(proxy: &Proxy<Self>, call: OutgoingCall<'_>) -> BoxFuture<Result<Self::Output, Self::Error>>;
}

/// What a proxy method gives: the method's output, or the error of this way of addressing.
pub type Asked<S, R> = Result<<S as Answers<R>>::Output, <S as Addressing>::Error>;

#[diagnostic::do_not_recommend]
impl<R: Returns<Output: HubOutput>> Answers<R> for Single {
    type Output = R::Output;

    fn call(proxy: &Proxy<Self>, call: OutgoingCall<'_>) -> BoxFuture<Result<R::Output, InvokeError>> {
        R::Output::ask(&*proxy.outlet, call)
    }
}

#[diagnostic::do_not_recommend]
impl Answers<HubResult<()>> for Many {
    type Output = ();

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

    /// Makes the call of a method that returns `R`: encodes the arguments now, waits when the future is polled.
    pub fn call<R>(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<S::Output, <S as Addressing>::Error>>
    where
        S: Answers<R>,
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
