//! The caller's half: a proxy over anything that can send and invoke.

use std::{fmt, marker::PhantomData, sync::Arc};

use super::{BoxFuture, HubOutput, Returns};
use crate::{
    ids::HubResult,
    invocation::{InvokeError, SendError},
    protocol::{Payload, RawPayload},
};

/// Something that can carry a call to a peer, or to many.
pub trait Outlet: Send + Sync {
    /// Sends and does not wait for the peer. `Ok` means queued.
    fn send(&self, method: &'static str, arguments: &[&dyn Payload]) -> BoxFuture<Result<(), SendError>>;
    /// Calls and waits for the answer. Dropping the future gives the answer up.
    fn invoke(&self, method: &'static str, arguments: &[&dyn Payload]) -> BoxFuture<Result<RawPayload, InvokeError>>;
    /// Whether a method that gives nothing back is waited for: yes towards a hub, no towards clients.
    fn waits_for_unit(&self) -> bool;
}

/// How many peers a proxy speaks to: [`Single`] or [`Many`].
pub trait Addressing: fmt::Debug + Send + Sync + 'static {
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
    /// What the method gives back.
    type Output;
    /// Makes the call.
    fn call(
        proxy: &Proxy<Self>,
        method: &'static str,
        arguments: &[&dyn Payload],
    ) -> BoxFuture<Result<Self::Output, Self::Error>>;
}

/// What a proxy method gives: the method's output, or the error of this way of addressing.
pub type Asked<S, R> = Result<<S as Answers<R>>::Output, <S as Addressing>::Error>;

#[diagnostic::do_not_recommend]
impl<R: Returns<Output: HubOutput>> Answers<R> for Single {
    type Output = R::Output;

    fn call(
        proxy: &Proxy<Self>,
        method: &'static str,
        arguments: &[&dyn Payload],
    ) -> BoxFuture<Result<R::Output, InvokeError>> {
        if R::Output::is_unit() && !proxy.outlet.waits_for_unit() {
            let sent = proxy.outlet.send(method, arguments);
            return Box::pin(async move {
                sent.await?;
                Ok(unit())
            });
        }
        let answer = proxy.outlet.invoke(method, arguments);
        Box::pin(async move {
            R::Output::from_result(&answer.await?).map_err(|error| InvokeError::Result(error.to_string()))
        })
    }
}

#[diagnostic::do_not_recommend]
impl Answers<HubResult<()>> for Many {
    type Output = ();

    fn call(proxy: &Proxy<Self>, method: &'static str, arguments: &[&dyn Payload]) -> BoxFuture<Result<(), SendError>> {
        proxy.outlet.send(method, arguments)
    }
}

/// The `()` that an output of type `()` is, without asking the type system to see it.
fn unit<Output: HubOutput>() -> Output {
    let null = RawPayload::new(crate::protocol::PayloadFormat::Json, bytes::Bytes::from_static(b"null"));
    Output::from_result(&null).expect("`()` reads from null")
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

    /// Calls `method`, which returns `R`: encodes the arguments now, waits when the future is polled.
    pub fn call<R>(
        &self,
        method: &'static str,
        arguments: &[&dyn Payload],
    ) -> BoxFuture<Result<S::Output, <S as Addressing>::Error>>
    where
        S: Answers<R>,
    {
        S::call(self, method, arguments)
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
