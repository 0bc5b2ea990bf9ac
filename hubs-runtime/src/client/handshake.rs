//! The client's half of the handshake.

use std::future::poll_fn;

use bytes::Bytes;

use super::ConnectError;
use crate::{
    connection::{Inbox, receive},
    protocol::{HandshakeResponse, HubProtocol, JsonHubProtocol, write_handshake_request},
    transport::Transport,
};

/// Asks for `protocol` and waits for the answer.
pub(super) async fn shake_hands<T: Transport>(
    protocol: &dyn HubProtocol,
    stateful: bool,
    transport: &mut T,
    inbox: &mut Inbox,
) -> Result<(), ConnectError> {
    let mut request = Vec::new();
    write_handshake_request(protocol, stateful, &mut request);
    poll_fn(|cx| transport.poll_flush(cx)).await.map_err(|_| ConnectError::Closed)?;
    transport.send(Bytes::from(request), protocol.transfer_format()).map_err(|_| ConnectError::Closed)?;
    poll_fn(|cx| transport.poll_flush(cx)).await.map_err(|_| ConnectError::Closed)?;
    loop {
        if let Some(frame) = inbox.next(&JsonHubProtocol, None).map_err(|_| ConnectError::Closed)? {
            let answer = HandshakeResponse::parse(inbox.body(&frame)).map_err(|_| ConnectError::Closed)?;
            inbox.skip(&frame);
            return answer.error.map_or(Ok(()), |text| Err(ConnectError::Refused(text)));
        }
        if !matches!(receive(transport, inbox).await, Some(Ok(()))) {
            return Err(ConnectError::Closed);
        }
    }
}
