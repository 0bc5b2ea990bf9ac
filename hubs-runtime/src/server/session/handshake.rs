//! The first message of every connection.

use std::{future::poll_fn, sync::Arc};

use bytes::Bytes;

use super::HubRuntime;
use crate::{
    connection::{Inbox, receive},
    ids::TransferFormat,
    protocol::{HandshakeError, HandshakeRequest, HubProtocol, JsonHubProtocol, dotnet_form, write_handshake_response},
    transport::{CloseCode, Transport},
};

/// Reads the handshake and answers it. `None`: refused, and the transport is closed.
pub(super) async fn shake_hands<T: Transport>(
    runtime: &Arc<HubRuntime>,
    transport: &mut T,
    inbox: &mut Inbox,
) -> Option<&'static dyn HubProtocol> {
    let limit = runtime.options.maximum_receive_message_size;
    let read = read_request(transport, inbox, limit);
    let asked = tokio::select! {
        asked = tokio::time::timeout(runtime.options.handshake_timeout, read) => asked.unwrap_or(Some(Err(HandshakeError::Canceled))),
        () = runtime.shutdown.cancelled() => Some(Err(HandshakeError::Canceled)),
    };
    let limit = runtime.options.close_timeout;
    let Some(asked) = asked else {
        say_goodbye(transport, limit).await;
        return None;
    };
    let formats = transport.kind().formats();
    let form = |protocol| if runtime.options.dotnet_messagepack { dotnet_form(protocol) } else { protocol };
    let chosen = asked.and_then(|request| request.negotiate(&runtime.options.supported_protocols, formats)).map(form);
    let (format, text) = match &chosen {
        Ok(protocol) => (protocol.transfer_format(), None),
        Err(error) => (TransferFormat::Text, Some(error_text(error, runtime.options.enable_detailed_errors))),
    };
    let mut answer = Vec::new();
    write_handshake_response(text.as_deref(), &mut answer);
    let sent = tokio::time::timeout(limit, answer_with(transport, Bytes::from(answer), format)).await;
    if let Err(error) = &chosen {
        tracing::debug!(%error, "handshake refused");
        say_goodbye(transport, limit).await;
        return None;
    }
    matches!(sent, Ok(true)).then_some(chosen.ok()?)
}

/// `None`: the stream ended first, and there is nobody to answer.
async fn read_request<T: Transport>(
    transport: &mut T,
    inbox: &mut Inbox,
    limit: Option<usize>,
) -> Option<Result<HandshakeRequest, HandshakeError>> {
    loop {
        match inbox.next(&JsonHubProtocol, limit) {
            Ok(Some(frame)) => {
                let request = HandshakeRequest::parse(inbox.body(&frame));
                inbox.skip(&frame);
                return Some(request);
            }
            Ok(None) => {}
            Err(_) => return Some(Err(HandshakeError::Canceled)),
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
async fn say_goodbye<T: Transport>(transport: &mut T, limit: std::time::Duration) {
    let _ = tokio::time::timeout(limit, poll_fn(|cx| transport.poll_close(cx, CloseCode::Normal))).await;
}

async fn answer_with<T: Transport>(transport: &mut T, answer: Bytes, format: TransferFormat) -> bool {
    if poll_fn(|cx| transport.poll_flush(cx)).await.is_err() || transport.send(answer, format).is_err() {
        return false;
    }
    poll_fn(|cx| transport.poll_flush(cx)).await.is_ok()
}

fn error_text(error: &HandshakeError, detailed: bool) -> String {
    match error {
        HandshakeError::Malformed(detail) => {
            super::texts::with_detail(&error.to_string(), "InvalidDataException", detail, detailed)
        }
        _ => error.to_string(),
    }
}
