//! What the client says: frames to payload bytes, pings and the Close. Payload is handed over as it comes, so that no
//! message is ever collected here and no claimed length is ever allocated. Knows RFC 6455 and no socket's details.

use std::{
    cell::RefCell,
    io::{self, Cursor},
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::{
    self,
    protocol::frame::{
        FrameHeader,
        coding::{CloseCode, Control, Data, OpCode},
    },
};

use super::{mask::Mask, utf8::Utf8Check};
use crate::transport::TransportError;

/// How much is read from the socket at once.
const READ_SIZE: usize = 16 * 1024;

thread_local! {
    static READ_BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// RFC 6455, section 5.5.
const MAX_CONTROL_PAYLOAD: u64 = 125;

/// One thing the client said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Some bytes of a data message, never empty. Which message they belong to does not matter to SignalR.
    Data(Bytes),
    /// To be answered with the same bytes.
    Ping(Bytes),
    /// The client says goodbye.
    Close,
}

/// The client broke the rules; `code` is what it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: u16,
    reason: &'static str,
}

impl Fault {
    const TOO_LARGE: Self = Self { code: 1009, reason: "message too large" };
    const NOT_UTF8: Self = Self { code: 1007, reason: "text that is not UTF-8" };

    const fn protocol(reason: &'static str) -> Self {
        Self { code: 1002, reason }
    }
}

impl From<Fault> for TransportError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::TOO_LARGE { Self::TooLarge } else { Self::Protocol(fault.reason.into()) }
    }
}

/// The reading half.
#[derive(Debug)]
pub(super) struct Decoder {
    buffer: BytesMut,
    frame: Option<Frame>,
    message: Option<Message>,
    max_message: Option<u64>,
    /// The messages that have ended, for who must know: nobody in SignalR does.
    #[cfg(test)]
    pub(super) ended: std::collections::VecDeque<Ended>,
}

/// A message that has ended, all its payload handed over.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Ended {
    pub(super) size: u64,
    pub(super) is_text: bool,
}

/// The frame whose payload is being read.
#[derive(Debug)]
struct Frame {
    kind: Kind,
    is_final: bool,
    remaining: u64,
    mask: Mask,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Data,
    Control(Control),
}

/// The message whose frames are being read.
#[derive(Debug)]
struct Message {
    size: u64,
    text: Option<Utf8Check>,
}

impl Decoder {
    /// `leftover` was read from the socket already; `max_message` is in bytes.
    pub(super) fn new(leftover: &[u8], max_message: Option<u64>) -> Self {
        Self {
            buffer: BytesMut::from(leftover),
            frame: None,
            message: None,
            max_message,
            #[cfg(test)]
            ended: std::collections::VecDeque::new(),
        }
    }

    /// Reads once from the socket, into a buffer of the thread: one that waits for its peer keeps none. 0 is the end.
    pub(super) fn poll_fill<R: AsyncRead + Unpin>(
        &mut self,
        io: &mut R,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut lent = READ_BUFFER.with(RefCell::take);
        lent.resize(READ_SIZE, 0);
        let mut read = ReadBuf::new(&mut lent);
        let polled = Pin::new(io).poll_read(cx, &mut read);
        let filled = read.filled();
        if self.buffer.is_empty() {
            self.buffer = BytesMut::from(filled);
        } else {
            self.buffer.extend_from_slice(filled);
        }
        let count = filled.len();
        READ_BUFFER.with(|kept| kept.replace(lent));
        polled.map_ok(|()| count)
    }

    /// Forgets what was read, for a connection that is past understanding.
    pub(super) fn discard(&mut self) {
        self.buffer.clear();
    }

