//! SignalR's MessagePack protocol.

use std::borrow::Cow;

use anyhow::{Context, Result, anyhow, bail};
use rmp::{Marker, decode, encode};

use super::{Arguments, Call, Message, Scalar, number};

pub(super) fn put_call(out: &mut Vec<u8>, call: Call<'_>) -> Result<()> {
    let start = begin(out);
    let kind = if matches!(call.arguments, Arguments::Stream(_)) { 4 } else { 1 };
    out.extend_from_slice(&[0x96, kind, 0x80]);
    put_id(out, call.id)?;
    encode::write_str(out, call.method)?;
    let (arguments, streams): (u32, u32) = match call.arguments {
        Arguments::Upload(_) => (0, 1),
        Arguments::Texts(..) => (2, 0),
        Arguments::Text(_) | Arguments::Stream(_) => (1, 0),
    };
    encode::write_array_len(out, arguments)?;
    match call.arguments {
        Arguments::Text(text) => put_text(out, text)?,
        Arguments::Texts(first, second) => {
            put_text(out, first)?;
            put_text(out, second)?;
        }
        Arguments::Stream(count) => drop(encode::write_uint(out, count)?),
        Arguments::Upload(_) => {}
    }
    encode::write_array_len(out, streams)?;
    if let Arguments::Upload(stream) = call.arguments {
        put_id(out, stream)?;
    }
    finish(out, start)
}

pub(super) fn put_item(out: &mut Vec<u8>, stream: u64, item: Option<u64>) -> Result<()> {
    let start = begin(out);
    out.extend_from_slice(&[0x94, if item.is_some() { 2 } else { 3 }, 0x80]);
    put_id(out, stream)?;
    match item {
        Some(item) => drop(encode::write_uint(out, item)?),
        None => out.push(2),
    }
    finish(out, start)
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) -> Result<()> {
    encode::write_str(out, std::str::from_utf8(text)?)?;
    Ok(())
}

fn put_id(out: &mut Vec<u8>, id: u64) -> Result<()> {
    encode::write_str(out, itoa::Buffer::new().format(id))?;
    Ok(())
}

/// Room for a length of three bytes, which is what [`finish`] writes.
fn begin(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 3]);
    out.len()
}

/// Writes the length before the message, in the fewest bytes.
fn finish(out: &mut Vec<u8>, start: usize) -> Result<()> {
    let length = out.len() - start;
    if length >= 1 << 21 {
        bail!("a message of {length} bytes is too long for the benchmark");
    }
    let mut prefix = Vec::with_capacity(3);
    let mut rest = length;
    while rest > 0x7f {
        prefix.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    prefix.push(rest as u8);
    out.splice(start - 3..start, prefix);
    Ok(())
}

pub(super) fn read(bytes: &[u8]) -> Result<(Message<'_>, &[u8])> {
    let mut length = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            let rest = &bytes[index + 1..];
            let (body, rest) = rest.split_at_checked(length).context("a message is shorter than it says")?;
            return Ok((message(body)?, rest));
        }
    }
    bail!("a message has no length")
}

fn message(mut body: &[u8]) -> Result<Message<'_>> {
    let rest = &mut body;
    let length = decode::read_array_len(rest)?;
    let kind = small(rest)?;
    if matches!(kind, 1..=5) {
        skip_headers(rest)?;
    }
    Ok(match kind {
        1 => call(rest)?,
        2 => Message::Item { id: id(rest)?, value: scalar(rest)? },
        3 => completion(rest)?,
        6 => Message::Ping,
        7 if length > 1 => Message::Close(words(&scalar(rest)?)),
        7 => Message::Close(String::new()),
        other => bail!("a message of the unexpected type {other}"),
    })
}

fn call<'a>(rest: &mut &'a [u8]) -> Result<Message<'a>> {
    scalar(rest)?;
    let target = scalar(rest)?;
    if !matches!(&target, Scalar::Text(text) if text.eq_ignore_ascii_case(b"receive")) {
        bail!("the server calls {target:?}");
    }
    if decode::read_array_len(rest)? == 0 {
        return Ok(Message::Call(Scalar::Absent));
    }
    Ok(Message::Call(scalar(rest)?))
}

fn completion<'a>(rest: &mut &'a [u8]) -> Result<Message<'a>> {
    let id = id(rest)?;
    Ok(match small(rest)? {
        1 => Message::Failure { id, reason: words(&scalar(rest)?) },
        2 => Message::Result { id, value: Scalar::Absent },
        3 => Message::Result { id, value: scalar(rest)? },
        other => bail!("a completion of the unknown kind {other}"),
    })
}

fn id(rest: &mut &[u8]) -> Result<u64> {
    match scalar(rest)? {
        Scalar::Text(text) => number(&text).context("an invocation id that was not given"),
        other => bail!("an invocation id is {other:?}"),
    }
}

fn skip_headers(rest: &mut &[u8]) -> Result<()> {
    for _ in 0..decode::read_map_len(rest)? * 2 {
        scalar(rest)?;
    }
    Ok(())
}

fn small(rest: &mut &[u8]) -> Result<u8> {
    decode::read_int(rest).map_err(|error| anyhow!("{error}"))
}

fn scalar<'a>(rest: &mut &'a [u8]) -> Result<Scalar<'a>> {
    let first = rest.first().context("a message ends too early")?;
    Ok(match Marker::from_u8(*first) {
        Marker::Null => {
            decode::read_nil(rest)?;
            Scalar::Absent
        }
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            let length = decode::read_str_len(rest).map_err(|error| anyhow!("{error}"))? as usize;
            let (text, after) = rest.split_at_checked(length).context("a text is shorter than it says")?;
            *rest = after;
            Scalar::Text(Cow::Borrowed(text))
        }
        _ => Scalar::Integer(decode::read_int(rest).map_err(|error| anyhow!("{error}"))?),
    })
}

fn words(value: &Scalar<'_>) -> String {
    match value {
        Scalar::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, Call, Message, Scalar, put_call, put_item, read};

    #[test]
    fn calls_have_their_length_before_them() {
        for (bytes, prefix) in [(10, 1), (300, 2), (20_000, 3)] {
            let mut out = Vec::new();
            let text = vec![b'x'; bytes];
            let call = Call { id: 300, method: "Receive", arguments: Arguments::Text(&text) };
            put_call(&mut out, call).expect("it is not too long");
            assert_eq!(out[prefix], 0x96, "{bytes}");
            let (message, rest) = read(&out).expect("well written");
            assert!(matches!(message, Message::Call(value) if value.is_text(&text)) && rest.is_empty());
            read(&out[..out.len() - 1]).expect_err("cut off");
        }
    }

    #[test]
    fn completions_and_items_are_read() {
        let result = [9, 0x95, 3, 0x80, 0xa1, b'5', 3, 0xa2, b'o', b'k'];
        assert!(
            matches!(read(&result).expect("well written").0, Message::Result { id: 5, value } if value.is_text(b"ok"))
        );
        let failed = [9, 0x95, 3, 0x80, 0xa1, b'5', 1, 0xa2, b'n', b'o'];
        assert!(matches!(read(&failed).expect("well written").0, Message::Failure { id: 5, reason } if reason == "no"));
        let mut item = Vec::new();
        put_item(&mut item, 7, Some(70_000)).expect("it is not too long");
        assert!(matches!(
            read(&item).expect("well written").0,
            Message::Item { id: 7, value: Scalar::Integer(70_000) }
        ));
    }
}
