//! A connection without WebSockets over HTTP/1.1, as the official client has it: what the server sends comes in responses to GET on
//! the first socket, and what the client sends goes in one POST after another on the second. Must not know what messages mean.

use std::{mem, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};

use super::{
    Handler, Net,
    http2::put_request,
    peer::{Got, Stage},
};
use crate::{
    clock::nanoseconds,
    options::Transport,
    wire::{Header, Message, Request, Response, chunk},
};

/// The type of a response that is a stream of events.
pub(super) const EVENTS: &str = "text/event-stream";

/// How long the server may take to let all connections go.
const LEAVING: Duration = Duration::from_secs(20);

impl Net {
    /// Sends what connection `at` has to send, on its second socket.
    pub(super) fn post(&mut self, at: usize) -> Result<()> {
        let (Some(posting), Some(second)) = (self.posts.get_mut(at), self.seconds.get_mut(at)) else { return Ok(()) };
        posting.send(|request| {
            request.put(&mut second.unsent);
            Ok(())
        })?;
        second.flush().map(drop)
    }

    /// Something has happened to the second socket of connection `at`.
    pub(super) fn on_post<H: Handler>(&mut self, at: usize, readable: bool, handler: &mut H) -> Result<()> {
        let Some(second) = self.seconds.get_mut(at) else { return Ok(()) };
        second.flush()?;
        if !readable {
            return Ok(());
        }
        let mut buffer = mem::take(&mut self.buffer);
        loop {
            match self.seconds[at].read(&mut buffer) {
                Got::Nothing => break,
                Got::End(reason) => {
                    self.end(at, reason, handler)?;
                    break;
                }
                Got::Bytes(length) => {
                    self.take_answers(at, &buffer[..length]).with_context(|| format!("connection {at}"))?
                }
            }
        }
        self.buffer = buffer;
        Ok(())
    }

    /// Takes the answers to POSTs that are whole.
    fn take_answers(&mut self, at: usize, bytes: &[u8]) -> Result<()> {
        let (posting, second) = (&mut self.posts[at], &mut self.seconds[at]);
        second.unread.extend_from_slice(bytes);
        let unread = mem::take(&mut second.unread);
        let mut rest = &unread[..];
        while let Some(response) = Response::read(rest)? {
            let (what, status) = posting.asked().with_context(|| format!("{:?}", response.head))?;
            response.demand(status, what)?;
            posting.answered()?;
            rest = &rest[response.length..];
        }
        second.unread.extend_from_slice(rest);
        self.post(at)
    }

    /// Asks for what the server sends.
    pub(super) fn get(&mut self, at: usize) {
        let accept = if self.transport == Transport::ServerSentEvents { EVENTS } else { "*/*" };
        let (path, header) = (self.posts[at].path(), Some((Header::Accept, accept)));
        let request = Request { method: "GET", path, header, body: None };
        put_request(&mut self.peers[at].unsent, self.streams.get_mut(at), &request);
        self.list(at);
    }

    /// Takes the part of a response that does not end. Returns how many bytes it took.
    pub(super) fn take_chunk<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<Option<usize>> {
        let Some((part, length)) = chunk(bytes)? else { return Ok(None) };
        if part.is_empty() {
            self.end(at, "the stream of events has ended".to_owned(), handler)?;
        } else {
            self.take_events(at, part, handler)?;
        }
        Ok(Some(length))
    }

    /// Takes a part of the stream of events.
    pub(super) fn take_events<H: Handler>(&mut self, at: usize, part: &[u8], handler: &mut H) -> Result<()> {
        let mut messages = mem::take(&mut self.peers[at].fragments);
        self.peers[at].events.take(part, &mut messages)?;
        self.take_messages(at, &messages, handler)?;
        messages.clear();
        self.peers[at].fragments = messages;
        Ok(())
    }

    /// Takes the answer to a poll, and polls again. Returns how many bytes it took.
    pub(super) fn take_poll<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<Option<usize>> {
        let Some(poll) = Response::read(bytes)? else { return Ok(None) };
        if poll.status.starts_with("HTTP/1.1 204") {
            self.end(at, "a poll was answered with 204".to_owned(), handler)?;
            return Ok(Some(poll.length));
        }
        poll.demand(200, "a poll")?;
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
            self.posts[at].leave();
            self.list(at);
        }
        self.flush()?;
        let end = self.look() + nanoseconds(LEAVING);
        while self.posts.iter().any(super::Posting::is_leaving) {
            ensure!(self.now < end, "not every DELETE was answered within {} s", LEAVING.as_secs());
            self.turn(handler)?;
        }
        Ok(())
    }

    /// Takes the answer to a negotiation that the scenario asked for. Returns how many bytes it took.
    pub(super) fn take_negotiation<H: Handler>(
        &mut self,
        at: usize,
        bytes: &[u8],
        handler: &mut H,
    ) -> Result<Option<usize>> {
        let Some(response) = Response::read(bytes)? else { return Ok(None) };
        response.demand(200, "a negotiation")?;
        self.take_token(at, response.body, handler)?;
        Ok(Some(response.length))
    }

    /// Takes the body of such an answer.
    pub(super) fn take_token<H: Handler>(&mut self, at: usize, body: &[u8], handler: &mut H) -> Result<()> {
        let token = self.token(body)?;
        if token.is_empty() {
            bail!("a negotiation gave an empty token");
        }
        handler.message(self, at, Message::Negotiated(token))
    }
}
