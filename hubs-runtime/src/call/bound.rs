//! One call that has been bound: first the method's future, then, in the same allocation, the value that it returned; and a
//! call with something around it.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{BoxFuture, HubOutput, ItemSource, Returns};
use crate::{
    ids::{HubError, HubResult},
    protocol::Payload,
};

/// A call whose arguments are bound. It starts when it is polled first.
pub struct Bound(Pin<Box<dyn Calling>>);

/// What a method returned.
pub(crate) enum Reply {
    /// A value, which [`Bound::value`] holds.
    Value,
    /// A stream of values, to be written one by one.
    Stream(Box<dyn ItemSource>),
    /// An error.
    Error(HubError),
}

/// A call and its value, their types erased.
trait Calling: Send {
    fn poll_call(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply>;
    /// The value, once the call has ended with one; before that nothing.
    fn value(&self) -> &dyn Payload;
}

pin_project_lite::pin_project! {
    #[project = CallProjection]
    enum Call<F, V> {
        Running { #[pin] method: F },
        Done { value: V },
        Over,
    }
}

impl<F, R> Calling for Call<F, <R::Output as HubOutput>::Value>
where
    F: Future<Output = R> + Send,
    R: Returns<Output: HubOutput>,
{
    fn poll_call(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let CallProjection::Running { method } = self.as_mut().project() else { return Poll::Pending };
        let result = ready!(method.poll(cx)).into_result();
        let (next, reply) = match result.map(HubOutput::into_parts) {
            Ok(Ok(value)) => (Self::Done { value }, Reply::Value),
            Ok(Err(source)) => (Self::Over, Reply::Stream(source)),
            Err(error) => (Self::Over, Reply::Error(error)),
        };
        self.set(next);
        Poll::Ready(reply)
    }

    fn value(&self) -> &dyn Payload {
        match self {
            Self::Done { value } => value,
            Self::Running { .. } | Self::Over => &(),
        }
    }
}

/// What a method returned, which a filter passes on: a value, or a stream whose items follow.
pub struct Returned(Kept);

enum Kept {
    /// The call, which holds the value.
    Value(Bound),
    Stream(Box<dyn ItemSource>),
}

impl Returned {
    /// Whether it is a stream, which has begun and of which no item has been sent.
    pub fn is_stream(&self) -> bool {
        matches!(self.0, Kept::Stream(_))
    }
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_stream() { "Returned(stream)" } else { "Returned(value)" })
    }
}

pin_project_lite::pin_project! {
    /// A call inside of what was put around it.
    #[project = AroundProjection]
    enum Around<F> {
        Running { #[pin] future: F },
        Done { call: Bound },
        Over,
    }
}

impl<F: Future<Output = HubResult<Returned>> + Send> Calling for Around<F> {
    fn poll_call(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let AroundProjection::Running { future } = self.as_mut().project() else { return Poll::Pending };
        let (next, reply) = match ready!(future.poll(cx)) {
            Ok(Returned(Kept::Value(call))) => (Self::Done { call }, Reply::Value),
            Ok(Returned(Kept::Stream(source))) => (Self::Over, Reply::Stream(source)),
            Err(error) => (Self::Over, Reply::Error(error)),
        };
        self.set(next);
        Poll::Ready(reply)
    }

    fn value(&self) -> &dyn Payload {
        match self {
            Self::Done { call } => call.value(),
            Self::Running { .. } | Self::Over => &(),
        }
    }
}

/// A call whose reply is there already.
struct Replied(Option<Reply>);

impl Calling for Replied {
    fn poll_call(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Reply> {
        self.0.take().map_or(Poll::Pending, Poll::Ready)
    }

    fn value(&self) -> &dyn Payload {
        &()
    }
}

/// A call that begins once it is known that it may.
struct Permitted {
    /// Taken when it has said yes.
    decision: Option<BoxFuture<bool>>,
    call: Bound,
}

impl Calling for Permitted {
    fn poll_call(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        if let Some(decision) = &mut self.decision {
            if !ready!(decision.as_mut().poll(cx)) {
                return Poll::Ready(Reply::Error(HubError::unauthorized()));
            }
            self.decision = None;
        }
        self.call.poll(cx)
    }

    fn value(&self) -> &dyn Payload {
        self.call.value()
    }
}

/// A call whose stream is replaced by another.
struct Mapped<F> {
    call: Bound,
    map: Option<F>,
}

impl<F> Calling for Mapped<F>
where
    F: FnOnce(Box<dyn ItemSource>) -> Box<dyn ItemSource> + Send + Unpin,
{
    fn poll_call(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let reply = ready!(self.call.poll(cx));
        Poll::Ready(match (reply, self.map.take()) {
            (Reply::Stream(source), Some(map)) => Reply::Stream(map(source)),
            (reply, _) => reply,
        })
    }

    fn value(&self) -> &dyn Payload {
        self.call.value()
    }
}

impl Bound {
    /// Wraps the future of a method.
    pub fn new<R: Returns<Output: HubOutput>>(method: impl Future<Output = R> + Send + 'static) -> Self {
        Self(Box::pin(Call::Running { method }))
    }

    /// A call that streams from `source` at once.
    pub(crate) fn streaming(source: Box<dyn ItemSource>) -> Self {
        Self(Box::pin(Replied(Some(Reply::Stream(source)))))
    }

    /// A call that has failed.
    pub(crate) fn failed(error: HubError) -> Self {
        Self(Box::pin(Replied(Some(Reply::Error(error)))))
    }

    /// Begins when `decision` has said yes; otherwise the call is refused, since the user may not make it.
    pub(crate) fn after(self, decision: BoxFuture<bool>) -> Self {
        Self(Box::pin(Permitted { decision: Some(decision), call: self }))
    }

    /// Replaces the stream that the method returns.
    pub(crate) fn map_stream(
        self,
        map: impl FnOnce(Box<dyn ItemSource>) -> Box<dyn ItemSource> + Send + Unpin + 'static,
    ) -> Self {
        Self(Box::pin(Mapped { call: self, map: Some(map) }))
    }

    /// A call that runs others: its future runs them with [`Bound::run`].
    pub(crate) fn around(future: impl Future<Output = HubResult<Returned>> + Send + 'static) -> Self {
        Self(Box::pin(Around::Running { future }))
    }

    /// Runs the method to its end.
    pub(crate) async fn run(mut self) -> HubResult<Returned> {
        match poll_fn(|cx| self.poll(cx)).await {
            Reply::Value => Ok(Returned(Kept::Value(self))),
            Reply::Stream(source) => Ok(Returned(Kept::Stream(source))),
            Reply::Error(error) => Err(error),
        }
    }

    /// Runs the method. After it has returned, it stays pending.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Reply> {
        self.0.as_mut().poll_call(cx)
    }

    /// The value that the method returned.
    pub(crate) fn value(&self) -> &dyn Payload {
        self.0.value()
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bound(..)")
    }
}
