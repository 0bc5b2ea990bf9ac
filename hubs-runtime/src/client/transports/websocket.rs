//! WebSockets, the calling end: the upgrade is hyper's, so that a refusal can be read and no token is ever logged; the
//! frames are tungstenite's.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{Sink, Stream};
use http::{
    HeaderValue, Method, StatusCode, Uri,
    header::{CONNECTION, HOST, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE},
    uri::PathAndQuery,
};
use hyper_util::rt::TokioIo;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        handshake::derive_accept_key,
        protocol::{Role, WebSocketConfig},
    },
};

use super::super::{
    ConnectError,
    connector::Wire,
    error::RequestError,
    http::{Requests, refusal},
};
use crate::{
    ids::TransferFormat,
    transport::{CloseCode, Transport, TransportError, TransportKind},
};

/// The default of 128 KiB costs more to fill than it saves.
const READ_BUFFER: usize = 4 * 1024;

/// The largest message and frame that are taken.
const LARGEST_MESSAGE: usize = 64 * 1024 * 1024;

/// A connection over a WebSocket.
pub(crate) struct WebSocket {
    socket: WebSocketStream<Wire>,
    sent: u64,
    /// What of it waits for the next flush.
    unsent: u64,
    received: u64,
    ping: bool,
    closing: Closing,
    /// Whether the server has closed its side in order.
    closed: bool,
    ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Closing {
    NotYet,
    Sending,
    Awaiting,
    Down,
}

/// Opens a WebSocket.
pub(crate) async fn open(requests: &Requests, uri: Uri) -> Result<WebSocket, ConnectError> {
    let opened = upgrade(requests, uri).await.map_err(|error| error.while_asking("the WebSocket"))?;
    let (wire, start) = opened;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LARGEST_MESSAGE))
        .max_frame_size(Some(LARGEST_MESSAGE));
    let socket = WebSocketStream::from_partially_read(wire, start, Role::Client, Some(config)).await;
    let closing = Closing::NotYet;
    Ok(WebSocket { socket, sent: 0, unsent: 0, received: 0, ping: false, closing, closed: false, ended: false })
}

/// Asks for the upgrade. Gives the socket, and what of the first frames was read with the answer.
async fn upgrade(requests: &Requests, uri: Uri) -> Result<(Wire, Vec<u8>), RequestError> {
    let failed = |text: &str| RequestError::Failed(text.to_owned());
    let wire = requests.http.connector.clone().connect(uri.clone()).await;
    let wire = wire.map_err(|error| RequestError::of(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(wire)).await.map_err(|error| RequestError::of(&error))?;
    let mut key = [0; 16];
    getrandom::fill(&mut key).map_err(|error| RequestError::of(&error))?;
    let key = STANDARD.encode(key);
    let host = uri.authority().map_or("", |authority| authority.as_str()).to_owned();
    let path = uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let mut request = requests.request(Method::GET, Uri::from(path), Bytes::new());
    let headers = request.headers_mut();
    let value = |text: &str| HeaderValue::from_str(text).map_err(|error| RequestError::of(&error));
    headers.insert(HOST, value(&host)?);
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.insert(SEC_WEBSOCKET_KEY, value(&key)?);
    let asking = async {
        let answer = sender.send_request(request).await.map_err(|error| RequestError::of(&error))?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            return Err(refusal(answer).await);
        }
        let accepted = answer.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
        if accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
            return Err(failed("the answer to the upgrade has another key than was sent"));
        }
        hyper::upgrade::on(answer).await.map_err(|error| RequestError::of(&error))
    };
    // The connection ends with its upgrade, or with the request, which drives it.
    let mut connection = std::pin::pin!(connection.with_upgrades());
    let mut asking = std::pin::pin!(asking);
    let upgraded = tokio::select! {
        biased;
        upgraded = &mut asking => upgraded,
        driven = &mut connection => match driven {
            Ok(()) => asking.await,
            Err(error) => Err(RequestError::of(&error)),
        },
    }?;
    let parts = upgraded.downcast::<TokioIo<Wire>>().map_err(|_| failed("the socket was not returned"))?;
    Ok((parts.io.into_inner(), parts.read_buf.to_vec()))
}

