//! WebSocket frames, as a client writes and reads them.

use anyhow::{Result, bail};

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

/// A frame of the server, in place.
#[derive(Debug)]
pub(crate) struct Frame<'a> {
    pub(crate) opcode: Opcode,
    pub(crate) last: bool,
    pub(crate) payload: &'a [u8],
    /// How many bytes it takes, its head included.
    pub(crate) length: usize,
}

impl<'a> Frame<'a> {
    /// The frame that `bytes` begin with, if all of it is there.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Option<Self>> {
        let [first, second, rest @ ..] = bytes else { return Ok(None) };
        if first & 0x70 != 0 || second & 0x80 != 0 {
            bail!("a frame has reserved bits or a mask: {first:#04x} {second:#04x}");
        }
        let (head, length) = match (second, rest) {
            (126, [a, b, ..]) => (4, usize::from(u16::from_be_bytes([*a, *b]))),
            (127, [a, b, c, d, e, f, g, h, ..]) => {
                (10, usize::try_from(u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]))?)
            }
            (126 | 127, _) => return Ok(None),
            _ => (2, usize::from(*second)),
        };
        let opcode = match first & 0x0f {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            other => bail!("a frame has the unknown opcode {other}"),
        };
        let payload = bytes.get(head..).and_then(|rest| rest.get(..length));
        Ok(payload.map(|payload| Frame { opcode, last: first & 0x80 != 0, payload, length: head + length }))
    }
}

/// The same for every frame: masks are there against proxies, and need not be secret here.
const MASK: [u8; 4] = [0x5a, 0xc3, 0x17, 0x88];

/// Appends a whole, masked frame.
pub(crate) fn put_frame(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    out.push(0x80 | code(opcode));
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(short @ 0..=125), _) => out.push(0x80 | short),
        (_, Ok(medium)) => {
            out.push(0x80 | 126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(0x80 | 127);
            out.extend_from_slice(&(payload.len() as u64).to_be_bytes());
        }
    }
    out.extend_from_slice(&MASK);
    let start = out.len();
    out.extend_from_slice(payload);
    let (words, rest) = out[start..].as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(MASK)).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(MASK) {
        *byte ^= mask;
    }
}

fn code(opcode: Opcode) -> u8 {
    match opcode {
        Opcode::Continuation => 0,
        Opcode::Text => 1,
        Opcode::Binary => 2,
        Opcode::Close => 8,
        Opcode::Ping => 9,
        Opcode::Pong => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Opcode, put_frame};

    #[test]
    fn a_server_frame_is_read_once_it_is_whole() {
        let mut bytes = vec![0x81, 126, 1, 0];
        bytes.extend([b'x'; 256]);
        bytes.push(0x89);
        assert!(Frame::read(&bytes[..200]).expect("no mistake").is_none());
        let frame = Frame::read(&bytes).expect("no mistake").expect("whole");
        assert_eq!((frame.opcode, frame.last, frame.payload.len(), frame.length), (Opcode::Text, true, 256, 260));
    }

    #[test]
    fn a_masked_frame_of_a_server_is_a_mistake() {
        let mut bytes = Vec::new();
        put_frame(&mut bytes, Opcode::Text, b"hello");
        assert_eq!(bytes.len(), 2 + 4 + 5);
        assert_eq!(bytes[6] ^ 0x5a, b'h');
        Frame::read(&bytes).expect_err("masked");
    }
}
