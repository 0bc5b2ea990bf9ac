//! Streams as parameters and results: [`UploadStream`] and [`HubStream`]. On the end that sends they hold the
//! application's stream, on the end that receives what comes in.

use std::{
    any::type_name,
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Stream, StreamExt, stream::BoxStream};
use parking_lot::Mutex;
use serde::de::DeserializeOwned;

use super::{BoxFuture, CallArguments, HubOutput, HubParam, ItemSource, OutgoingCall, Outlet, source::Source};
use crate::{
    contract::{Flow, HubType, OutputDescriptor, TypeDescriptor},
    ids::{HubError, HubResult, StreamError},
    invocation::{InvokeError, StreamEnd, StreamReader},
    protocol::{ArgumentError, PayloadFormat},
};

/// A stream of results, from the server to the client.
///
/// A hub method returns one; it is polled as fast as the client reads, and dropped when the client cancels, has gone, or
/// the stream has ended. An `Err` ends it; the client reads its text only if it was made for it.
///
/// ```
/// use futures_util::stream;
/// use hubs::{HubCallerContext, HubResult, HubStream, NoClient, hub};
///
/// #[hub]
/// trait Numbers {
///     async fn count(&self, cx: &HubCallerContext<NoClient>, to: u32) -> HubResult<HubStream<u32>>;
/// }
///
/// struct FromOne;
///
/// impl Numbers for FromOne {
///     async fn count(&self, _: &HubCallerContext<NoClient>, to: u32) -> HubResult<HubStream<u32>> {
///         Ok(HubStream::new(stream::iter(1..=to)))
///     }
/// }
/// ```
pub struct HubStream<T>(Kind<T, HubError>);

/// A stream of values, from the client to the server: a parameter of a hub method.
///
/// The client is slowed down while its uploads hold more than 2 MiB that are not read. An `Err` ends the stream and says
/// why: the client's own error, an item of the wrong type, or the end of the connection.
///
/// ```
/// use futures_util::StreamExt;
/// use hubs::{HubResult, StreamError, UploadStream};
///
/// async fn total(mut numbers: UploadStream<i64>) -> HubResult<i64> {
///     let mut total = 0;
///     while let Some(number) = numbers.next().await {
///         match number {
///             Ok(number) => total += number,
///             Err(StreamError::Disconnected) => break, // the client has left: keep what came
///             Err(error) => return Err(error.into()),
///         }
///     }
///     Ok(total)
/// }
/// ```
pub struct UploadStream<T>(Mutex<Kind<T, StreamError>>);

enum Kind<T, E> {
    /// The application's own stream, to be sent.
    Own(BoxStream<'static, Result<T, E>>),
    /// What the peer sends.
    Incoming(Incoming<T>),
    /// Moved into a call.
    Taken,
}

struct Incoming<T> {
    reader: StreamReader,
    format: PayloadFormat,
    ended: bool,
    item: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> Incoming<T> {
    fn new(reader: StreamReader, format: PayloadFormat) -> Self {
        Self { reader, format, ended: false, item: PhantomData }
    }

    fn poll_next(&mut self, cx: &Context<'_>) -> Poll<Option<Result<T, StreamError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let item = match ready!(self.reader.poll_next(cx)) {
            Ok(bytes) => decode(bytes, self.format).map(Some),
            Err(StreamEnd::Done) => Ok(None),
            Err(StreamEnd::Failed(text)) => Err(StreamError::Failed(text)),
            Err(StreamEnd::Disconnected) => Err(StreamError::Disconnected),
        };
        self.ended = !matches!(item, Ok(Some(_)));
        Poll::Ready(item.transpose())
    }
}

fn decode<T: DeserializeOwned>(item: &[u8], format: PayloadFormat) -> Result<T, StreamError> {
    format.decode(item).map_err(|error| {
        tracing::debug!(%error, expected = type_name::<T>(), "a stream item does not fit");
        StreamError::BadItem(error.to_string())
    })
}

impl<T: DeserializeOwned, E: From<StreamError>> Kind<T, E> {
    #[inline]
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        match self {
            Self::Own(stream) => stream.poll_next_unpin(cx),
            Self::Incoming(incoming) => incoming.poll_next(cx).map(|next| next.map(|item| item.map_err(E::from))),
            Self::Taken => Poll::Ready(None),
        }
    }
}

impl<T: HubType> HubStream<T> {
    /// Streams the items of `stream`.
    pub fn new(stream: impl Stream<Item = T> + Send + 'static) -> Self {
        Self::fallible(stream.map(Ok))
    }

    /// Streams the items of `stream` up to its first error.
    pub fn fallible(stream: impl Stream<Item = HubResult<T>> + Send + 'static) -> Self {
        Self(Kind::Own(stream.boxed()))
    }
}

impl<T: DeserializeOwned> HubStream<T> {
    /// The items that come in, as the caller of a streaming method reads them.
    pub(crate) fn incoming(reader: StreamReader, format: PayloadFormat) -> Self {
        Self(Kind::Incoming(Incoming::new(reader, format)))
    }
}

impl<T: HubType> UploadStream<T> {
    /// Sends the items of `stream` along with a call.
    pub fn new(stream: impl Stream<Item = T> + Send + 'static) -> Self {
        Self(Mutex::new(Kind::Own(stream.map(Ok).boxed())))
    }
}

impl<T: DeserializeOwned> Stream for HubStream<T> {
    type Item = HubResult<T>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<HubResult<T>>> {
        self.0.poll_next(cx)
    }
}

impl<T: DeserializeOwned> Stream for UploadStream<T> {
    type Item = Result<T, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.get_mut().poll_next(cx)
    }
}

/// Streams back what a client uploads. An error of the upload ends the stream as it would end a method with `?`.
impl<T: HubType> From<UploadStream<T>> for HubStream<T> {
    fn from(upload: UploadStream<T>) -> Self {
        Self::fallible(upload.map(|item| item.map_err(HubError::from)))
    }
}

impl<T> Unpin for HubStream<T> {}
impl<T> Unpin for UploadStream<T> {}

impl<T> fmt::Debug for HubStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HubStream(..)")
    }
}

impl<T> fmt::Debug for UploadStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadStream(..)")
    }
}

#[diagnostic::do_not_recommend]
impl<T: HubType> HubOutput for HubStream<T> {
    const OUTPUT: OutputDescriptor = OutputDescriptor { flow: Flow::Stream, ty: TypeDescriptor::of::<T>() };

    type Value = ();

    fn into_parts(self) -> Result<(), Box<dyn ItemSource>> {
        Err(Box::new(Source::new(self)))
    }

    fn ask(outlet: &dyn Outlet, call: OutgoingCall<'_>) -> BoxFuture<Result<Self, InvokeError>> {
        let opened = outlet.stream(call);
        Box::pin(async move { opened.map(|(reader, format)| Self::incoming(reader, format)) })
    }
}

#[diagnostic::do_not_recommend]
impl<T: HubType> HubParam for UploadStream<T> {
    const FLOW: Flow = Flow::Stream;
    const TYPE: TypeDescriptor = TypeDescriptor::of::<T>();

    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError> {
        let (reader, format) = arguments.take_stream();
        Ok(Self(Mutex::new(Kind::Incoming(Incoming::new(reader, format)))))
    }

    fn add_to<'a>(&'a self, call: &mut OutgoingCall<'a>) {
        let taken = Self(Mutex::new(std::mem::replace(&mut *self.0.lock(), Kind::Taken)));
        call.stream(Box::new(Source::new(taken)));
    }
}
