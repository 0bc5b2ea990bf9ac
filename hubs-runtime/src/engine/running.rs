//! A call that is pending, or whose results are being streamed.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;

use super::{
    fence::{Panic, drop_fenced, fence},
    span::CallSpan,
};
use crate::{
    call::{Bound, Fault, Pump, Reply},
    connection::Peer,
    contract::MethodDescriptor,
    counters::{Begun, CallOutcome},
    ids::InvocationId,
};

/// What a call is, besides what it does.
#[derive(Debug)]
pub(super) struct CallInfo {
    /// With an id the caller waits for the completion.
    pub(super) id: Option<InvocationId>,
    pub(super) number: u64,
    /// What runs, `None` for a stream that this end uploads.
    pub(super) method: Option<&'static MethodDescriptor>,
    /// The streams that the caller sends with it.
    pub(super) uploads: Vec<InvocationId>,
    /// Whether it is found by its id to be cancelled.
    pub(super) cancellable: bool,
    pub(super) begun: Begun,
    pub(super) span: CallSpan,
}

/// A call that has been polled once and is not done, or a stream that goes out.
pub(super) struct RunningCall {
    /// Taken when it is done.
    info: Option<CallInfo>,
    work: Option<Work>,
    /// Where the call can be cancelled.
    cancel: Option<Arc<Cancel>>,
    peer: Arc<Peer>,
}

/// What a running call does.
pub(super) enum Work {
    Method(Bound),
    Stream(Pump),
}

/// How a call ended.
pub(super) enum Ended {
    /// With a value, which the bound call holds.
    Value(Bound),
    /// Its stream is over, or it was given up with its connection.
    Streamed,
    /// Its caller cancelled it.
    Cancelled,
    Failed(Fault),
    StreamFailed(Fault),
}

impl Ended {
    /// As what it is counted.
    pub(super) fn outcome(&self) -> CallOutcome {
        match self {
            Self::Value(_) | Self::Streamed => CallOutcome::Ok,
            Self::Cancelled => CallOutcome::Cancelled,
            Self::Failed(_) | Self::StreamFailed(_) => CallOutcome::Error,
        }
    }
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

impl RunningCall {
    pub(super) fn new(info: CallInfo, work: Work, cancel: Option<Arc<Cancel>>, peer: Arc<Peer>) -> Self {
        Self { info: Some(info), work: Some(work), cancel, peer }
    }

    /// Ends a stream that goes out, also one that has no item now and would not notice that its connection has ended.
    pub(super) fn end_stream(&self) {
        if let (Some(Work::Stream(_)), Some(cancel)) = (&self.work, &self.cancel) {
            cancel.cancel();
        }
    }

    fn poll_in_span(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        if self.info.as_ref().is_none_or(|info| info.span.is_none()) {
            return self.poll_work(cx);
        }
        let span = self.info.as_mut().map(|info| std::mem::take(&mut info.span)).unwrap_or_default();
        let polled = span.in_scope(|| self.poll_work(cx));
        if let Some(info) = &mut self.info {
            info.span = span;
        }
        polled
    }

    fn poll_work(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        if self.cancel.as_ref().is_some_and(|cancel| cancel.poll(cx).is_ready()) {
            return Poll::Ready(self.cancelled());
        }
        if let Some(Work::Method(method)) = &mut self.work {
            let source = match fence(|| method.poll(cx)) {
                Ok(Poll::Pending) => return Poll::Pending,
                Ok(Poll::Ready(Reply::Value)) => return Poll::Ready(self.returned()),
                Ok(Poll::Ready(Reply::Error(error))) => return Poll::Ready(Ended::Failed(Fault::Error(error))),
                Ok(Poll::Ready(Reply::Stream(source))) => source,
                Err(Panic(text)) => return Poll::Ready(Ended::Failed(Fault::Panic(text))),
            };
            let Some(id) = self.info.as_ref().and_then(|info| info.id.clone()) else {
                return Poll::Ready(drop_fenced(source).map_or_else(stream_panicked, |()| Ended::Streamed));
            };
            self.work = Some(Work::Stream(Pump::new(id, source, Arc::clone(&self.peer))));
        }
        let Some(Work::Stream(pump)) = &mut self.work else { return Poll::Pending };
        match fence(|| Pin::new(pump).poll(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Ok(()))) => Poll::Ready(Ended::Streamed),
            Ok(Poll::Ready(Err(fault))) => Poll::Ready(Ended::StreamFailed(fault)),
            Err(panic) => Poll::Ready(stream_panicked(panic)),
        }
    }

    fn returned(&mut self) -> Ended {
        match self.work.take() {
            Some(Work::Method(bound)) => Ended::Value(bound),
            _ => Ended::Streamed,
        }
    }

    /// Drops what runs.
    fn cancelled(&mut self) -> Ended {
        let was_stream = matches!(self.work, Some(Work::Stream(_)));
        match drop_fenced(self.work.take()) {
            Ok(()) if was_stream => Ended::Streamed,
            Ok(()) => Ended::Cancelled,
            Err(panic) if was_stream => stream_panicked(panic),
            Err(Panic(text)) => Ended::Failed(Fault::Panic(text)),
        }
    }
}

fn stream_panicked(Panic(text): Panic) -> Ended {
    Ended::StreamFailed(Fault::Panic(text))
}

impl Future for RunningCall {
    type Output = (CallInfo, Ended);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_in_span(cx).map(|ended| {
            // What is left of it is user code, too.
            let ended = match drop_fenced(self.work.take()) {
                Err(panic) if !matches!(ended, Ended::Failed(_) | Ended::StreamFailed(_)) => stream_panicked(panic),
                _ => ended,
            };
            (self.info.take().expect("a future is not polled after its end"), ended)
        })
    }
}

impl Drop for RunningCall {
    fn drop(&mut self) {
        let _ = drop_fenced(self.work.take());
    }
}
