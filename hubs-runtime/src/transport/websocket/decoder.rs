//! What the client sends: from frames to payload bytes, pings and the Close frame. Payload is handed over as it comes, so that no
//! message is ever collected here and no claimed length is ever allocated. Knows RFC 6455 and no socket's details.

use std::{
    io,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::io::AsyncRead;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    empty::EmptyFrames,
    head::{Head, Opcode},
    input::Input,
    mask::Mask,
    utf8::Utf8Check,
};
use crate::transport::TransportError;

/// RFC 6455, section 5.5.
const MAX_CONTROL_PAYLOAD: u64 = 125;

/// One thing the client sent, besides payload.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// To be answered with the same bytes.
    Ping(Bytes),
    /// The client closes the socket.
    Close,
}

/// The client broke the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLarge,
    NotUtf8,
    ReservedBits,
    UnknownOpcode,
    Unmasked,
    ControlInFragments,
    ControlTooLong,
    ContinuesNothing,
    MessageInside,
    HalfACloseCode,
    CloseCode,
    Flood,
}

impl Fault {
    /// What the client is told (RFC 6455, section 7.4.1).
    pub(super) fn code(self) -> u16 {
        match self {
            Self::TooLarge => 1009,
            Self::NotUtf8 => 1007,
            Self::Flood => 1008,
            _ => 1002,
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::TooLarge => "message too large",
            Self::NotUtf8 => "text that is not UTF-8",
            Self::ReservedBits => "reserved bits set",
            Self::UnknownOpcode => "unknown opcode",
            Self::Unmasked => "frame without a mask",
            Self::ControlInFragments => "control frame in fragments",
            Self::ControlTooLong => "control frame too long",
            Self::ContinuesNothing => "continuation of no message",
            Self::MessageInside => "message inside a message",
            Self::HalfACloseCode => "close code cut short",
            Self::CloseCode => "close code that may not be sent",
            Self::Flood => "too many frames without payload",
        }
    }
}

impl From<Fault> for TransportError {
    fn from(fault: Fault) -> Self {
        if fault == Fault::TooLarge { Self::TooLarge } else { Self::Protocol(fault.text().into()) }
    }
}

