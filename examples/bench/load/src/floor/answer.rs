//! Answers to messages, whose members are where `bench-load` puts them:
//! `{"type":1,"invocationId":"ID","target":"NAME","arguments":[ARGUMENTS],"streamIds":["ID"]}`.

use memchr::memchr;

use crate::{frame, peers};

/// How much of a stream's items is written at once.
const CHUNK: usize = 16 * 1024;

/// What a connection remembers.
#[derive(Default)]
pub(crate) struct Answering {
    shaken: bool,
    /// Uploads: the stream's id, the call's, and the sum so far.
    uploads: Vec<(Vec<u8>, Vec<u8>, u64)>,
}

impl Answering {
    /// Answers the messages of one frame into `out`; `flush` sends it on when it gets long. None for what is not as
    /// expected.
    pub(crate) fn frame(&mut self, payload: &[u8], out: &mut Vec<u8>, flush: impl Fn(&mut Vec<u8>)) -> Option<()> {
        let mut rest = payload;
        while let Some(end) = memchr(0x1e, rest) {
            let message = &rest[..end];
            rest = &rest[end + 1..];
            if self.shaken {
                self.message(message, out, &flush)?;
            } else {
                self.shaken = true;
                frame::put(out, &[b"{}\x1e"]);
            }
        }
        Some(())
    }

    fn message(&mut self, message: &[u8], out: &mut Vec<u8>, flush: impl Fn(&mut Vec<u8>)) -> Option<()> {
        let (id, rest) = quoted(message.get(b"{\"type\":1,\"invocationId\":\"".len()..)?)?;
        match message[b"{\"type\":".len()] {
            b'1' => self.call(id, rest, out),
            b'2' => {
                let item = number(rest.get(b",\"item\":".len()..)?);
                self.uploads.iter_mut().find(|upload| upload.0 == id)?.2 += item;
                Some(())
            }
            b'3' => {
                let index = self.uploads.iter().position(|upload| upload.0 == id)?;
                let (_, call, sum) = self.uploads.swap_remove(index);
                completion(out, &call, itoa::Buffer::new().format(sum).as_bytes());
                Some(())
            }
            b'4' => {
                let (_, arguments) = target(rest)?;
                count(id, number(arguments), out, flush);
                Some(())
            }
            _ => None,
        }
    }

    fn call(&mut self, id: &[u8], rest: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let (name, arguments) = target(rest)?;
        if let Some(streams) = arguments.strip_prefix(b"],\"streamIds\":[\"") {
            self.uploads.push((quoted(streams)?.0.to_vec(), id.to_vec(), 0));
            return Some(());
        }
        let argument = &arguments[..arguments.len() - 2];
        if name == b"Broadcast" {
            let mut framed = Vec::with_capacity(argument.len() + 64);
            frame::put(&mut framed, &[b"{\"type\":1,\"target\":\"Receive\",\"arguments\":[", argument, b"]}\x1e"]);
            peers::broadcast(&framed);
            frame::put(out, &[b"{\"type\":3,\"invocationId\":\"", id, b"\"}\x1e"]);
        } else {
            completion(out, id, argument);
        }
        Some(())
    }
}

/// Answers a message into `out` without a frame, the handshake too. Returns what is to be broadcast.
pub(crate) fn plain<'a>(message: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let Some(called) = message.strip_prefix(b"{\"type\":1,\"invocationId\":\"") else {
        out.extend_from_slice(b"{}\x1e");
        return None;
    };
    let (id, rest) = quoted(called)?;
    let (name, arguments) = target(rest)?;
    let argument = &arguments[..arguments.len() - 2];
    let broadcast = name == b"Broadcast";
    let result: [&[u8]; 2] = if broadcast { [b"", b""] } else { [b",\"result\":", argument] };
    for part in [b"{\"type\":3,\"invocationId\":\"", id, b"\"", result[0], result[1], b"}\x1e"] {
        out.extend_from_slice(part);
    }
    broadcast.then_some(argument)
}

fn count(id: &[u8], items: u64, out: &mut Vec<u8>, flush: impl Fn(&mut Vec<u8>)) {
    for item in 0..items {
        let mut digits = itoa::Buffer::new();
        let item = digits.format(item).as_bytes();
        frame::put(out, &[b"{\"type\":2,\"invocationId\":\"", id, b"\",\"item\":", item, b"}\x1e"]);
        if out.len() > CHUNK {
            flush(out);
        }
    }
    frame::put(out, &[b"{\"type\":3,\"invocationId\":\"", id, b"\"}\x1e"]);
}

fn completion(out: &mut Vec<u8>, id: &[u8], result: &[u8]) {
    frame::put(out, &[b"{\"type\":3,\"invocationId\":\"", id, b"\",\"result\":", result, b"}\x1e"]);
}

/// What is before the next quote, and what is after it.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b'"', text)?;
    Some((&text[..end], &text[end + 1..]))
}

/// The name of the method, and what follows the bracket of its arguments.
fn target(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (name, rest) = quoted(rest.get(b",\"target\":\"".len()..)?)?;
    Some((name, rest.get(b",\"arguments\":[".len()..)?))
}

fn number(text: &[u8]) -> u64 {
    text.iter().take_while(|byte| byte.is_ascii_digit()).fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
}
