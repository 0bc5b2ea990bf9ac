//! One connection to the server: its socket, what is unread and unsent. Must not know messages.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::{Context, Result};
use mio::net::TcpStream;
use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio_rustls::rustls::ClientConfig;

use super::secure::Secure;
use crate::wire::Events;

/// How far a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connecting,
    Negotiating,
    Upgrading,
    /// Negotiates again and again.
    Asking,
    Shaking,
    Ready,
    Ended,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) socket: Option<TcpStream>,
    secure: Option<Box<Secure>>,
    pub(super) stage: Stage,
    /// The beginning of what has not come in full.
    pub(super) unread: Vec<u8>,
    /// The frames of a message so far.
    pub(super) fragments: Vec<u8>,
    pub(super) events: Events,
    pub(super) unsent: Vec<u8>,
    sent: usize,
    /// Messages that count for stateful reconnect, received so far.
    pub(super) counted: u64,
    /// Whether the connection is in the list of those that have something to send.
    pub(super) listed: bool,
}

/// What a read gave.
pub(super) enum Got {
    Bytes(usize),
    Nothing,
    End(String),
}

impl Peer {
    /// Begins to connect, from `source`, with TLS if there is a configuration for it.
    pub(super) fn connect(server: SocketAddr, source: Ipv4Addr, tls: Option<&Arc<ClientConfig>>) -> Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).context("no further socket")?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        socket.bind(&SocketAddr::from((source, 0)).into()).with_context(|| format!("cannot bind {source}"))?;
        match socket.connect(&server.into()) {
            Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => {
                return Err(error).with_context(|| format!("cannot connect to {server}"));
            }
            _ => {}
        }
        Ok(Self {
            socket: Some(TcpStream::from_std(socket.into())),
            secure: tls.map(Secure::new).transpose()?,
            stage: Stage::Connecting,
            unread: Vec::new(),
            fragments: Vec::new(),
            events: Events::default(),
            unsent: Vec::new(),
            sent: 0,
            counted: 0,
            listed: false,
        })
    }

    /// Whether it is connected by now.
    pub(super) fn connected(&self) -> Result<bool> {
        let Some(socket) = &self.socket else { return Ok(false) };
        if let Some(error) = socket.take_error()? {
            return Err(error).context("cannot connect");
        }
        Ok(socket.peer_addr().is_ok())
    }

    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Got {
        let Some(socket) = &mut self.socket else { return Got::Nothing };
        loop {
            let read = match &mut self.secure {
                None => socket.read(buffer),
                Some(secure) => secure.read(socket, buffer),
            };
            match read {
                Ok(0) => return Got::End("the server closed the socket".to_owned()),
                Ok(length) => return Got::Bytes(length),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Got::Nothing,
                Err(error) => return Got::End(error.to_string()),
            }
        }
    }

    /// Whether a read that gives less than there is room for may have left something.
    pub(super) fn may_have_more(&self) -> bool {
        self.secure.is_some()
    }

    /// Sends as much as the socket takes. Whether all is sent.
    pub(super) fn flush(&mut self) -> Result<bool> {
        let Some(socket) = &mut self.socket else { return Ok(true) };
        if let Some(secure) = &mut self.secure {
            secure.put(&self.unsent)?;
            self.unsent.clear();
            return secure.send(socket).context("cannot send");
        }
        while self.sent < self.unsent.len() {
            match socket.write(&self.unsent[self.sent..]) {
                Ok(length) => self.sent += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error).context("cannot send"),
            }
        }
        self.unsent.clear();
        self.sent = 0;
        Ok(true)
    }
}
