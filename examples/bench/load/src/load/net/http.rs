//! A connection without WebSockets, as the official client has it: what the server sends comes in responses to GET on the
//! first socket, and what the client sends goes in one POST after another on the second. Must not know what messages mean.

use std::{mem, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    Handler, Net,
    opening::token,
    peer::{Got, Peer, Stage},
};
use crate::{
    clock::nanoseconds,
    options::Transport,
    wire::{Message, Response, chunk},
};

/// The type of a response that is a stream of events.
pub(super) const EVENTS: &str = "text/event-stream";

/// How long the server may take to let all connections go.
const LEAVING: Duration = Duration::from_secs(20);

/// The second socket of a connection.
#[derive(Debug)]
pub(super) struct Posting {
    peer: Peer,
    /// What the request line of a GET names.
    path: String,
    /// What goes with the next POST: the next begins when the last is answered.
    body: Vec<u8>,
    /// What has to be answered with which status, if a request is on its way.
    asked: Option<(&'static str, &'static str)>,
    /// Whether the client leaves, once all is sent.
    leaves: bool,
}

impl Posting {
    pub(super) fn new(peer: Peer) -> Self {
        Self { peer, path: String::new(), body: Vec::new(), asked: None, leaves: false }
    }

    /// The connection has this path from now on.
    pub(super) fn begin(&mut self, path: &str) {
        path.clone_into(&mut self.path);
    }

    /// Adds a message to what is sent.
    pub(super) fn put(&mut self, message: &[u8]) {
        self.body.extend_from_slice(message);
    }

    /// Sends what there is, unless a request is on its way.
    pub(super) fn send(&mut self) -> Result<()> {
        let (path, length) = (&self.path, self.body.len());
        let head = match (self.asked, length) {
            (None, 1..) => {
                self.asked = Some(("a POST", "200"));
                format!(
                    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: {length}\r\n\r\n"
                )
            }
            (None, 0) if mem::take(&mut self.leaves) => {
                self.asked = Some(("a DELETE", "202"));
                format!("DELETE {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            }
            _ => return self.peer.flush().map(drop),
        };
        self.peer.unsent.extend_from_slice(head.as_bytes());
        self.peer.unsent.append(&mut self.body);
        self.peer.flush().map(drop)
    }

    /// Takes the answers that are whole.
    fn answered(&mut self, bytes: &[u8]) -> Result<()> {
        self.peer.unread.extend_from_slice(bytes);
        let unread = mem::take(&mut self.peer.unread);
        let mut rest = &unread[..];
        while let Some(response) = Response::read(rest)? {
            let (what, status) =
                self.asked.take().with_context(|| format!("an answer to nothing: {:?}", response.head))?;
            response.demand(status, what)?;
            rest = &rest[response.length..];
        }
        self.peer.unread.extend_from_slice(rest);
        self.send()
    }
}

impl Net {
    /// Something has happened to the second socket of connection `at`.
    pub(super) fn on_post<H: Handler>(&mut self, at: usize, readable: bool, handler: &mut H) -> Result<()> {
        let Some(posting) = self.posts.get_mut(at) else { return Ok(()) };
        posting.peer.flush()?;
        if !readable {
            return Ok(());
        }
        let mut buffer = mem::take(&mut self.buffer);
        loop {
            match posting.peer.read(&mut buffer) {
                Got::Nothing => break,
                Got::End(reason) => {
                    self.end(at, reason, handler)?;
                    break;
                }
                Got::Bytes(length) => {
                    posting.answered(&buffer[..length]).with_context(|| format!("connection {at}"))?
                }
            }
        }
        self.buffer = buffer;
        Ok(())
    }

    /// Asks for what the server sends.
    pub(super) fn get(&mut self, at: usize) {
        let path = &self.posts[at].path;
        let accept = if self.transport == Transport::ServerSentEvents { EVENTS } else { "*/*" };
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: {accept}\r\n\r\n");
        self.peers[at].unsent.extend_from_slice(request.as_bytes());
        self.list(at);
    }

    /// Takes the part of a response that does not end. Returns how many bytes it took.
    pub(super) fn take_chunk<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<Option<usize>> {
        let Some((part, length)) = chunk(bytes)? else { return Ok(None) };
        if part.is_empty() {
            self.end(at, "the stream of events has ended".to_owned(), handler)?;
            return Ok(Some(length));
        }
        let mut messages = mem::take(&mut self.peers[at].fragments);
        self.peers[at].events.take(part, &mut messages)?;
        self.take_messages(at, &messages, handler)?;
        messages.clear();
        self.peers[at].fragments = messages;
        Ok(Some(length))
    }

    /// Takes the answer to a poll, and polls again. Returns how many bytes it took.
    pub(super) fn take_poll<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<Option<usize>> {
        let Some(poll) = Response::read(bytes)? else { return Ok(None) };
        if poll.status.starts_with("HTTP/1.1 204") {
            self.end(at, "a poll was answered with 204".to_owned(), handler)?;
            return Ok(Some(poll.length));
        }
        poll.demand("200", "a poll")?;
        self.get(at);
        self.take_messages(at, poll.body, handler)?;
        Ok(Some(poll.length))
    }

    /// Ends connections that poll, as the official client does: the server need not wait for further polls.
    pub(crate) fn leave<H: Handler>(&mut self, handler: &mut H) -> Result<()> {
        if self.transport != Transport::LongPolling {
            return Ok(());
        }
        for at in 0..self.posts.len() {
            self.peers[at].stage = Stage::Ended;
            self.posts[at].leaves = true;
            self.list(at);
        }
        self.flush()?;
        let end = self.look() + nanoseconds(LEAVING);
        while self.posts.iter().any(|posting| posting.leaves || posting.asked.is_some()) {
            ensure!(self.now < end, "not every DELETE was answered within {} s", LEAVING.as_secs());
            self.turn(handler)?;
        }
        Ok(())
    }

    /// Takes the answer to a negotiation that the scenario asked for.
    pub(super) fn take_negotiation<H: Handler>(
        &mut self,
        at: usize,
        bytes: &[u8],
        handler: &mut H,
    ) -> Result<Option<usize>> {
        let Some(response) = Response::read(bytes)? else { return Ok(None) };
        let token = token(&response, self.transport, self.counts)?;
        if token.is_empty() {
            bail!("a negotiation gave an empty token");
        }
        handler.message(self, at, Message::Negotiated(token))?;
        Ok(Some(response.length))
    }
}
