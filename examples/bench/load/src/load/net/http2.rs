//! A connection over HTTP/2, as a browser has it: all requests are streams of one socket. One stream at a time is for what the server
//! sends: the negotiation, then events or one poll after another; and one for what the client sends. Must not know what messages mean.

use std::mem;

use anyhow::{Context as _, Result, bail, ensure};

use super::{Handler, Net, peer::Stage};
use crate::{
    options::Transport,
    wire::{
        Request,
        http2::{self, Http2Frame, Kind},
        status,
    },
};

/// After how many bytes the server may send as many more.
const RENEWED: u32 = http2::WINDOW / 2;

/// The streams of one connection.
#[derive(Debug)]
pub(super) struct Streams {
    next: u32,
    /// The stream of the last request for what the server sends, and how much has come since its window was renewed.
    getting: u32,
    got: u32,
    /// The same for all streams.
    taken: u32,
    /// The stream of the last request for what the client sends.
    posting: u32,
    /// How much the server still takes, in all and on a fresh stream.
    window: i64,
    fresh: i64,
}

impl Streams {
    pub(super) fn new() -> Self {
        Self { next: 1, getting: 0, got: 0, taken: 0, posting: 0, window: 65_535, fresh: 65_535 }
    }

    fn open(&mut self) -> u32 {
        let stream = self.next;
        self.next += 2;
        stream
    }

    /// Appends a request for what the server sends.
    fn get(&mut self, out: &mut Vec<u8>, request: &Request<'_>) {
        (self.getting, self.got) = (self.open(), 0);
        http2::put_request(out, self.getting, request);
    }

    /// Appends a request for what the client sends. The server has to have room for all of it.
    fn post(&mut self, out: &mut Vec<u8>, request: &Request<'_>) -> Result<()> {
        let length = request.body.map_or(0, <[u8]>::len) as i64;
        let room = self.window.min(self.fresh);
        ensure!(length <= room, "a POST of {length} bytes, and the server takes {room} at once");
        self.window -= length;
        self.posting = self.open();
        http2::put_request(out, self.posting, request);
        Ok(())
    }

    /// Counts what has come, and lets the server send more in time.
    fn count(&mut self, stream: u32, length: usize, out: &mut Vec<u8>) {
        self.taken += length as u32;
        if self.taken >= RENEWED {
            http2::put_window(out, 0, mem::take(&mut self.taken));
        }
        if stream == self.getting {
            self.got += length as u32;
            if self.got >= RENEWED {
                http2::put_window(out, stream, mem::take(&mut self.got));
            }
        }
    }
}

/// Appends a request for what the server sends: on the first socket, or on a stream of the only one.
pub(super) fn put_request(out: &mut Vec<u8>, streams: Option<&mut Streams>, request: &Request<'_>) {
    match streams {
        None => request.put(out),
        Some(streams) => streams.get(out, request),
    }
}

impl Net {
    /// Adds what connection `at` has to send, on a stream of its own.
    pub(super) fn post_stream(&mut self, at: usize) -> Result<()> {
        let (Some(posting), Some(streams)) = (self.posts.get_mut(at), self.streams.get_mut(at)) else { return Ok(()) };
        posting.send(|request| streams.post(&mut self.peers[at].unsent, request))
    }

    /// Acts on the frame that `bytes` begin with. Returns its length, if all of it is there.
    pub(super) fn take_http2<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<Option<usize>> {
        let Some(frame) = Http2Frame::read(bytes)? else { return Ok(None) };
        let (peer, streams) = (&mut self.peers[at], &mut self.streams[at]);
        match frame.kind {
            Kind::Headers => self.take_head(at, frame, handler)?,
            Kind::Data => {
                streams.count(frame.stream, frame.payload.len(), &mut peer.unsent);
                self.take_data(at, frame.stream, (frame.payload, frame.ends()), handler)?;
            }
            Kind::Settings if !frame.is_ack() => {
                streams.fresh = frame.initial_window().map_or(streams.fresh, i64::from);
                http2::put_settings_ack(&mut peer.unsent);
            }
            Kind::Ping if !frame.is_ack() => http2::put_pong(&mut peer.unsent, frame.payload),
            Kind::Window if frame.stream == 0 => streams.window += i64::from(frame.number()),
            Kind::Reset if peer.stage != Stage::Ended => {
                bail!("the server reset a stream of connection {at}, for reason {}", frame.number())
            }
            Kind::GoAway if peer.stage != Stage::Ended => {
                let reason = format!("GOAWAY, for reason {}", frame.reason());
                self.end(at, reason, handler)?;
            }
            _ => {}
        }
        if !self.peers[at].unsent.is_empty() {
            self.list(at);
        }
        Ok(Some(frame.length))
    }

