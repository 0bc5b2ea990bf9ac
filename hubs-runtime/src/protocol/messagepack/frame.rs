//! The length before each message: seven bits a byte, low bits first, at most five bytes. Knows nothing of what is
//! inside a message.

use crate::protocol::{EncodeError, Frame, ProtocolError};

/// The largest body; the fifth byte of its length is 7.
const MAX_BODY: usize = 0x7fff_ffff;

const TOO_LONG: &str = "Messages over 2GB in size are not supported.";

/// Looks for one whole message at the start of `bytes`. `limit` counts the length too.
pub(super) fn find(bytes: &[u8], limit: Option<usize>) -> Result<Option<Frame>, ProtocolError> {
    let prefix = length(bytes)?;
    let least = prefix.map_or(bytes.len() + 1, |(start, body)| start + body);
    match limit {
        Some(limit) if least > limit => Err(ProtocolError::TooLarge(limit)),
        _ => Ok(prefix.filter(|_| bytes.len() >= least).map(|(start, _)| Frame { body: start..least, len: least })),
    }
}

/// How many bytes the length takes, and what it says; `None` while it is not all there. Longer forms than needed pass.
fn length(bytes: &[u8]) -> Result<Option<(usize, usize)>, ProtocolError> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        if index == 4 && *byte > 7 {
            return Err(ProtocolError::invalid(TOO_LONG));
        }
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Ok(Some((index + 1, value)));
        }
    }
    Ok(None)
}

/// Puts the length before the message that starts at `start` and ends where `out` ends.
pub(super) fn close(out: &mut Vec<u8>, start: usize) -> Result<(), EncodeError> {
    let (prefix, len) = prefix(out.len() - start)?;
    out.splice(start..start, prefix[..len].iter().copied());
    Ok(())
}

/// Room for any length.
pub(super) const ROOM: [u8; 5] = [0; 5];

/// Puts the length before the message that starts after [`ROOM`] and ends where `out` ends, so that nothing has to move.
/// Gives where it starts now.
pub(super) fn close_in_room(out: &mut [u8]) -> Result<usize, EncodeError> {
    let (prefix, len) = prefix(out.len() - ROOM.len())?;
    let start = ROOM.len() - len;
    out[start..ROOM.len()].copy_from_slice(&prefix[..len]);
    Ok(start)
}

/// A length as it is written, and how many bytes of it count.
fn prefix(mut left: usize) -> Result<([u8; 5], usize), EncodeError> {
    if left > MAX_BODY {
        return Err(EncodeError(TOO_LONG.to_owned()));
    }
    let mut prefix = ROOM;
    let mut len = 0;
    loop {
        let more = left > 0x7f;
        prefix[len] = u8::try_from(left & 0x7f).unwrap_or_default() | if more { 0x80 } else { 0 };
        len += 1;
        left >>= 7;
        if !more {
            return Ok((prefix, len));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_found_when_its_last_byte_is_there() {
        for size in [0, 1, 127, 128, 16_383, 16_384, 2_097_152] {
            let mut bytes = vec![0xc0; size];
            close(&mut bytes, 0).unwrap();
            let prefix = bytes.len() - size;
            bytes.push(1);
            for cut in (0..prefix + 2).chain(size.saturating_sub(2)..prefix + size) {
                let whole = cut >= prefix + size;
                assert_eq!(find(&bytes[..cut], None).unwrap().is_some(), whole, "{size} cut at {cut}");
            }
            let frame = Frame { body: prefix..prefix + size, len: prefix + size };
            assert_eq!(find(&bytes, None), Ok(Some(frame)));
        }
    }

    #[test]
    fn the_limit_counts_the_length_and_is_known_early() {
        assert_eq!(find(&[3, 1, 2, 3], Some(4)).unwrap().unwrap().len, 4);
        assert_eq!(find(&[3], Some(3)), Err(ProtocolError::TooLarge(3)));
        assert_eq!(find(&[0xff, 0xff, 0xff, 0xff, 0x07], Some(32_768)), Err(ProtocolError::TooLarge(32_768)));
        assert_eq!(find(&[0x80], Some(1)), Err(ProtocolError::TooLarge(1)));
    }

    /// Case 29.
    #[test]
    fn five_bytes_and_two_gigabytes_are_the_most() {
        for prefix in [[0xff, 0xff, 0xff, 0xff, 0x08], [0x80, 0x80, 0x80, 0x80, 0x80], [0, 0x80, 0x80, 0x80, 0x88]] {
            let found = find(&prefix, None);
            if prefix[0] == 0 {
                assert_eq!(found.unwrap().unwrap().len, 1);
            } else {
                assert_eq!(found, Err(ProtocolError::invalid(TOO_LONG)));
            }
        }
        assert_eq!(find(&[0xff, 0xff, 0xff, 0xff, 0x07], None), Ok(None));
    }

    #[test]
    fn longer_lengths_than_needed_pass() {
        assert_eq!(find(&[0x82, 0x80, 0x00, 0x91, 0x06], None), Ok(Some(Frame { body: 3..5, len: 5 })));
    }

    #[test]
    fn the_length_goes_before_what_was_written_last() {
        let mut out = vec![9; 3];
        out.extend_from_slice(&[1; 200]);
        close(&mut out, 3).unwrap();
        assert_eq!(out[..6], [9, 9, 9, 0xc8, 0x01, 1]);
        assert_eq!(out.len(), 205);
    }

    #[test]
    fn a_length_in_its_room_is_the_same() {
        for size in [0, 1, 127, 128, 16_383, 16_384, 2_097_152] {
            let mut moved = vec![0xc0; size];
            close(&mut moved, 0).unwrap();
            let mut stays = ROOM.to_vec();
            stays.resize(ROOM.len() + size, 0xc0);
            let start = close_in_room(&mut stays).unwrap();
            assert_eq!(stays[start..], moved);
        }
    }
}