/// The reading half.
#[derive(Debug)]
pub(super) struct Decoder {
    input: Input,
    frame: Option<Frame>,
    message: Option<Message>,
    max_message: Option<u64>,
    empty: EmptyFrames,
    /// The messages that have ended, for tests: to SignalR the ends of messages do not matter.
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
    opcode: Opcode,
    is_final: bool,
    remaining: u64,
    mask: Mask,
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
            input: Input::new(leftover),
            frame: None,
            message: None,
            max_message,
            empty: EmptyFrames::default(),
            #[cfg(test)]
            ended: std::collections::VecDeque::new(),
        }
    }

    /// Reads once from the socket, when [`Decoder::next`] has asked for more. 0 is the end.
    pub(super) fn poll_fill<R: AsyncRead + Unpin>(
        &mut self,
        io: &mut R,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        self.input.poll_fill(io, cx)
    }

    /// To be called before the connection rests, so that it keeps no more memory than it must.
    pub(super) fn settle(&mut self) {
        self.input.settle();
    }

    /// Drops what was read, for a connection that has broken the rules.
    pub(super) fn discard(&mut self) {
        self.input.discard();
    }

    /// Decodes what was read so far, up to the next event, and appends the payload of data messages to `into`:
    /// which message it belongs to does not matter to SignalR. `None` asks for more.
    pub(super) fn next(&mut self, into: &mut Vec<u8>) -> Result<Option<Event>, Fault> {
        loop {
            let frame = match self.frame.take() {
                Some(frame) => frame,
                None => {
                    let Some((head, length)) = Head::parse(self.input.rest())? else { return Ok(None) };
                    self.input.consume(length);
                    self.begin(head)?
                }
            };
            let opcode = frame.opcode;
            if !opcode.is_control() {
                if !self.data(frame, into)? {
                    return Ok(None);
                }
                continue;
            }
            let Some(payload) = self.control(frame) else { return Ok(None) };
            match opcode {
                Opcode::Ping => return Ok(Some(Event::Ping(payload))),
                Opcode::Close => return check_close(&payload).map(|()| Some(Event::Close)),
                _ => {}
            }
        }
    }

    fn begin(&mut self, head: Head) -> Result<Frame, Fault> {
        let Head { opcode, is_final, length, mask } = head;
        if (opcode.is_control() || length == 0) && !self.empty.count() {
            return Err(Fault::Flood);
        }
        if !opcode.is_control() {
            self.begin_data(opcode, length)?;
        } else if !is_final {
            return Err(Fault::ControlInFragments);
        } else if length > MAX_CONTROL_PAYLOAD {
            return Err(Fault::ControlTooLong);
        }
        Ok(Frame { opcode, is_final, remaining: length, mask })
    }

    /// Counts a data frame towards its message.
    fn begin_data(&mut self, opcode: Opcode, length: u64) -> Result<(), Fault> {
        let size = match (opcode, &self.message) {
            (Opcode::Continue, None) => return Err(Fault::ContinuesNothing),
            (Opcode::Continue, Some(message)) => message.size.saturating_add(length),
            (_, Some(_)) => return Err(Fault::MessageInside),
            (_, None) => length,
        };
        if self.max_message.is_some_and(|max| size > max) {
            return Err(Fault::TooLarge);
        }
        match &mut self.message {
            Some(message) => message.size = size,
            None => {
                let text = (opcode == Opcode::Text).then(Utf8Check::default);
                self.message = Some(Message { size, text });
            }
        }
        Ok(())
    }

    /// Takes what there is of the frame's payload. False: there is more to come.
    fn data(&mut self, mut frame: Frame, into: &mut Vec<u8>) -> Result<bool, Fault> {
        let Some(message) = &mut self.message else { return Ok(true) };
        let there = self.input.rest();
        let take = usize::try_from(frame.remaining).unwrap_or(usize::MAX).min(there.len());
        let before = into.len();
        into.extend_from_slice(&there[..take]);
        frame.mask.apply(&mut into[before..]);
        self.input.consume(take);
        frame.remaining -= take as u64;
        let ends_frame = frame.remaining == 0;
        let ends_message = ends_frame && frame.is_final;
        let bytes = &into[before..];
        let valid = message.text.as_mut().is_none_or(|text| text.feed(bytes) && (!ends_message || text.is_complete()));
        if !valid {
            into.truncate(before);
            return Err(Fault::NotUtf8);
        }
        if ends_message {
            #[cfg(test)]
            self.ended.push_back(Ended { size: message.size, is_text: message.text.is_some() });
            self.message = None;
        }
        if !ends_frame {
            self.frame = Some(frame);
        }
        Ok(ends_frame)
    }

    /// The payload of a control frame, once all of it is there.
    fn control(&mut self, mut frame: Frame) -> Option<Bytes> {
        let there = usize::try_from(frame.remaining).ok().and_then(|length| self.input.rest().get(..length));
        let Some(payload) = there else {
            self.frame = Some(frame);
            return None;
        };
        let mut payload = payload.to_vec();
        frame.mask.apply(&mut payload);
        self.input.consume(payload.len());
        Some(payload.into())
    }
}

fn check_close(payload: &[u8]) -> Result<(), Fault> {
    match payload {
        [] => Ok(()),
        [_] => Err(Fault::HalfACloseCode),
        [high, low, reason @ ..] => {
            if !CloseCode::from(u16::from_be_bytes([*high, *low])).is_allowed() {
                return Err(Fault::CloseCode);
            }
            std::str::from_utf8(reason).map(|_| ()).map_err(|_| Fault::NotUtf8)
        }
    }
}
