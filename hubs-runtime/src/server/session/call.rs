//! A call that is pending, and the fence around user code: a panic costs the call, not the process.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::FutureExt;

use crate::{
    call::{BoxFuture, Reply},
    contract::MethodDescriptor,
    ids::InvocationId,
};

/// What user code panicked with.
#[derive(Debug)]
pub(super) struct Panic(pub(super) String);

impl Panic {
    fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        Self(text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned()))
    }
}

/// Runs user code that may panic.
pub(super) fn fence<R>(code: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| Panic::new(&*payload))
}

/// A future of user code that may panic.
pub(super) fn caught<R: Send + 'static>(future: BoxFuture<R>) -> BoxFuture<Result<R, Panic>> {
    Box::pin(AssertUnwindSafe(future).catch_unwind().map(|done| done.map_err(|payload| Panic::new(&*payload))))
}

/// A call that has been polled once and is not done.
pub(super) struct RunningCall {
    /// With an id the caller waits for the completion.
    pub(super) id: Option<InvocationId>,
    pub(super) number: u64,
    pub(super) method: &'static MethodDescriptor,
    pub(super) future: BoxFuture<Reply>,
}

/// How a call ended.
pub(super) struct Done {
    pub(super) id: Option<InvocationId>,
    pub(super) number: u64,
    pub(super) method: &'static MethodDescriptor,
    pub(super) reply: Result<Reply, Panic>,
}

impl Future for RunningCall {
    type Output = Done;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Done> {
        let polled = fence(|| self.future.as_mut().poll(cx));
        let reply = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(reply)) => Ok(reply),
            Err(panic) => Err(panic),
        };
        Poll::Ready(Done { id: self.id.take(), number: self.number, method: self.method, reply })
    }
}
