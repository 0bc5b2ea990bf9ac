//! The hub messages of SignalR's specification, as they come in (borrowed from the peer's bytes) and as they go out.

use std::{borrow::Cow, fmt};

use super::{Arguments, Headers, Payload};

/// How many streams one call may name, so that a small message does not ask for much memory.
pub(crate) const MAX_STREAMS: usize = 1000;

/// A message that came in.
#[derive(Debug, Clone)]
pub enum HubMessage<'a> {
    /// A call (type 1).
    Invocation(IncomingCall<'a>),
    /// A call whose results are streamed (type 4).
    StreamInvocation(IncomingCall<'a>),
    /// One item of a stream (type 2).
    StreamItem {
        /// Which stream.
        id: Cow<'a, str>,
        /// The item, undecoded.
        item: &'a [u8],
        /// What was sent beside it.
        headers: Headers<'a>,
    },
    /// The end of a call or stream (type 3).
    Completion {
        /// Which call or stream.
        id: Cow<'a, str>,
        /// How it ended.
        result: CompletionResult<'a>,
        /// What was sent beside it.
        headers: Headers<'a>,
    },
    /// The caller gives up (type 5).
    CancelInvocation {
        /// Which call.
        id: Cow<'a, str>,
        /// What was sent beside it.
        headers: Headers<'a>,
    },
    /// A sign of life (type 6).
    Ping,
    /// The peer ends the connection (type 7).
    Close {
        /// Why; `None` for a clean close.
        error: Option<Cow<'a, str>>,
        /// Whether the peer may connect again by itself.
        allow_reconnect: bool,
    },
    /// Stateful reconnect: messages up to this one have arrived (type 8).
    Ack {
        /// The last that arrived.
        sequence_id: i64,
    },
    /// Stateful reconnect: what follows starts with this one (type 9).
    Sequence {
        /// The first that follows.
        sequence_id: i64,
    },
}

impl HubMessage<'_> {
    /// Whether stateful reconnect numbers this message: all that belong to a call or a stream.
    pub(crate) fn is_counted(&self) -> bool {
        match self {
            Self::Invocation(_)
            | Self::StreamInvocation(_)
            | Self::StreamItem { .. }
            | Self::Completion { .. }
            | Self::CancelInvocation { .. } => true,
            Self::Ping | Self::Close { .. } | Self::Ack { .. } | Self::Sequence { .. } => false,
        }
    }
}

/// A call that came in.
#[derive(Debug, Clone)]
pub struct IncomingCall<'a> {
    /// With an id the caller waits for a completion.
    pub id: Option<Cow<'a, str>>,
    /// The method's name.
    pub target: Cow<'a, str>,
    /// Its arguments, undecoded.
    pub arguments: Arguments<'a>,
    /// The ids of the streams the caller will send.
    pub stream_ids: Vec<Cow<'a, str>>,
    /// What was sent beside it.
    pub headers: Headers<'a>,
}

/// How a call ended, undecoded.
#[derive(Debug, Clone)]
pub enum CompletionResult<'a> {
    /// With nothing.
    Void,
    /// With a value.
    Value(&'a [u8]),
    /// With an error.
    Error(Cow<'a, str>),
}

/// Headers that go out: names and values. Values must not hold secrets of the server: the peer reads them.
pub type OutgoingHeaders<'a> = &'a [(&'a str, &'a str)];

/// A message that goes out.
#[derive(Clone, Copy)]
pub enum Outgoing<'a> {
    /// A call; without an id it is not answered.
    Invocation {
        /// Pairs the call with its completion.
        id: Option<&'a str>,
        /// The method's name.
        target: &'a str,
        /// Its arguments.
        arguments: &'a [&'a dyn Payload],
    },
    /// A call whose results are streamed, or one that takes streams of the caller.
    Call {
        /// Whether the results are streamed (type 4).
        streamed: bool,
        /// Pairs the call with its completion.
        id: Option<&'a str>,
        /// The method's name.
        target: &'a str,
        /// Its arguments that are no streams.
        arguments: &'a [&'a dyn Payload],
        /// The streams that the caller will send.
        stream_ids: &'a [String],
    },
    /// One item of a stream.
    StreamItem {
        /// Which stream.
        id: &'a str,
        /// The item.
        item: &'a dyn Payload,
    },
    /// The end of a call or stream.
    Completion {
        /// Which call.
        id: &'a str,
        /// How it ended.
        outcome: Outcome<'a>,
    },
    /// The caller gives up.
    CancelInvocation {
        /// Which call.
        id: &'a str,
    },
    /// A sign of life.
    Ping,
    /// The end of the connection.
    Close {
        /// Why; `None` for a clean close.
        error: Option<&'a str>,
        /// Whether the peer may connect again by itself.
        allow_reconnect: bool,
    },
    /// Stateful reconnect: messages up to this one have arrived.
    Ack {
        /// The number of the last that arrived.
        sequence_id: u64,
    },
    /// Stateful reconnect: the messages that follow on this socket start with this one.
    Sequence {
        /// The number of the first that follows.
        sequence_id: u64,
    },
    /// A message about a call, with headers. A ping or Close message has none: it is written without them.
    WithHeaders {
        /// Names and values, written in this order.
        headers: OutgoingHeaders<'a>,
        /// The message.
        message: &'a Outgoing<'a>,
    },
}

/// How a call ended.
#[derive(Clone, Copy)]
pub enum Outcome<'a> {
    /// With a value.
    Value(&'a dyn Payload),
    /// With an error.
    Error(&'a str),
    /// With nothing: the end of a stream.
    Void,
}

impl fmt::Debug for Outgoing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Invocation { .. } => "Invocation",
            Self::Call { .. } => "Call",
            Self::StreamItem { .. } => "StreamItem",
            Self::Completion { .. } => "Completion",
            Self::CancelInvocation { .. } => "CancelInvocation",
            Self::Ping => "Ping",
            Self::Close { .. } => "Close",
            Self::Ack { .. } => "Ack",
            Self::Sequence { .. } => "Sequence",
            Self::WithHeaders { message, .. } => return message.fmt(f),
        })
    }
}

impl fmt::Debug for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Value(_) => "Value",
            Self::Error(_) => "Error",
            Self::Void => "Void",
        })
    }
}
