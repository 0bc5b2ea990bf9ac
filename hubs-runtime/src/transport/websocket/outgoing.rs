//! What is to leave: at most one batch, a few pongs, one ping, one Close. Payloads are shared, not copied, so the bytes of
//! a broadcast lie there once for all its receivers. How they get into a socket is the sink's.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    task::{Poll, ready},
};

use bytes::{Buf, Bytes};

use super::sink::Sink;

/// A peer that pings and does not read its answers: past this many, only the newest is kept (RFC 6455, 5.5.3).
const MAX_PONGS: usize = 32;

const FINAL: u8 = 0x80;

/// What a frame carries.
#[derive(Debug, Clone, Copy)]
pub(super) enum Opcode {
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// One whole message in one frame, partly written.
#[derive(Debug)]
struct Frame {
    head: [u8; 10],
    head_start: u8,
    head_end: u8,
    payload: Bytes,
}

impl Frame {
    fn new(opcode: Opcode, payload: Bytes) -> Self {
        let mut head = [0; 10];
        head[0] = FINAL | opcode as u8;
        let head_end: u8 = match payload.len() {
            short @ 0..=125 => {
                head[1] = short as u8;
                2
            }
            middle @ 126..=0xFFFF => {
                head[1] = 126;
                head[2..4].copy_from_slice(&(middle as u16).to_be_bytes());
                4
            }
            long => {
                head[1] = 127;
                head[2..10].copy_from_slice(&(long as u64).to_be_bytes());
                10
            }
        };
        Self { head, head_start: 0, head_end, payload }
    }

    /// How much is left.
    fn len(&self) -> usize {
        usize::from(self.head_end - self.head_start) + self.payload.len()
    }

    /// What is left of the header, and of the payload.
    fn parts(&self) -> [IoSlice<'_>; 2] {
        let head = &self.head[usize::from(self.head_start)..usize::from(self.head_end)];
        [IoSlice::new(head), IoSlice::new(&self.payload)]
    }

    fn note_written(&mut self, written: usize) {
        let of_head = written.min(usize::from(self.head_end - self.head_start));
        self.head_start += of_head as u8;
        self.payload.advance(written - of_head);
    }
}

/// The writing half.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    writing: Option<Frame>,
    pongs: VecDeque<Frame>,
    ping: bool,
    batch: Option<Frame>,
    close: Option<u16>,
    is_closing: bool,
    sent: u64,
}

impl Outgoing {
    /// Takes a batch. False if one waits already, or the Close frame was queued.
    pub(super) fn batch(&mut self, opcode: Opcode, payload: Bytes) -> bool {
        let free = self.batch.is_none() && !self.is_closing;
        if free {
            self.batch = Some(Frame::new(opcode, payload));
        }
        free
    }

    /// Answers a ping.
    pub(super) fn pong(&mut self, payload: Bytes) {
        if self.is_closing {
            return;
        }
        if self.pongs.len() == MAX_PONGS {
            self.pongs.pop_back();
        }
        self.pongs.push_back(Frame::new(Opcode::Pong, payload));
    }

    /// Asks for a pong. One question at a time is enough.
    pub(super) fn ping(&mut self) {
        self.ping |= !self.is_closing;
    }

    /// Whether pings wait for their answer.
    pub(super) fn has_pongs(&self) -> bool {
        !self.pongs.is_empty()
    }

    /// Whether the next pong would push out another.
    pub(super) fn is_full_of_pongs(&self) -> bool {
        self.pongs.len() == MAX_PONGS
    }

    /// Queues the Close frame, once, after all that waits.
    pub(super) fn close(&mut self, code: u16) {
        if !self.is_closing {
            self.is_closing = true;
            self.close = Some(code);
        }
    }

    /// Bytes that have left, frame headers included.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// Writes until all is gone. Flushing the socket afterwards is left to the caller.
    pub(super) fn drive(&mut self, sink: &mut impl Sink) -> Poll<io::Result<()>> {
        while let Some(mut frame) = self.writing.take().or_else(|| self.next_frame()) {
            let written = sink.write(&frame.parts());
            if let Poll::Ready(Ok(count @ 1..)) = written {
                self.sent += count as u64;
                if count == frame.len() {
                    continue;
                }
                frame.note_written(count);
            }
            self.writing = Some(frame);
            if ready!(written)? == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
        }
        Poll::Ready(Ok(()))
    }

    #[inline]
    fn next_frame(&mut self) -> Option<Frame> {
        if let Some(pong) = self.pongs.pop_front() {
            return Some(pong);
        }
        if std::mem::take(&mut self.ping) {
            return Some(Frame::new(Opcode::Ping, Bytes::new()));
        }
        self.batch.take().or_else(|| {
            let code = self.close.take()?;
            Some(Frame::new(Opcode::Close, Bytes::copy_from_slice(&code.to_be_bytes())))
        })
    }
}