    /// An answer begins.
    fn take_head<H: Handler>(&mut self, at: usize, frame: Http2Frame<'_>, handler: &mut H) -> Result<()> {
        let found = status(frame.payload).with_context(|| format!("on connection {at}"))?;
        if frame.stream == self.streams[at].posting {
            let (what, wanted) = self.posts[at].asked()?;
            ensure!(found == wanted, "{what} was answered with {found} on connection {at}");
            return self.take_data(at, frame.stream, (&[], frame.ends()), handler);
        }
        let events = self.transport == Transport::ServerSentEvents;
        let what = match self.peers[at].stage {
            Stage::Ended => return Ok(()),
            Stage::Negotiating | Stage::Asking => "a negotiation",
            Stage::Upgrading if events => "the request for events",
            Stage::Upgrading => "the first poll",
            _ if found == 204 => return self.end(at, "a poll was answered with 204".to_owned(), handler),
            _ => "a poll",
        };
        ensure!(frame.stream == self.streams[at].getting, "an answer to nothing on connection {at}");
        ensure!(found == 200, "{what} was answered with {found} on connection {at}");
        if events && self.peers[at].stage == Stage::Upgrading {
            self.opened(at);
        }
        self.take_data(at, frame.stream, (&[], frame.ends()), handler)
    }

    /// A part of an answer, and whether it is the last.
    fn take_data<H: Handler>(
        &mut self,
        at: usize,
        stream: u32,
        (part, ends): (&[u8], bool),
        handler: &mut H,
    ) -> Result<()> {
        if stream == self.streams[at].posting {
            if ends {
                self.posts[at].answered()?;
                self.list(at);
            }
            return Ok(());
        }
        let stage = self.peers[at].stage;
        if stage == Stage::Ended {
            return Ok(());
        }
        ensure!(stream == self.streams[at].getting, "a part of no answer on connection {at}");
        if self.transport == Transport::ServerSentEvents && matches!(stage, Stage::Shaking | Stage::Ready) {
            self.take_events(at, part, handler)?;
            return if ends { self.end(at, "the stream of events has ended".to_owned(), handler) } else { Ok(()) };
        }
        let mut body = mem::take(&mut self.peers[at].fragments);
        if ends && body.is_empty() {
            self.take_body(at, part, handler)?;
        } else {
            body.extend_from_slice(part);
            if ends {
                self.take_body(at, &body, handler)?;
                body.clear();
            }
        }
        self.peers[at].fragments = body;
        Ok(())
    }

    /// A whole answer, to a negotiation or a poll.
    fn take_body<H: Handler>(&mut self, at: usize, body: &[u8], handler: &mut H) -> Result<()> {
        match self.peers[at].stage {
            Stage::Negotiating => self.negotiated(at, body)?,
            Stage::Asking => self.take_token(at, body, handler)?,
            Stage::Upgrading => self.opened(at),
            _ => {
                self.get(at);
                self.take_messages(at, body, handler)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{RENEWED, Streams};
    use crate::wire::{
        Request,
        http2::{Http2Frame, Kind},
    };

    const POST: Request<'static> = Request { method: "POST", path: "/", header: None, body: Some(&[0; 1000]) };

    #[test]
    fn each_request_has_a_stream_of_its_own() {
        let (mut streams, mut out) = (Streams::new(), Vec::new());
        streams.get(&mut out, &Request { body: None, ..POST });
        streams.post(&mut out, &POST).expect("there is room");
        streams.get(&mut out, &Request { body: None, ..POST });
        assert_eq!((streams.getting, streams.posting), (5, 3));
    }

    #[test]
    fn no_more_is_sent_than_the_server_takes() {
        let (mut streams, mut out) = (Streams::new(), Vec::new());
        streams.window = 1500;
        streams.post(&mut out, &POST).expect("there is room");
        let error = streams.post(&mut out, &POST).expect_err("there is none");
        assert_eq!(error.to_string(), "a POST of 1000 bytes, and the server takes 500 at once");
        streams.window += 1000;
        streams.post(&mut out, &POST).expect("there is room again");
    }

    #[test]
    fn a_server_may_go_on_sending() {
        let (mut streams, mut out) = (Streams::new(), Vec::new());
        (streams.getting, streams.posting) = (1, 3);
        streams.count(3, 1, &mut out);
        for _ in 0..RENEWED / 1024 - 1 {
            streams.count(1, 1024, &mut out);
        }
        assert!(out.is_empty());
        streams.count(1, 1024, &mut out);
        let first = Http2Frame::read(&out).expect("no mistake").expect("whole");
        let second = Http2Frame::read(&out[first.length..]).expect("no mistake").expect("whole");
        assert_eq!((first.kind, first.stream, first.number()), (Kind::Window, 0, RENEWED + 1));
        assert_eq!((second.kind, second.stream, second.number()), (Kind::Window, 1, RENEWED));
        assert_eq!(out.len(), first.length + second.length);
    }
}