    /// The next event of what was read so far; `None` asks for more.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Fault> {
        loop {
            if self.frame.is_none() && !self.read_header()? {
                return Ok(None);
            }
            let Some(kind) = self.frame.as_ref().map(|frame| frame.kind) else { return Ok(None) };
            match kind {
                Kind::Data => match self.data()? {
                    Some(bytes) if bytes.is_empty() => {}
                    Some(bytes) => return Ok(Some(Event::Data(bytes))),
                    None => return Ok(None),
                },
                Kind::Control(opcode) => match (self.control(), opcode) {
                    (None, _) => return Ok(None),
                    (Some(payload), Control::Ping) => return Ok(Some(Event::Ping(payload))),
                    (Some(payload), Control::Close) => return check_close(&payload).map(|()| Some(Event::Close)),
                    (Some(_), _) => {}
                },
            }
        }
    }

    /// Whether a whole header was there.
    fn read_header(&mut self) -> Result<bool, Fault> {
        let mut cursor = Cursor::new(&self.buffer[..]);
        let (header, length) = match FrameHeader::parse(&mut cursor) {
            Ok(Some(parsed)) => parsed,
            Ok(None) => return Ok(false),
            Err(tungstenite::Error::Protocol(_)) => return Err(Fault::protocol("unknown opcode")),
            Err(_) => return Err(Fault::protocol("malformed frame header")),
        };
        let used = usize::try_from(cursor.position()).expect("a header is at most 14 bytes long");
        self.buffer.advance(used);
        if header.rsv1 || header.rsv2 || header.rsv3 {
            return Err(Fault::protocol("reserved bits set"));
        }
        let mask = Mask::new(header.mask.ok_or(Fault::protocol("frame without a mask"))?);
        let kind = match header.opcode {
            OpCode::Control(_) if !header.is_final => return Err(Fault::protocol("control frame in fragments")),
            OpCode::Control(_) if length > MAX_CONTROL_PAYLOAD => {
                return Err(Fault::protocol("control frame too long"));
            }
            OpCode::Control(control) => Kind::Control(control),
            OpCode::Data(data) => {
                self.begin_data(data, length)?;
                Kind::Data
            }
        };
        self.frame = Some(Frame { kind, is_final: header.is_final, remaining: length, mask });
        Ok(true)
    }

    /// Counts a data frame towards its message.
    fn begin_data(&mut self, opcode: Data, length: u64) -> Result<(), Fault> {
        match (opcode, &self.message) {
            (Data::Continue, None) => return Err(Fault::protocol("continuation of no message")),
            (Data::Continue, Some(_)) => {}
            (_, Some(_)) => return Err(Fault::protocol("message inside a message")),
            (Data::Text, None) => self.message = Some(Message { size: 0, text: Some(Utf8Check::default()) }),
            (_, None) => self.message = Some(Message { size: 0, text: None }),
        }
        let message = self.message.as_mut().expect("set above");
        message.size = message.size.saturating_add(length);
        if self.max_message.is_some_and(|max| message.size > max) { Err(Fault::TOO_LARGE) } else { Ok(()) }
    }

    /// What there is of the frame's payload; empty if the frame ended without any, `None` if there is nothing yet.
    fn data(&mut self) -> Result<Option<Bytes>, Fault> {
        let (Some(frame), Some(message)) = (&mut self.frame, &mut self.message) else { return Ok(None) };
        let take = usize::try_from(frame.remaining).unwrap_or(usize::MAX).min(self.buffer.len());
        if take == 0 && frame.remaining > 0 {
            return Ok(None);
        }
        // A buffer that is used up is given away whole: cutting it would make it shared.
        let whole = take == self.buffer.len();
        let mut bytes = if whole { std::mem::take(&mut self.buffer) } else { self.buffer.split_to(take) };
        frame.mask.apply(&mut bytes);
        frame.remaining -= take as u64;
        let ends_frame = frame.remaining == 0;
        let ends_message = ends_frame && frame.is_final;
        let valid = message.text.as_mut().is_none_or(|text| text.feed(&bytes) && (!ends_message || text.is_complete()));
        if !valid {
            return Err(Fault::NOT_UTF8);
        }
        if ends_frame {
            self.frame = None;
        }
        if ends_message {
            #[cfg(test)]
            self.ended.push_back(Ended { size: message.size, is_text: message.text.is_some() });
            self.message = None;
        }
        Ok(Some(bytes.freeze()))
    }

    /// The payload of a control frame, once all of it is there.
    fn control(&mut self) -> Option<Bytes> {
        let frame = self.frame.as_mut()?;
        let length = usize::try_from(frame.remaining).ok().filter(|length| *length <= self.buffer.len())?;
        let mut payload = self.buffer.split_to(length);
        frame.mask.apply(&mut payload);
        self.frame = None;
        // Copied: it may wait for its answer, and must not keep the read buffer alive.
        Some(Bytes::copy_from_slice(&payload))
    }
}

fn check_close(payload: &[u8]) -> Result<(), Fault> {
    match payload {
        [] => Ok(()),
        [_] => Err(Fault::protocol("close code cut short")),
        [high, low, reason @ ..] => {
            if !CloseCode::from(u16::from_be_bytes([*high, *low])).is_allowed() {
                return Err(Fault::protocol("close code that may not be sent"));
            }
            std::str::from_utf8(reason).map(|_| ()).map_err(|_| Fault::NOT_UTF8)
        }
    }
}
