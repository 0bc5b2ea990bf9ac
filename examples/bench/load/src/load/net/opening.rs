//! What comes before the hub protocol: negotiation and upgrade, on one connection.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use super::{Net, http, http2::put_request, peer::Stage};
use crate::{
    options::{Protocol, Transport},
    wire::{Opcode, Request, Response, http2::put_opening, put_frame},
};

/// The example of RFC 6455, and the answer that it demands.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

impl Net {
    /// The first request of a fresh connection.
    pub(super) fn greet(&mut self, at: usize) {
        if self.wire.protocol == Protocol::Socketio {
            return self.ask_upgrade(at, "/socket.io/?EIO=4&transport=websocket");
        }
        if self.http2 {
            put_opening(&mut self.peers[at].unsent);
            self.list(at);
        }
        if self.only_negotiates {
            // The scenario asks.
            self.peers[at].stage = Stage::Asking;
            self.ready += 1;
            return;
        }
        self.peers[at].stage = Stage::Negotiating;
        self.negotiate(at);
    }

    /// Asks for a negotiation.
    pub(crate) fn negotiate(&mut self, at: usize) {
        let query = if self.counts { "&useStatefulReconnect=true" } else { "" };
        let path = format!("/hub/negotiate?negotiateVersion=1{query}");
        let request = Request { method: "POST", path: &path, header: None, body: Some(&[]) };
        put_request(&mut self.peers[at].unsent, self.streams.get_mut(at), &request);
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
            response.demand(200, "a negotiation")?;
            self.negotiated(at, response.body)?;
        } else {
            self.check_opening(&response)?;
            self.opened(at);
        }
        Ok(Some(response.length))
    }

    /// A negotiation was answered with this.
    pub(super) fn negotiated(&mut self, at: usize, body: &[u8]) -> Result<()> {
        let path = format!("/hub?id={}", self.token(body)?);
        match self.posts.get_mut(at) {
            None => self.ask_upgrade(at, &path),
            Some(posting) => {
                posting.begin(path);
                self.peers[at].stage = Stage::Upgrading;
                self.get(at);
            }
        }
        Ok(())
    }

    /// The transport is open if this is right.
    fn check_opening(&self, response: &Response<'_>) -> Result<()> {
        match self.transport {
            Transport::Websockets => {
                response.demand(101, "the upgrade")?;
                let accept = response.header("sec-websocket-accept");
                ensure!(accept == Some(ACCEPT), "the upgrade was answered with {:?}", response.head);
            }
            Transport::ServerSentEvents => {
                response.demand(200, "the request for events")?;
                let chunked = response.header("transfer-encoding") == Some("chunked");
                let events = response.header("content-type").is_some_and(|kind| kind.starts_with(http::EVENTS));
                ensure!(chunked && events, "the request for events was answered with {:?}", response.head);
            }
            Transport::LongPolling => response.demand(200, "the first poll")?,
        }
        Ok(())
    }

    /// The transport is open.
    pub(super) fn opened(&mut self, at: usize) {
        if self.transport == Transport::LongPolling {
            self.get(at);
        }
        self.shake(at);
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
        match self.posts.get_mut(at) {
            Some(posting) => posting.put(handshake.as_bytes()),
            None => put_frame(&mut peer.unsent, Opcode::Text, handshake.as_bytes()),
        }
        if self.counts {
            put_frame(&mut peer.unsent, Opcode::Text, b"{\"type\":6}\x1e");
        }
        self.list(at);
    }

    /// The token that a negotiation gave, which has to offer the transport and what was asked for.
    pub(super) fn token(&self, body: &[u8]) -> Result<String> {
        let answer: Value = serde_json::from_slice(body).context("a negotiation was not answered with JSON")?;
        let offered = answer["availableTransports"].as_array().map(Vec::as_slice).unwrap_or_default();
        let wanted = match self.transport {
            Transport::Websockets => "WebSockets",
            Transport::ServerSentEvents => "ServerSentEvents",
            Transport::LongPolling => "LongPolling",
        };
        if !offered.iter().any(|transport| transport["transport"] == wanted) {
            bail!("negotiation offers no {wanted}: {answer}");
        }
        if self.counts && answer["useStatefulReconnect"] != true {
            bail!("negotiation gives no stateful reconnect: {answer}");
        }
        answer["connectionToken"]
            .as_str()
            .map(str::to_owned)
            .with_context(|| format!("negotiation gives no token: {answer}"))
    }
}