impl WebSocket {
    /// Takes the next message. `None`: the end.
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, TransportError>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let next = ready!(Pin::new(&mut self.socket).poll_next(cx));
        self.ended = !matches!(next, Some(Ok(_)));
        Poll::Ready(match next {
            Some(Ok(message)) => Some(Ok(message)),
            None => None,
            Some(Err(error)) if is_gone(&error) => None,
            Some(Err(error)) => Some(Err(broken(error))),
        })
    }

    /// Hands the ping over that is due.
    fn poll_ping(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        if self.ping {
            ready!(Pin::new(&mut self.socket).poll_ready(cx)).map_err(broken)?;
            self.ping = false;
            Pin::new(&mut self.socket).start_send(Message::Ping(Bytes::new())).map_err(broken)?;
        }
        Poll::Ready(Ok(()))
    }
}

impl Transport for WebSocket {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        loop {
            let message = match ready!(self.poll_message(cx)) {
                Some(Ok(message)) => message,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            };
            self.received += 1 + message.len() as u64;
            match message {
                Message::Text(text) => into.extend_from_slice(text.as_bytes()),
                Message::Binary(bytes) => into.extend_from_slice(&bytes),
                Message::Close(_) => {
                    self.closed = true;
                    continue;
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            }
            return Poll::Ready(Some(Ok(())));
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        ready!(self.poll_ping(cx))?;
        ready!(Pin::new(&mut self.socket).poll_flush(cx)).map_err(broken)?;
        self.sent += std::mem::take(&mut self.unsent);
        Poll::Ready(Ok(()))
    }

    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.unsent += batch.len() as u64;
        let message = match format {
            TransferFormat::Binary => Message::Binary(batch),
            TransferFormat::Text => {
                let text = batch.try_into().map_err(|_| TransportError::Protocol("text is not UTF-8".to_owned()))?;
                Message::Text(text)
            }
        };
        Pin::new(&mut self.socket).start_send(message).map_err(broken)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: CloseCode) -> Poll<()> {
        loop {
            match self.closing {
                Closing::NotYet => {
                    if ready!(self.poll_flush(cx)).is_err() {
                        self.closing = Closing::Down;
                    } else {
                        self.closing = Closing::Sending;
                    }
                }
                // Without a code, as the official clients close.
                Closing::Sending => {
                    let closed = ready!(Pin::new(&mut self.socket).poll_close(cx));
                    self.closing = if closed.is_ok() { Closing::Awaiting } else { Closing::Down };
                }
                Closing::Awaiting => match ready!(self.poll_message(cx)) {
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => self.closing = Closing::Down,
                },
                Closing::Down => return Poll::Ready(()),
            }
        }
    }

    fn bytes_sent(&self) -> u64 {
        self.sent
    }

    fn ping(&mut self) {
        self.ping = true;
    }

    fn bytes_received(&self) -> u64 {
        self.received
    }

    fn is_lost(&self) -> bool {
        self.ended && !self.closed
    }

    fn kind(&self) -> TransportKind {
        TransportKind::WebSockets
    }
}

/// Whether the server is gone, with or without a Close frame, and has broken no rule.
fn is_gone(error: &tungstenite::Error) -> bool {
    use tungstenite::{Error, error::ProtocolError};
    match error {
        Error::ConnectionClosed | Error::AlreadyClosed => true,
        Error::Protocol(error) => *error == ProtocolError::ResetWithoutClosingHandshake,
        Error::Io(error) => matches!(
            error.kind(),
            io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::NotConnected
                | io::ErrorKind::UnexpectedEof
        ),
        _ => false,
    }
}

fn broken(error: tungstenite::Error) -> TransportError {
    match error {
        tungstenite::Error::Io(error) => error.into(),
        tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed => {
            io::Error::from(io::ErrorKind::NotConnected).into()
        }
        tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake) => {
            io::Error::from(io::ErrorKind::ConnectionReset).into()
        }
        tungstenite::Error::Capacity(_) => TransportError::TooLarge,
        other => TransportError::Protocol(other.to_string()),
    }
}
