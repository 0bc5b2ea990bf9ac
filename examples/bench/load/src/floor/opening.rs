//! Negotiation and upgrade, for the one client there is.

use std::{
    io::ErrorKind,
    sync::atomic::{AtomicU64, Ordering},
};

use memchr::memmem;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Room for a request.
const REQUEST: usize = 1024;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// Answers requests until one upgrades the connection; `None` if the client is gone.
pub(crate) async fn upgrade(socket: TcpStream) -> Option<TcpStream> {
    let mut unread = Vec::with_capacity(REQUEST);
    loop {
        socket.readable().await.ok()?;
        match socket.try_read_buf(&mut unread) {
            Ok(0) => return None,
            Err(error) if error.kind() != ErrorKind::WouldBlock => return None,
            _ => {}
        }
        while let Some((answer, upgrades)) = answer(&mut unread) {
            socket.try_write(answer.as_bytes()).ok()?;
            if upgrades {
                return Some(socket);
            }
        }
    }
}

/// The answer to the request that `unread` begins with, and whether it upgrades; the request is taken out. `None`: it is not
/// there in full.
pub(crate) fn answer(unread: &mut Vec<u8>) -> Option<(String, bool)> {
    let end = memmem::find(unread, b"\r\n\r\n")?;
    let upgrades = !unread.starts_with(b"POST");
    let answer = if upgrades {
        let accept = derive_accept_key(key(&unread[..end])?);
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        )
    } else {
        negotiated()
    };
    unread.drain(..end + 4);
    Some((answer, upgrades))
}

fn negotiated() -> String {
    let body = negotiation();
    format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// The answer to a negotiation.
pub(crate) fn negotiation() -> String {
    let id = format!("{:022}", NEXT_ID.fetch_add(1, Ordering::Relaxed));
    format!(
        "{{\"negotiateVersion\":1,\"connectionId\":\"{id}\",\"connectionToken\":\"{id}\",\"availableTransports\":\
         [{{\"transport\":\"WebSockets\",\"transferFormats\":[\"Text\",\"Binary\"]}},\
         {{\"transport\":\"ServerSentEvents\",\"transferFormats\":[\"Text\"]}},\
         {{\"transport\":\"LongPolling\",\"transferFormats\":[\"Text\",\"Binary\"]}}]}}"
    )
}

fn key(head: &[u8]) -> Option<&[u8]> {
    const NAME: &[u8] = b"Sec-WebSocket-Key: ";
    let rest = &head[memmem::find(head, NAME)? + NAME.len()..];
    Some(&rest[..memchr::memchr(b'\r', rest).unwrap_or(rest.len())])
}
