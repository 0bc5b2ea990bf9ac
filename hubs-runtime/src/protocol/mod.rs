//! The hub protocol: pure bytes to messages and back. No I/O, no clock, no hubs.

mod arguments;
mod brief;
mod encoded;
#[cfg(feature = "server")]
mod event_feed;
mod handshake;
mod headers;
mod json;
mod message;
#[cfg(feature = "messagepack")]
mod messagepack;
mod numbers;
mod payload;

use std::{fmt, ops::Range};

pub(crate) use arguments::KeptArguments;
pub use arguments::{ArgumentError, Arguments};
pub(crate) use brief::brief;
pub use encoded::EncodedMessage;
pub(crate) use encoded::{Durable, SendKey};
#[cfg(feature = "server")]
pub(crate) use event_feed::{EventFeed, event_of};
pub use handshake::{HandshakeError, HandshakeRequest, RECORD_SEPARATOR, write_handshake_response};
#[cfg(feature = "client")]
pub(crate) use handshake::{HandshakeResponse, write_handshake_request};
pub(crate) use headers::KeptHeaders;
pub use headers::{ERROR_DATA, Headers};
pub use json::JsonHubProtocol;
pub(crate) use message::MAX_STREAMS;
pub use message::{CompletionResult, HubMessage, IncomingCall, Outcome, Outgoing, OutgoingHeaders};
#[cfg(feature = "messagepack")]
pub use messagepack::MessagePackHubProtocol;
pub use payload::{DecodeError, EncodeError, Payload, PayloadFormat, RawPayload};

pub use crate::ids::TransferFormat;

/// One encoding of hub messages.
pub trait HubProtocol: fmt::Debug + Send + Sync + 'static {
    /// The name in the handshake.
    fn name(&self) -> &'static str;
    /// What a transport must carry for it.
    fn transfer_format(&self) -> TransferFormat;
    /// How values inside messages are written.
    fn payload_format(&self) -> PayloadFormat;
    /// A small number of its own, for what is kept once for each protocol.
    fn slot(&self) -> usize;
    /// Looks for one whole message at the start of `bytes`, of which the first `searched` bytes are known not to end
    /// it. `limit` is the largest message allowed, framing included.
    fn frame(&self, bytes: &[u8], searched: usize, limit: Option<usize>) -> Result<Option<Frame>, ProtocolError>;
    /// Reads the body of one message. `None`: a message of a type that is not known, to be skipped.
    fn decode<'a>(&self, body: &'a [u8]) -> Result<Option<HubMessage<'a>>, ProtocolError>;
    /// Appends one framed message. Leaves `out` as it was on failure.
    fn encode(&self, message: &Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// A framed call without headers, as [`HubProtocol::encode`] writes it, with this header. `None` for anything else.
    fn with_header(&self, call: &[u8], name: &str, value: &str) -> Option<Vec<u8>>;
    /// Appends what all items of stream `id` start with to the empty `out`, so that it is written once for many: what
    /// comes after it is cut off again, item by item.
    fn open_items(&self, id: &str, out: &mut Vec<u8>) -> Result<(), EncodeError>;
    /// Makes a framed message of what [`HubProtocol::open_items`] wrote and the one value after it. Gives where in `out`
    /// the message starts; it ends where `out` ends.
    fn close_item(&self, out: &mut Vec<u8>) -> Result<usize, EncodeError>;
}

/// How many protocols there are: the slots run from 0 to here.
pub const PROTOCOLS: usize = if cfg!(feature = "messagepack") { 3 } else { 1 };

/// All protocols, by slot.
#[cfg(not(feature = "messagepack"))]
pub static ALL_PROTOCOLS: [&dyn HubProtocol; PROTOCOLS] = [&JsonHubProtocol];

/// All protocols, by slot.
#[cfg(feature = "messagepack")]
pub static ALL_PROTOCOLS: [&dyn HubProtocol; PROTOCOLS] =
    [&JsonHubProtocol, &MessagePackHubProtocol::new(), &MessagePackHubProtocol::dotnet()];

/// Finds a protocol by its name in the handshake; ASCII case does not count.
pub fn protocol_named(name: &str) -> Option<&'static dyn HubProtocol> {
    ALL_PROTOCOLS.into_iter().find(|protocol| protocol.name().eq_ignore_ascii_case(name))
}

/// `protocol` as .NET peers need it: of MessagePack the form with .NET's names, any other as it is.
pub fn dotnet_form(protocol: &'static dyn HubProtocol) -> &'static dyn HubProtocol {
    ALL_PROTOCOLS.into_iter().rfind(|other| other.name() == protocol.name()).unwrap_or(protocol)
}

/// Where one message lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The message without its framing.
    pub body: Range<usize>,
    /// The message with its framing.
    pub len: usize,
}

/// What ends a connection: the peer does not speak the protocol. The texts are SignalR's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// A message that cannot be read.
    #[error("{0}")]
    Invalid(String),
    /// One message is larger than this many bytes.
    #[error("The maximum message size of {0}B was exceeded. The message size can be configured in AddHubOptions.")]
    TooLarge(usize),
}

impl ProtocolError {
    pub(crate) fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }
}
