//! A call that is pending, and the fence around user code: a panic costs the call, not the process.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::{FutureExt, task::AtomicWaker};

use crate::{
    call::{Bound, BoxFuture, Pump, PumpError, Reply},
    connection::Peer,
    contract::MethodDescriptor,
    ids::InvocationId,
};

/// What user code panicked with.
#[derive(Debug)]
pub(super) struct Panic(pub(super) String);

impl Panic {
    pub(super) fn new(payload: &(dyn Any + Send)) -> Self {
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

/// What a call is, besides what it does.
#[derive(Debug)]
pub(super) struct CallInfo {
    /// With an id the caller waits for the completion.
    pub(super) id: Option<InvocationId>,
    pub(super) number: u64,
    pub(super) method: &'static MethodDescriptor,
    /// The streams that the caller sends with it.
    pub(super) uploads: Vec<InvocationId>,
}

/// A call that has been polled once and is not done, or whose results are being streamed.
pub(super) struct RunningCall {
    /// Taken when it is done.
    pub(super) info: Option<CallInfo>,
    pub(super) work: Work,
    pub(super) cancel: Arc<Cancel>,
    pub(super) peer: Arc<Peer>,
}

/// What a running call does.
pub(super) enum Work {
    Method(Bound),
    Stream(Pump),
}

/// The handle by which a call is cancelled.
#[derive(Debug, Default)]
pub(super) struct Cancel {
    cancelled: AtomicBool,
    call: AtomicWaker,
}

impl Cancel {
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.call.wake();
    }

    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.call.register(cx.waker());
        if self.cancelled.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// How a call ended.
pub(super) enum Ending {
    Replied(Result<Reply, Panic>),
    Streamed(Result<(), StreamFailure>),
    /// The caller gave up: what was running is dropped.
    Cancelled,
}

pub(super) enum StreamFailure {
    Pump(PumpError),
    Panic(Panic),
}

impl Future for RunningCall {
    type Output = (CallInfo, Ending);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ending = if self.cancel.poll(cx).is_ready() { Poll::Ready(Ending::Cancelled) } else { self.poll_work(cx) };
        ending.map(|ending| (self.info.take().expect("a future is not polled after its end"), ending))
    }
}

impl RunningCall {
    /// Drops a stream of results soon, whoever waits for them.
    pub(super) fn end_stream(&mut self) {
        if let Work::Stream(_) = self.work {
            self.cancel.cancel();
        }
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        if let Work::Method(method) = &mut self.work {
            let source = match fence(|| Pin::new(method).poll(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Reply::Stream(source))) => source,
                Ok(Poll::Ready(reply)) => return Poll::Ready(Ending::Replied(Ok(reply))),
                Err(panic) => return Poll::Ready(Ending::Replied(Err(panic))),
            };
            let Some(id) = self.info.as_ref().and_then(|info| info.id.clone()) else {
                return Poll::Ready(Ending::Streamed(Ok(())));
            };
            self.work = Work::Stream(Pump::new(id, source, Arc::clone(&self.peer)));
        }
        let Work::Stream(pump) = &mut self.work else { return Poll::Pending };
        match fence(|| Pin::new(pump).poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Ending::Streamed(done.map_err(StreamFailure::Pump))),
            Err(panic) => Poll::Ready(Ending::Streamed(Err(StreamFailure::Panic(panic)))),
        }
    }
}
