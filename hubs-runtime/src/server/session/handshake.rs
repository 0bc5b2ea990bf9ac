//! The first message of every connection.

use std::{future::poll_fn, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::time::timeout;

use super::HubRuntime;
use crate::{
    connection::{Inbox, receive},
    counters::CloseReason,
    ids::{ConnectionId, TransferFormat},
    protocol::{HandshakeError, HandshakeRequest, HubProtocol, JsonHubProtocol, brief, write_handshake_response},
    transport::{CloseCode, Transport},
};

/// A connection that has not shaken hands.
pub(super) struct Asking<'a> {
    pub(super) runtime: &'a Arc<HubRuntime>,
    pub(super) id: &'a ConnectionId,
    pub(super) address: Option<SocketAddr>,
}

/// What the client has asked for.
pub(super) struct Asked {
    pub(super) protocol: &'static dyn HubProtocol,
    /// The version of the protocol.
    pub(super) version: i64,
}

/// Why a handshake is refused, and what the client may know of it besides.
struct Refused {
    error: HandshakeError,
    hint: Option<&'static str>,
}

impl From<HandshakeError> for Refused {
    fn from(error: HandshakeError) -> Self {
        Self { error, hint: None }
    }
}

impl Asking<'_> {
    /// Reads the handshake. `None`: the client has left, or was refused and told so, and the transport is closed.
    pub(super) async fn protocol<T: Transport>(&self, transport: &mut T, inbox: &mut Inbox) -> Option<Asked> {
        let limit = self.runtime.options.close_timeout;
        match self.choose(transport, inbox).await {
            Some(Ok(asked)) => return Some(asked),
            Some(Err(refused)) => self.refuse(transport, &refused).await,
            None => {}
        }
        close(transport, limit).await;
        None
    }

    async fn refuse<T: Transport>(&self, transport: &mut T, refused: &Refused) {
        answer(transport, Some(&self.error_text(refused)), TransferFormat::Text, self.runtime.options.close_timeout)
            .await;
        let hint = refused.hint.map_or_else(String::new, |hint| format!(" ({hint})"));
        self.runtime.core.counters.closed(CloseReason::Handshake);
        let error = format!("{}{hint}", brief(&refused.error));
        self.runtime.reports.warn(self.id, self.address, CloseReason::Handshake, error);
    }

    /// The protocol that the client asks for. `None`: it has left.
    async fn choose<T: Transport>(&self, transport: &mut T, inbox: &mut Inbox) -> Option<Result<Asked, Refused>> {
        let options = &self.runtime.options;
        let formats = transport.kind().formats();
        let asked = tokio::select! {
            asked = timeout(options.handshake_timeout, read_request(transport, inbox, options.maximum_receive_message_size)) => asked.ok(),
            () = self.runtime.shutdown.cancelled() => Some(Some(Err(HandshakeError::Canceled.into()))),
        };
        let Some(asked) = asked else {
            let hint = if inbox.is_empty() { "timed out" } else { "incomplete: its separator, 0x1E, is missing" };
            return Some(Err(Refused { error: HandshakeError::Canceled, hint: Some(hint) }));
        };
        let form = |protocol| options.form(protocol);
        let choose = |request: HandshakeRequest| {
            let protocol = form(request.negotiate(&options.supported_protocols, formats)?);
            Ok(Asked { protocol, version: request.version })
        };
        Some(asked?.and_then(choose))
    }

    fn error_text(&self, refused: &Refused) -> String {
        let text = refused.error.to_string();
        let detailed = self.runtime.options.enable_detailed_errors;
        match (&refused.error, refused.hint) {
            (HandshakeError::Malformed(detail), _) if detailed => format!("{text} InvalidDataException: {detail}"),
            (_, Some(hint)) => format!("{text} ({hint})"),
            _ => text,
        }
    }
}

/// Answers that the connection is accepted. Returns whether the answer has left in time.
pub(super) async fn accept<T: Transport>(transport: &mut T, protocol: &dyn HubProtocol, limit: Duration) -> bool {
    answer(transport, None, protocol.transfer_format(), limit).await
}

/// `None`: the stream ended first, and no answer can be read.
async fn read_request<T: Transport>(
    transport: &mut T,
    inbox: &mut Inbox,
    limit: Option<usize>,
) -> Option<Result<HandshakeRequest, Refused>> {
    loop {
        match inbox.next(&JsonHubProtocol, limit) {
            Ok(Some(frame)) => {
                let request = HandshakeRequest::parse(inbox.body(&frame));
                inbox.skip(&frame);
                return Some(request.map_err(Refused::from));
            }
            Ok(None) => {}
            Err(_) => return Some(Err(Refused { error: HandshakeError::Canceled, hint: Some("too large") })),
        }
        match receive(transport, inbox).await {
            Some(Ok(())) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "transport failed before the handshake");
                return None;
            }
            None => return None,
        }
    }
}

/// Closes the transport. A peer that does not close its side in time is dropped.
async fn close<T: Transport>(transport: &mut T, limit: Duration) {
    let _ = timeout(limit, poll_fn(|cx| transport.poll_close(cx, CloseCode::Normal))).await;
}

/// Writes the response, with an error or without. Returns whether it has left in time.
async fn answer<T: Transport>(transport: &mut T, error: Option<&str>, format: TransferFormat, limit: Duration) -> bool {
    let mut response = Vec::new();
    write_handshake_response(error, &mut response);
    let sent = async {
        poll_fn(|cx| transport.poll_flush(cx)).await?;
        transport.send(Bytes::from(response), format)?;
        poll_fn(|cx| transport.poll_flush(cx)).await
    };
    matches!(timeout(limit, sent).await, Ok(Ok(())))
}
