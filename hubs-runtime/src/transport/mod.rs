//! Pipes of hub bytes. A transport frames and carries batches of whole hub messages and hands over what the peer
//! sends as it comes; it must not know what a hub message is.

#[cfg(feature = "server")]
mod feed;
#[cfg(any(feature = "client", feature = "jwks"))]
pub(crate) mod host;
#[cfg(feature = "server")]
pub(crate) mod long_polling;
#[cfg(any(test, feature = "server", feature = "testing"))]
pub(crate) mod memory;
#[cfg(feature = "server")]
pub(crate) mod negotiate;
#[cfg(feature = "server")]
pub(crate) mod one_way;
mod replaceable;
#[cfg(feature = "server")]
pub(crate) mod sse;
#[cfg(any(test, feature = "server"))]
mod wakers;
#[cfg(feature = "server")]
pub(crate) mod websocket;

use std::{
    fmt, io,
    sync::Weak,
    task::{Context, Poll},
};

use bytes::Bytes;
use serde::{Serialize, Serializer};

#[cfg(feature = "server")]
pub(crate) use self::feed::{Feed, NotTaken};
pub(crate) use self::replaceable::NoSocket;
use crate::ids::TransferFormat;

/// One open pipe, owned by the session of its connection.
pub(crate) trait Transport: Send + 'static {
    /// Waits for bytes from the peer, in any portions, and appends them to `into`. `None`: the peer closed the pipe or
    /// is gone; neither is an error.
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>>;

    /// Ready when all that was handed over has left this process; drives whatever is still to be written.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>>;

    /// Takes one batch of whole hub messages. Only to be called when [`Transport::poll_flush`] was ready; the batch
    /// leaves with the next flush.
    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError>;

    /// Closes the pipe with `code` and waits for the peer's side of it. Ready when the pipe is down.
    fn poll_close(&mut self, cx: &mut Context<'_>, code: CloseCode) -> Poll<()>;

    /// How many bytes have left this process so far: shows whether a slow peer makes progress.
    fn bytes_sent(&self) -> u64;

    /// Asks the peer for a sign of life, where the transport has its own way to; it leaves with the next flush.
    fn ping(&mut self) {}

    /// How many bytes have come from the peer so far, the transport's own signs of life included. Counts only where
    /// [`TransportKind::answers_pings`].
    fn bytes_received(&self) -> u64 {
        0
    }

    /// The way to write from outside of the session, where there is one.
    fn direct(&self) -> Option<Weak<dyn DirectWrite>> {
        None
    }

    /// Whether the pipe ended without the peer's closing it, as when a network is gone. Of use after its end.
    fn is_lost(&self) -> bool {
        false
    }

    /// Which transport this is.
    fn kind(&self) -> TransportKind;
}

/// Writes on a pipe without its session. The caller ensures that nothing else writes at the same time.
pub(crate) trait DirectWrite: fmt::Debug + Send + Sync {
    /// Takes one batch and writes what the socket takes at once. Gives all bytes that have left so far
    /// ([`Transport::bytes_sent`]) if nothing is left to write; else [`Transport::poll_flush`] goes on, and shows any
    /// error.
    fn write_now(&self, batch: Bytes, format: TransferFormat) -> Option<u64>;
}

/// A transport of SignalR, or the one of the test kit. [`HubOptions::transports`](crate::HubOptions) chooses which a hub
/// offers, [`HubCallerContext::transport`](crate::HubCallerContext::transport) tells which a client uses.
///
/// ```
/// use hubs::TransportKind;
///
/// assert_eq!(TransportKind::LongPolling.name(), "LongPolling"); // as it is written in a log, and as serde writes it
/// assert_eq!(serde_json::to_string(&TransportKind::LongPolling)?, "\"LongPolling\"");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// WebSockets.
    WebSockets,
    /// Server-Sent Events; the client sends in requests of their own. Text only.
    ServerSentEvents,
    /// Requests that wait for something to fetch; the client sends in requests of their own.
    LongPolling,
    /// A pair inside this process.
    Memory,
}

impl TransportKind {
    /// The name in negotiate.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebSockets => "WebSockets",
            Self::ServerSentEvents => "ServerSentEvents",
            Self::LongPolling => "LongPolling",
            Self::Memory => "Memory",
        }
    }

    /// What the transport can carry.
    pub(crate) fn formats(self) -> &'static [TransferFormat] {
        match self {
            Self::ServerSentEvents => &[TransferFormat::Text],
            Self::WebSockets | Self::LongPolling | Self::Memory => &[TransferFormat::Text, TransferFormat::Binary],
        }
    }

    /// Whether every peer answers [`Transport::ping`], so that one from which nothing comes at all is dead.
    pub(crate) fn answers_pings(self) -> bool {
        self == Self::WebSockets
    }

    /// Whether the transport itself shows that both sides are alive, so that neither has to ping and silence means
    /// nothing.
    pub(crate) fn has_inherent_keep_alive(self) -> bool {
        self == Self::LongPolling
    }
}

/// As its name, [`TransportKind::name`].
impl Serialize for TransportKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for TransportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a pipe is closed, in WebSocket's terms (RFC 6455, section 7.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseCode {
    /// 1000.
    Normal,
    /// 1011.
    InternalError,
}

/// Why a pipe broke.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum TransportError {
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer broke the transport's own protocol.
    #[error("transport protocol violated: {0}")]
    Protocol(String),
    /// One message of the transport was larger than the limit.
    #[error("message too large for the transport")]
    TooLarge,
}
