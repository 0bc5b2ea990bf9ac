//! What a method may take, and how it is decoded.

use std::{borrow::Cow, sync::Arc};

use super::OutgoingCall;
use crate::{
    contract::{Flow, HubType, TypeDescriptor},
    ids::InvocationId,
    invocation::{IncomingStream, StreamOpener, StreamReader},
    protocol::{ArgumentError, Arguments, Headers, KeptArguments, PayloadFormat},
};

/// The arguments of one call, as generated code takes them.
#[derive(Debug)]
pub struct CallArguments<'a> {
    values: Arguments<'a>,
    /// The ids of the streams that the caller sends.
    stream_ids: &'a [Cow<'a, str>],
    opener: &'a StreamOpener,
    opened: Vec<OpenedStream>,
    headers: Headers<'a>,
}

/// A stream that a bound call is going to read, under the id by which its items come in.
#[derive(Debug)]
pub(crate) struct OpenedStream {
    pub(crate) id: InvocationId,
    pub(crate) stream: Arc<IncomingStream>,
}

impl<'a> CallArguments<'a> {
    /// Starts at the first argument.
    pub(crate) fn new(values: Arguments<'a>, stream_ids: &'a [Cow<'a, str>], opener: &'a StreamOpener) -> Self {
        Self { values, stream_ids, opener, opened: Vec::new(), headers: Headers::NONE }
    }

    /// With the headers of the call.
    pub(crate) fn with_headers(mut self, headers: Headers<'a>) -> Self {
        self.headers = headers;
        self
    }

    /// The headers of the call.
    pub(crate) fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// A copy of the arguments, none of which has been taken.
    pub(crate) fn kept(&self) -> KeptArguments {
        self.values.kept()
    }

    /// Decodes the next argument as any type, for a call whose contract is not known.
    #[cfg(feature = "client")]
    pub(crate) fn take_any<T: serde::de::DeserializeOwned>(&mut self) -> Result<T, ArgumentError> {
        self.values.take()
    }

    /// How many arguments came that are values.
    #[cfg(feature = "client")]
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// Opens the next stream. Where the caller sends fewer than the method takes, the stream stays empty: the call will
    /// be refused for it once all is bound.
    pub(super) fn take_stream(&mut self) -> (StreamReader, PayloadFormat) {
        let (stream, reader) = self.opener.open();
        if let Some(id) = self.stream_ids.get(self.opened.len()) {
            self.opened.push(OpenedStream { id: InvocationId::new(&**id), stream });
        }
        (reader, self.values.format())
    }

    /// The streams that were opened.
    pub(crate) fn into_opened(self) -> Vec<OpenedStream> {
        self.opened
    }
}

/// A type that a method may take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the hub wire",
    label = "a hub method cannot take this",
    note = "put `#[hub_type]` on the type; one of another crate may have a feature of hubs: `bigdecimal`, `chrono`, `rust_decimal`, `url`, `uuid`, and `ipnet`, `time` with `hubs::Text<..>`"
)]
pub trait HubParam: Send + Sized + 'static {
    /// A value, or a stream of values.
    const FLOW: Flow;
    /// How it goes into the contract.
    const TYPE: TypeDescriptor;
    /// Both, which is all that expansions need.
    const DESCRIBED: (Flow, TypeDescriptor) = (Self::FLOW, Self::TYPE);
    /// On the callee's side.
    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError>;
    /// On the caller's side.
    fn add_to<'a>(&'a self, call: &mut OutgoingCall<'a>);
}

#[diagnostic::do_not_recommend]
impl<T: HubType> HubParam for T {
    const FLOW: Flow = Flow::Value;
    const TYPE: TypeDescriptor = TypeDescriptor::of::<T>();

    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError> {
        arguments.values.take()
    }

    fn add_to<'a>(&'a self, call: &mut OutgoingCall<'a>) {
        call.value(self);
    }
}
