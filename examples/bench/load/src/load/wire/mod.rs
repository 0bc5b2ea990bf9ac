//! Messages of each protocol as bytes: calls are written, what the server sends is read in place. Owns syntax alone;
//! must not know sockets or what is right.

mod frame;
mod hpack;
mod http;
pub(crate) mod http2;
mod json;
mod json_text;
mod messagepack;
mod request;
mod socketio;

use std::borrow::Cow;

use anyhow::{Result, bail};

use crate::options::{Options, Protocol};

pub(crate) use frame::{Frame, Opcode, put_frame};
pub(crate) use hpack::status;
pub(crate) use http::{Events, Response, chunk};
pub(crate) use request::{Header, Request};

/// One message of the server.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// The answer to a handshake.
    Welcome,
    /// Socket.IO alone: the transport is open, and the namespace is to be joined.
    Open,
    /// A ping.
    Ping,
    /// A call has ended with this.
    Result { id: u64, value: Scalar<'a> },
    /// A call has failed, for this reason.
    Failure { id: u64, reason: String },
    /// The server calls the client, with this as first argument.
    Call(Scalar<'a>),
    /// An item of a stream.
    Item { id: u64, value: Scalar<'a> },
    /// A request for a negotiation was answered, with this token.
    Negotiated(String),
    /// The server ends the connection, and says why.
    Close(String),
    /// Nothing to act on.
    Nothing,
}

/// A value, as far as the benchmark has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar<'a> {
    /// None, or null.
    Absent,
    /// A text.
    Text(Cow<'a, [u8]>),
    /// An integer.
    Integer(i64),
    /// Anything else.
    Other,
}

impl Scalar<'_> {
    pub(crate) fn is_text(&self, wanted: &[u8]) -> bool {
        matches!(self, Self::Text(text) if **text == *wanted)
    }

    pub(crate) fn is_integer(&self, wanted: u64) -> bool {
        matches!(self, Self::Integer(value) if u64::try_from(*value) == Ok(wanted))
    }
}

/// A call of one hub method.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) id: u64,
    pub(crate) method: &'a str,
    pub(crate) arguments: Arguments<'a>,
}

/// What a call takes along.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arguments<'a> {
    /// One text, that needs no escaping.
    Text(&'a [u8]),
    /// Two of them.
    Texts(&'a [u8], &'a [u8]),
    /// One number, to a method that answers with a stream.
    Stream(u64),
    /// A stream of this id.
    Upload(u64),
}

/// How messages are written and read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wire {
    pub(crate) protocol: Protocol,
    type_last: bool,
}

impl Wire {
    pub(crate) fn new(options: &Options) -> Self {
        Self { protocol: options.protocol, type_last: options.type_last }
    }

    /// Whether messages go in binary frames.
    pub(crate) fn opcode(self) -> Opcode {
        if self.protocol == Protocol::Messagepack { Opcode::Binary } else { Opcode::Text }
    }

    pub(crate) fn put_call(self, out: &mut Vec<u8>, call: Call<'_>) -> Result<()> {
        match self.protocol {
            Protocol::Json => json::put_call(out, call, self.type_last),
            Protocol::Messagepack => messagepack::put_call(out, call)?,
            Protocol::Socketio => socketio::put_call(out, call)?,
        }
        Ok(())
    }

    /// An item of the upload `stream`; its end, if there is none.
    pub(crate) fn put_item(self, out: &mut Vec<u8>, stream: u64, item: Option<u64>) -> Result<()> {
        match self.protocol {
            Protocol::Json => json::put_item(out, stream, item),
            Protocol::Messagepack => messagepack::put_item(out, stream, item)?,
            Protocol::Socketio => bail!("Socket.IO has no streams"),
        }
        Ok(())
    }

    /// An acknowledgement of all messages up to this number.
    pub(crate) fn put_ack(self, out: &mut Vec<u8>, number: u64) {
        json::put_ack(out, number);
    }

    /// The first message in `bytes`, and what follows it.
    pub(crate) fn read(self, bytes: &[u8]) -> Result<(Message<'_>, &[u8])> {
        match self.protocol {
            Protocol::Json => json::read(bytes),
            Protocol::Messagepack => messagepack::read(bytes),
            Protocol::Socketio => Ok((socketio::read(bytes)?, &[])),
        }
    }

    /// As [`Wire::read`], before the handshake is over: SignalR's is JSON under every protocol.
    pub(crate) fn read_handshake(self, bytes: &[u8]) -> Result<(Message<'_>, &[u8])> {
        if self.protocol == Protocol::Socketio { self.read(bytes) } else { json::read(bytes) }
    }
}

/// Appends a number in decimal digits.
fn put_number(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Reads decimal digits.
fn number(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}
