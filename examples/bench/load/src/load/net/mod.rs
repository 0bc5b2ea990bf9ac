//! All connections and the one loop that serves them. Owns opening, reading, writing and waiting; what messages mean is
//! the [`Handler`]'s.

mod http;
mod http2;
mod opening;
mod peer;
mod posting;
mod secure;
mod taking;

use std::{
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use mio::{Events, Interest, Poll, Token};
use tokio_rustls::rustls::ClientConfig;

use crate::{
    clock::{Clock, nanoseconds},
    options::{Options, Scenario, Transport},
    wire::{Call, Message, Wire, put_frame},
};
use http2::Streams;
use peer::{Got, Peer, Stage};
use posting::Posting;

/// How many connections are being opened at once, but in a storm.
const OPENING: usize = 32;
/// How long opening all connections may take; a server under callgrind is slow.
const OPENING_LIMIT: Duration = Duration::from_secs(120);
/// The longest sleep before the clock is read again.
const NAP: Duration = Duration::from_millis(5);
/// Room for what one read gives.
const BUFFER: usize = 256 * 1024;

/// Tokens of the sockets for what is sent are beyond this.
const POSTS: usize = 1 << 31;

/// What is done with what the server sends.
pub(crate) trait Handler {
    /// A message on connection `at`. An error ends the run.
    fn message(&mut self, net: &mut Net, at: usize, message: Message<'_>) -> Result<()>;

    /// The server has ended connection `at`.
    fn ended(&mut self, at: usize, reason: String) -> Result<()> {
        bail!("the server ended connection {at}: {reason}")
    }

    /// Called in every turn of the loop.
    fn turn(&mut self, _net: &mut Net) -> Result<()> {
        Ok(())
    }
}

/// All connections.
pub(crate) struct Net {
    poll: Poll,
    events: Events,
    peers: Vec<Peer>,
    /// Without WebSockets: what each connection sends.
    posts: Vec<Posting>,
    /// Its second socket, which carries that over HTTP/1.1.
    seconds: Vec<Peer>,
    /// Its streams over HTTP/2.
    streams: Vec<Streams>,
    server: SocketAddr,
    source: Ipv4Addr,
    wire: Wire,
    transport: Transport,
    http2: bool,
    tls: Option<Arc<ClientConfig>>,
    /// Whether connections use stateful reconnect.
    counts: bool,
    /// Whether to negotiate and no more.
    only_negotiates: bool,
    clock: Clock,
    now: u64,
    ready: usize,
    buffer: Vec<u8>,
    message: Vec<u8>,
    unsent: Vec<usize>,
    /// How many connections are being opened at once.
    pub(crate) at_once: usize,
    /// Whether to look at the sockets without a pause, so that what is due is sent on time.
    pub(crate) spin: bool,
}

impl Net {
    pub(crate) fn new(options: &Options) -> Result<Self> {
        // Each run connects from an address of its own, so that ports of the last one that the kernel still holds are
        // no obstacle.
        let [high, low] = (std::process::id() as u16).to_be_bytes();
        Ok(Self {
            poll: Poll::new().context("no epoll")?,
            events: Events::with_capacity(1024),
            peers: Vec::new(),
            posts: Vec::new(),
            seconds: Vec::new(),
            streams: Vec::new(),
            server: SocketAddr::from((Ipv4Addr::LOCALHOST, options.port)),
            source: Ipv4Addr::new(127, 1 + high % 250, low, 1),
            wire: Wire::new(options),
            transport: options.transport,
            http2: options.http2,
            tls: options.tls.then(secure::config).transpose()?,
            counts: options.stateful_reconnect,
            only_negotiates: options.scenario == Scenario::Negotiate,
            clock: Clock::start(),
            now: 0,
            ready: 0,
            buffer: vec![0; BUFFER],
            message: Vec::new(),
            unsent: Vec::new(),
            at_once: OPENING,
            spin: false,
        })
    }

    /// Nanoseconds since the start, as of the last look.
    pub(crate) fn now(&self) -> u64 {
        self.now
    }

    /// Reads the clock.
    pub(crate) fn look(&mut self) -> u64 {
        self.now = self.clock.now();
        self.now
    }

    /// Has further connections open at another server.
    pub(crate) fn dial(&mut self, port: u16) {
        self.server.set_port(port);
    }

    /// Opens `count` further connections and waits until each may call.
    pub(crate) fn open<H: Handler>(&mut self, count: usize, handler: &mut H) -> Result<()> {
        let wanted = self.peers.len() + count;
        let limit = self.look() + nanoseconds(OPENING_LIMIT);
        while self.ready < wanted {
            while self.peers.len() < wanted && self.peers.len() < self.ready.saturating_add(self.at_once) {
                let at = self.peers.len();
                let peer = self.connect(at)?;
                self.peers.push(peer);
                self.open_further(at)?;
            }
            self.turn(handler)?;
            if self.now > limit {
                bail!("only {} of {wanted} connections were open after {} s", self.ready, OPENING_LIMIT.as_secs());
            }
        }
        Ok(())
    }

    /// What connection `at` needs beside its first socket.
    fn open_further(&mut self, at: usize) -> Result<()> {
        if self.http2 {
            self.streams.push(Streams::new());
        }
        if self.transport != Transport::Websockets {
            self.posts.push(Posting::default());
            if !self.http2 {
                let second = self.connect(POSTS + at)?;
                self.seconds.push(second);
            }
        }
        Ok(())
    }

    fn connect(&self, token: usize) -> Result<Peer> {
        let mut peer = Peer::connect(self.server, self.source, self.tls.as_ref())?;
        if let Some(socket) = &mut peer.socket {
            self.poll.registry().register(socket, Token(token), Interest::READABLE | Interest::WRITABLE)?;
        }
        Ok(peer)
    }

    /// Serves all connections for a while.
    pub(crate) fn run_for<H: Handler>(&mut self, handler: &mut H, time: Duration) -> Result<()> {
        let end = self.look() + nanoseconds(time);
        while self.now < end {
            self.turn(handler)?;
        }
        Ok(())
    }

    /// Serves all connections until `done`, which has to come within `limit`.
    pub(crate) fn run_until<H: Handler>(
        &mut self,
        handler: &mut H,
        limit: Duration,
        what: &str,
        done: impl Fn(&H) -> bool,
    ) -> Result<()> {
        let end = self.look() + nanoseconds(limit);
        while !done(handler) {
            if self.now > end {
                bail!("{what} did not come within {} s", limit.as_secs());
            }
            self.turn(handler)?;
        }
        Ok(())
    }

    /// Adds a call to what connection `at` sends.
    pub(crate) fn call(&mut self, at: usize, call: Call<'_>) -> Result<()> {
        self.message.clear();
        self.wire.put_call(&mut self.message, call)?;
        self.put_message(at);
        Ok(())
    }

    /// Adds an item of an upload, or its end.
    pub(crate) fn item(&mut self, at: usize, stream: u64, item: Option<u64>) -> Result<()> {
        self.message.clear();
        self.wire.put_item(&mut self.message, stream, item)?;
        self.put_message(at);
        Ok(())
    }

    /// How many bytes wait to be sent on connection `at`.
    pub(crate) fn waiting(&self, at: usize) -> usize {
        self.peers[at].unsent.len()
    }

    /// Sends what waits, on every connection.
    pub(crate) fn flush(&mut self) -> Result<()> {
        while let Some(at) = self.unsent.pop() {
            self.peers[at].listed = false;
            self.post_stream(at)?;
            self.peers[at].flush()?;
            self.post(at)?;
        }
        Ok(())
    }

    /// Leaves what the server sends on connection `at` in the socket.
    pub(crate) fn stop_reading(&mut self, at: usize) -> Result<()> {
        let Some(socket) = &mut self.peers[at].socket else { return Ok(()) };
        self.poll.registry().deregister(socket)?;
        Ok(())
    }

    /// Reads it again.
    pub(crate) fn read_again(&mut self, at: usize) -> Result<()> {
        let Some(socket) = &mut self.peers[at].socket else { return Ok(()) };
        self.poll.registry().register(socket, Token(at), Interest::READABLE | Interest::WRITABLE)?;
        Ok(())
    }

    /// Closes every connection.
    pub(crate) fn close_all(&mut self) {
        self.peers.clear();
        self.posts.clear();
        self.seconds.clear();
        self.streams.clear();
        self.unsent.clear();
        self.ready = 0;
    }

    fn list(&mut self, at: usize) {
        let peer = &mut self.peers[at];
        if !peer.listed {
            peer.listed = true;
            self.unsent.push(at);
        }
    }

    fn put_message(&mut self, at: usize) {
        match self.posts.get_mut(at) {
            Some(posting) => posting.put(&self.message),
            None => put_frame(&mut self.peers[at].unsent, self.wire.opcode(), &self.message),
        }
        self.list(at);
    }

    fn turn<H: Handler>(&mut self, handler: &mut H) -> Result<()> {
        let mut events = std::mem::replace(&mut self.events, Events::with_capacity(0));
        match self.poll.poll(&mut events, Some(if self.spin { Duration::ZERO } else { NAP })) {
            Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error.into()),
            _ => {}
        }
        for event in &events {
            let at = event.token().0;
            if at >= POSTS {
                self.on_post(at - POSTS, event.is_readable(), handler)?;
                continue;
            }
            if at >= self.peers.len() {
                continue;
            }
            if event.is_writable() {
                self.on_writable(at)?;
            }
            if event.is_readable() {
                self.on_readable(at, handler)?;
            }
        }
        self.events = events;
        self.look();
        handler.turn(self)?;
        self.flush()
    }

    fn on_writable(&mut self, at: usize) -> Result<()> {
        if self.peers[at].stage == Stage::Connecting {
            if self.peers[at].connected()? {
                self.greet(at);
            }
            return self.flush();
        }
        self.peers[at].flush().map(drop)
    }

    fn on_readable<H: Handler>(&mut self, at: usize, handler: &mut H) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        loop {
            match self.peers[at].read(&mut buffer) {
                Got::Nothing => break,
                Got::End(reason) => {
                    self.end(at, reason, handler)?;
                    break;
                }
                Got::Bytes(length) => {
                    self.look();
                    self.take_bytes(at, &buffer[..length], handler)?;
                    if length < buffer.len() && !self.peers[at].may_have_more() {
                        break;
                    }
                }
            }
        }
        self.buffer = buffer;
        self.flush()
    }

    fn end<H: Handler>(&mut self, at: usize, reason: String, handler: &mut H) -> Result<()> {
        let peer = &mut self.peers[at];
        peer.stage = Stage::Ended;
        peer.socket = None;
        handler.ended(at, reason)
    }
}
