//! One call that has been bound: first the method's future, then, in the same allocation, the value that it gave.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{HubOutput, ItemSource, Returns};
use crate::{ids::HubError, protocol::Payload};

/// A call whose arguments are bound. It starts when it is polled.
pub struct Bound(Option<Pin<Box<dyn Calling>>>);

/// What a call ended with.
pub enum Reply {
    /// A value, to be written in the caller's protocol.
    Value(ReplyValue),
    /// A stream of values, to be written one by one.
    Stream(Box<dyn ItemSource>),
    /// An error.
    Error(HubError),
}

/// The value that a call gave, where its future was.
pub struct ReplyValue(Pin<Box<dyn Calling>>);

/// A call and its value, their types forgotten.
trait Calling: Send {
    fn poll_call(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended>;
    /// Nothing before the call has ended with a value.
    fn value(&self) -> &dyn Payload;
}

enum Ended {
    Value,
    Stream(Box<dyn ItemSource>),
    Error(HubError),
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
    fn poll_call(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let CallProjection::Running { method } = self.as_mut().project() else { return Poll::Pending };
        let result = ready!(method.poll(cx)).into_result();
        let (next, ended) = match result.map(HubOutput::into_parts) {
            Ok(Ok(value)) => (Self::Done { value }, Ended::Value),
            Ok(Err(source)) => (Self::Over, Ended::Stream(source)),
            Err(error) => (Self::Over, Ended::Error(error)),
        };
        self.set(next);
        Poll::Ready(ended)
    }

    fn value(&self) -> &dyn Payload {
        match self {
            Self::Done { value } => value,
            Self::Running { .. } | Self::Over => &(),
        }
    }
}

impl Bound {
    /// Wraps the future of a method.
    pub fn new<R: Returns<Output: HubOutput>>(method: impl Future<Output = R> + Send + 'static) -> Self {
        Self(Some(Box::pin(Call::Running { method })))
    }
}

impl Future for Bound {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Reply> {
        let mut call = self.0.take().expect("a future is not polled after its end");
        Poll::Ready(match call.as_mut().poll_call(cx) {
            Poll::Ready(Ended::Value) => Reply::Value(ReplyValue(call)),
            Poll::Ready(Ended::Stream(source)) => Reply::Stream(source),
            Poll::Ready(Ended::Error(error)) => Reply::Error(error),
            Poll::Pending => {
                self.0 = Some(call);
                return Poll::Pending;
            }
        })
    }
}

impl ReplyValue {
    pub(crate) fn payload(&self) -> &dyn Payload {
        self.0.value()
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bound(..)")
    }
}

impl fmt::Debug for ReplyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyValue(..)")
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(..)"),
            Self::Stream(_) => f.write_str("Stream(..)"),
            Self::Error(error) => f.debug_tuple("Error").field(error).finish(),
        }
    }
}
