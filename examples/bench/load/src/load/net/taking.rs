//! What comes from the server: bytes, and the messages in them, over each transport. Must not know what they mean.

use anyhow::{Context as _, Result, bail};

use super::{Handler, Net, peer::Stage};
use crate::{
    options::{Protocol, Transport},
    wire::{Frame, Message, Opcode, put_frame},
};

/// How many messages one acknowledgement covers. The official clients send one a second; what is not acknowledged in time
/// stops a server whose buffer is full, so a load without pauses goes by messages.
const ACK_EVERY: u64 = 64;

impl Net {
    /// Takes what is whole, with what was unread before it, and keeps the rest.
    pub(super) fn take_bytes<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<()> {
        if self.peers[at].unread.is_empty() {
            let used = self.take_whole(at, bytes, handler)?;
            self.peers[at].unread.extend_from_slice(&bytes[used..]);
            return Ok(());
        }
        let mut joined = std::mem::take(&mut self.peers[at].unread);
        joined.extend_from_slice(bytes);
        let used = self.take_whole(at, &joined, handler)?;
        joined.drain(..used);
        self.peers[at].unread = joined;
        Ok(())
    }

    /// Returns how many bytes were taken.
    fn take_whole<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<usize> {
        let mut used = 0;
        loop {
            let rest = &bytes[used..];
            let taken = match self.peers[at].stage {
                _ if self.http2 => self.take_http2(at, rest, handler)?,
                Stage::Ended => return Ok(bytes.len()),
                Stage::Connecting | Stage::Negotiating | Stage::Upgrading => self.take_response(at, rest)?,
                Stage::Asking => self.take_negotiation(at, rest, handler)?,
                Stage::Shaking | Stage::Ready => match self.transport {
                    Transport::Websockets => self.take_frame(at, rest, handler)?,
                    Transport::ServerSentEvents => self.take_chunk(at, rest, handler)?,
                    Transport::LongPolling => self.take_poll(at, rest, handler)?,
                },
            };
            match taken {
                Some(length) => used += length,
                None => return Ok(used),
            }
        }
    }

    fn take_frame<H: Handler>(&mut self, at: usize, bytes: &[u8], handler: &mut H) -> Result<Option<usize>> {
        let Some(frame) = Frame::read(bytes)? else { return Ok(None) };
        match frame.opcode {
            Opcode::Text | Opcode::Binary
                if frame.opcode != self.wire.opcode() && self.peers[at].stage == Stage::Ready =>
            {
                bail!("a {:?} frame under {}", frame.opcode, self.wire.protocol);
            }
            Opcode::Text | Opcode::Binary if frame.last => self.take_messages(at, frame.payload, handler)?,
            Opcode::Text | Opcode::Binary => self.peers[at].fragments.extend_from_slice(frame.payload),
            Opcode::Continuation => {
                self.peers[at].fragments.extend_from_slice(frame.payload);
                if frame.last {
                    let whole = std::mem::take(&mut self.peers[at].fragments);
                    self.take_messages(at, &whole, handler)?;
                }
            }
            Opcode::Ping => {
                put_frame(&mut self.peers[at].unsent, Opcode::Pong, frame.payload);
                self.list(at);
            }
            Opcode::Pong => {}
            Opcode::Close => self.end(at, close_reason(frame.payload), handler)?,
        }
        Ok(Some(frame.length))
    }

    pub(super) fn take_messages<H: Handler>(&mut self, at: usize, mut rest: &[u8], handler: &mut H) -> Result<()> {
        while !rest.is_empty() {
            let shaking = self.peers[at].stage == Stage::Shaking;
            let read = if shaking { self.wire.read_handshake(rest) } else { self.wire.read(rest) };
            let (message, after) = read.with_context(|| format!("on connection {at}"))?;
            rest = after;
            match message {
                Message::Welcome if shaking => {
                    self.peers[at].stage = Stage::Ready;
                    self.ready += 1;
                }
                Message::Open => self.put_packet(at, b"40"),
                Message::Ping if self.wire.protocol == Protocol::Socketio => self.put_packet(at, b"3"),
                Message::Ping | Message::Nothing => {}
                Message::Close(reason) => self.end(at, reason, handler)?,
                Message::Failure { id, reason } => bail!("call {id} on connection {at} failed: {reason}"),
                other if shaking => bail!("before the handshake's answer came {other:?}"),
                other => {
                    self.count(at);
                    handler.message(self, at, other)?;
                }
            }
        }
        Ok(())
    }

    /// Counts a message, and acknowledges it in its turn.
    fn count(&mut self, at: usize) {
        let peer = &mut self.peers[at];
        peer.counted += 1;
        if self.counts && peer.counted.is_multiple_of(ACK_EVERY) {
            self.message.clear();
            self.wire.put_ack(&mut self.message, peer.counted);
            self.put_message(at);
        }
    }

    fn put_packet(&mut self, at: usize, packet: &[u8]) {
        put_frame(&mut self.peers[at].unsent, Opcode::Text, packet);
        self.list(at);
    }
}

fn close_reason(payload: &[u8]) -> String {
    match payload {
        [high, low, text @ ..] => {
            format!("{} {}", u16::from_be_bytes([*high, *low]), String::from_utf8_lossy(text)).trim_end().to_owned()
        }
        _ => "a Close frame without a code".to_owned(),
    }
}
