//! What comes before the hub protocol: negotiation and upgrade, on one connection.

use anyhow::{Context, Result, bail};
use memchr::memmem;
use serde_json::Value;

use super::{Net, peer::Stage};
use crate::{options::Protocol, wire::put_frame};

/// The example of RFC 6455, and the answer that it demands.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// An HTTP response, in place.
struct Response<'a> {
    status: &'a str,
    head: &'a str,
    body: &'a [u8],
    length: usize,
}

impl<'a> Response<'a> {
    /// The response that `bytes` begin with, if all of it is there.
    fn read(bytes: &'a [u8]) -> Result<Option<Self>> {
        let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&bytes[..end]).context("a response is no text")?;
        let status = head.lines().next().unwrap_or_default();
        let length = header(head, "content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        let body = bytes.get(end + 4..end + 4 + length);
        Ok(body.map(|body| Self { status, head, body, length: end + 4 + length }))
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

impl Net {
    /// The first request of a fresh connection.
    pub(super) fn greet(&mut self, at: usize) {
        if self.wire.protocol == Protocol::Socketio {
            return self.ask_upgrade(at, "/socket.io/?EIO=4&transport=websocket");
        }
        let peer = &mut self.peers[at];
        peer.stage = Stage::Negotiating;
        let query = if self.counts { "&useStatefulReconnect=true" } else { "" };
        let request = format!(
            "POST /hub/negotiate?negotiateVersion=1{query} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n"
        );
        peer.unsent.extend_from_slice(request.as_bytes());
        self.list(at);
    }

    fn ask_upgrade(&mut self, at: usize, path: &str) {
        let peer = &mut self.peers[at];
        peer.stage = Stage::Upgrading;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
        );
        peer.unsent.extend_from_slice(request.as_bytes());
        self.list(at);
    }

    /// Acts on the response that `bytes` begin with. Returns its length, if all of it is there.
    pub(super) fn take_response(&mut self, at: usize, bytes: &[u8]) -> Result<Option<usize>> {
        let Some(response) = Response::read(bytes)? else { return Ok(None) };
        if self.peers[at].stage == Stage::Negotiating {
            let token = token(&response, self.counts)?;
            self.ask_upgrade(at, &format!("/hub?id={token}"));
        } else {
            if !response.status.starts_with("HTTP/1.1 101")
                || header(response.head, "sec-websocket-accept") != Some(ACCEPT)
            {
                bail!("the upgrade was answered with {:?}", response.head);
            }
            self.shake(at);
        }
        Ok(Some(response.length))
    }

    fn shake(&mut self, at: usize) {
        let peer = &mut self.peers[at];
        peer.stage = Stage::Shaking;
        let name = match self.wire.protocol {
            Protocol::Socketio => return,
            Protocol::Json => "json",
            Protocol::Messagepack => "messagepack",
        };
        // Stateful reconnect is version 2, and the server counts from the client's first ping on.
        let version = if self.counts { 2 } else { 1 };
        let handshake = format!("{{\"protocol\":\"{name}\",\"version\":{version}}}\x1e");
        put_frame(&mut peer.unsent, crate::wire::Opcode::Text, handshake.as_bytes());
        if self.counts {
            put_frame(&mut peer.unsent, crate::wire::Opcode::Text, b"{\"type\":6}\x1e");
        }
        self.list(at);
    }
}

/// The token that a negotiation gave. `counts` if it asked for stateful reconnect.
fn token(response: &Response<'_>, counts: bool) -> Result<String> {
    if !response.status.starts_with("HTTP/1.1 200") {
        bail!("negotiation was answered with {:?}", response.head);
    }
    let answer: Value = serde_json::from_slice(response.body).context("negotiation was not answered with JSON")?;
    let offered = answer["availableTransports"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !offered.iter().any(|transport| transport["transport"] == "WebSockets") {
        bail!("negotiation offers no WebSockets: {answer}");
    }
    if counts && answer["useStatefulReconnect"] != true {
        bail!("negotiation gives no stateful reconnect: {answer}");
    }
    answer["connectionToken"]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("negotiation gives no token: {answer}"))
}
