//! The head of a frame as a client may send it (RFC 6455, section 5.2).

use super::{decoder::Fault, mask::Mask};

#[derive(Debug)]
pub(super) struct Head {
    pub(super) opcode: Opcode,
    pub(super) is_final: bool,
    /// Of the payload, in bytes.
    pub(super) length: u64,
    pub(super) mask: Mask,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opcode {
    Continue,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn new(number: u8) -> Option<Self> {
        Some(match number {
            0x0 => Self::Continue,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xA => Self::Pong,
            _ => return None,
        })
    }

    pub(super) fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

impl Head {
    /// Reads one at the start of `bytes`; gives it with how long it is. `None`: its end has not come.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, Fault> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(Fault::ReservedBits);
        }
        let opcode = Opcode::new(first & 0x0F).ok_or(Fault::UnknownOpcode)?;
        if second & 0x80 == 0 {
            return Err(Fault::Unmasked);
        }
        let Some((length, rest)) = length(second & 0x7F, rest) else { return Ok(None) };
        let Some((key, rest)) = rest.split_first_chunk() else { return Ok(None) };
        let head = Self { opcode, is_final: first & 0x80 != 0, length, mask: Mask::new(*key) };
        Ok(Some((head, bytes.len() - rest.len())))
    }
}

/// The length of the payload, and what follows it.
fn length(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    match short {
        126 => rest.split_first_chunk().map(|(length, rest)| (u16::from_be_bytes(*length).into(), rest)),
        127 => rest.split_first_chunk().map(|(length, rest)| (u64::from_be_bytes(*length), rest)),
        _ => Some((short.into(), rest)),
    }
}
