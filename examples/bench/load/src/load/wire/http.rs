//! HTTP/1.1 as a client reads it: whole responses, chunks of a body without an end, and the Server-Sent Events in them. Owns syntax
//! alone; must not know sockets or what is asked.

use anyhow::{Context, Result, bail, ensure};
use memchr::{memchr, memmem};

/// The longest line that gives the size of a chunk.
const SIZE_LINE: usize = 32;

/// An HTTP response, in place. Its body is empty where no `Content-Length` says otherwise.
#[derive(Debug)]
pub(crate) struct Response<'a> {
    pub(crate) status: &'a str,
    pub(crate) head: &'a str,
    pub(crate) body: &'a [u8],
    /// How many bytes it takes.
    pub(crate) length: usize,
}

impl<'a> Response<'a> {
    /// The response that `bytes` begin with, if all of it is there.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Option<Self>> {
        let Some(end) = memmem::find(bytes, b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&bytes[..end]).context("a response is no text")?;
        let status = head.lines().next().unwrap_or_default();
        let length = header(head, "content-length").map_or(Ok(0), str::parse).context("a wrong `Content-Length`")?;
        let body = bytes.get(end + 4..).and_then(|rest| rest.get(..length));
        Ok(body.map(|body| Self { status, head, body, length: end + 4 + length }))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        header(self.head, name)
    }

    /// Fails unless the status is this one; `what` was answered.
    pub(crate) fn demand(&self, status: u16, what: &str) -> Result<()> {
        let found = self.status.split(' ').nth(1).and_then(|found| found.parse().ok());
        ensure!(
            found == Some(status),
            "{what} was answered with {:?} {}",
            self.head,
            String::from_utf8_lossy(self.body)
        );
        Ok(())
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The chunk that `bytes` begin with, and how many bytes it takes, if all of it is there. The last chunk is empty.
pub(crate) fn chunk(bytes: &[u8]) -> Result<Option<(&[u8], usize)>> {
    let Some(end) = memchr(b'\n', bytes) else {
        ensure!(bytes.len() < SIZE_LINE, "a chunk begins with no size");
        return Ok(None);
    };
    let line = std::str::from_utf8(&bytes[..end]).context("the size of a chunk is no text")?.trim_end();
    let size = usize::from_str_radix(line, 16).with_context(|| format!("{line:?} is no size of a chunk"))?;
    let start = end + 1;
    let Some(after) = bytes.get(start + size..start + size + 2) else { return Ok(None) };
    ensure!(after == b"\r\n", "a chunk is longer than its size");
    Ok(Some((&bytes[start..start + size], start + size + 2)))
}

/// Server-Sent Events, as far as they have come.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// The beginning of a line.
    line: Vec<u8>,
    /// The data of an event that has not ended.
    data: Vec<u8>,
}

impl Events {
    /// Takes `bytes`, and appends the data of each event that they end to `out`.
    pub(crate) fn take(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        while let Some(end) = memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if self.line.is_empty() {
                self.line(line, out)?;
            } else {
                let mut whole = std::mem::take(&mut self.line);
                whole.extend_from_slice(line);
                self.line(&whole, out)?;
                whole.clear();
                self.line = whole;
            }
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) -> Result<()> {
        match line.strip_suffix(b"\r").unwrap_or(line) {
            [] => out.append(&mut self.data),
            [b':', ..] => {}
            [b'd', b'a', b't', b'a', b':', data @ ..] => {
                self.data.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
            }
            other => bail!("an event has the line {:?}", String::from_utf8_lossy(other)),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Events, Response, chunk};

    #[test]
    fn a_response_is_read_once_it_is_whole() {
        let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabcHTTP/1.1";
        for short in 0..41 {
            assert!(Response::read(&bytes[..short]).expect("no mistake").is_none(), "{short}");
        }
        let response = Response::read(bytes).expect("no mistake").expect("whole");
        assert_eq!((response.body, response.length), (&b"abc"[..], 41));
        response.demand(200, "a poll").expect("it is 200");
        let error = response.demand(204, "a poll").expect_err("it is 200");
        assert!(error.to_string().starts_with("a poll was answered with \"HTTP/1.1 200 OK"), "{error}");
    }

    #[test]
    fn a_chunk_is_read_once_it_is_whole() {
        let bytes = b"1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n";
        for short in 0..32 {
            assert!(chunk(&bytes[..short]).expect("no mistake").is_none(), "{short}");
        }
        assert_eq!(chunk(bytes).expect("no mistake"), Some((&b"abcdefghijklmnopqrstuvwxyz"[..], 32)));
        assert_eq!(chunk(&bytes[32..]).expect("no mistake"), Some((&b""[..], 5)));
        chunk(b"3\r\nabcd\r\n").expect_err("longer than it says");
        chunk(b"x\r\n").expect_err("no size");
        chunk(&[b'1'; 40]).expect_err("no end");
    }

    #[test]
    fn events_are_read_wherever_the_bytes_are_cut() {
        let bytes = b":\r\ndata: {\"a\":1}\x1e\r\n\r\ndata: {}\x1e\ndata:{}\x1e\n\n: x\n\ndata: {\"half\":";
        for cut in 0..bytes.len() {
            let (mut events, mut out) = (Events::default(), Vec::new());
            events.take(&bytes[..cut], &mut out).expect("no mistake");
            events.take(&bytes[cut..], &mut out).expect("no mistake");
            assert_eq!(out, b"{\"a\":1}\x1e{}\x1e{}\x1e", "cut at {cut}");
        }
        Events::default().take(b"HTTP/1.1 200 OK\r\n", &mut Vec::new()).expect_err("no event");
    }
}
