//! WebSocket frames, as a server reads and writes them.

/// A frame of the client, its payload unmasked in place.
pub(crate) struct Frame<'a> {
    pub(crate) close: bool,
    pub(crate) payload: &'a [u8],
    pub(crate) length: usize,
}

/// The frame that `bytes` begin with, if all of it is there.
pub(crate) fn read(bytes: &mut [u8]) -> Option<Frame<'_>> {
    let [first, second, rest @ ..] = &*bytes else { return None };
    let close = first & 0x0f == 8;
    let (head, length) = match (second & 0x7f, rest) {
        (126, [a, b, ..]) => (8, usize::from(u16::from_be_bytes([*a, *b]))),
        (127, [a, b, c, d, e, f, g, h, ..]) => (14, u64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]) as usize),
        (126 | 127, _) => return None,
        (short, _) => (6, usize::from(short)),
    };
    let (before, payload) = bytes.get_mut(..head + length)?.split_at_mut(head);
    let mask: [u8; 4] = before.last_chunk().copied()?;
    let (words, rest) = payload.as_chunks_mut::<4>();
    for word in words {
        *word = (u32::from_ne_bytes(*word) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask) {
        *byte ^= mask;
    }
    Some(Frame { close, payload, length: head + length })
}

/// Appends a text frame of `parts`.
pub(crate) fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.push(0x81);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => out.push(short),
        (_, Ok(medium)) => {
            out.push(126);
            out.extend_from_slice(&medium.to_be_bytes());
        }
        _ => {
            out.push(127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
}
