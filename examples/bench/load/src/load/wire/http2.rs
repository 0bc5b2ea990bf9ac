//! The frames of HTTP/2, as a client writes and reads them. Owns syntax alone; must not know sockets or which stream is for what.

use anyhow::{Result, bail, ensure};

use super::{hpack, request::Request};

/// What a client sends first.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The length of what is before each payload.
const HEAD: usize = 9;
/// The longest payload, where the other end has not allowed more.
const LONGEST: usize = 16_384;

const END_STREAM: u8 = 0x1;
const ACK: u8 = 0x1;
const END_HEADERS: u8 = 0x4;
const PADDED: u8 = 0x8;
const PRIORITY: u8 = 0x20;

const ENABLE_PUSH: u16 = 2;
const INITIAL_WINDOW_SIZE: u16 = 4;

/// How much a server may send before it needs a [`put_window`], where nothing else was said.
const DEFAULT_WINDOW: u32 = 65_535;
/// How much it may send here, on a connection and on each stream: what browsers allow.
pub(crate) const WINDOW: u32 = 6 << 20;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Data,
    Headers,
    Reset,
    Settings,
    Ping,
    GoAway,
    Window,
    /// Nothing that a client needs.
    Other,
}

/// A frame of the server, in place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Http2Frame<'a> {
    pub(crate) kind: Kind,
    flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: &'a [u8],
    /// How many bytes it takes, its head included.
    pub(crate) length: usize,
}

impl<'a> Http2Frame<'a> {
    /// The frame that `bytes` begin with, if all of it is there.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Option<Self>> {
        let [a, b, c, kind, flags, stream @ ..] = bytes else { return Ok(None) };
        let Some(stream) = stream.first_chunk() else { return Ok(None) };
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        ensure!(length <= LONGEST, "a frame of {length} bytes, which is too long");
        let kind = match kind {
            0 => Kind::Data,
            1 => Kind::Headers,
            3 => Kind::Reset,
            4 => Kind::Settings,
            6 => Kind::Ping,
            7 => Kind::GoAway,
            8 => Kind::Window,
            9 => bail!("headers in several frames are not read here"),
            _ => Kind::Other,
        };
        let stream = u32::from_be_bytes(*stream) & !(1 << 31);
        if matches!(kind, Kind::Data | Kind::Headers) {
            ensure!(flags & (PADDED | PRIORITY) == 0, "padding and priorities are not read here");
            ensure!(stream != 0, "an answer on no stream");
        }
        let payload = bytes.get(HEAD..HEAD + length);
        Ok(payload.map(|payload| Self { kind, flags: *flags, stream, payload, length: HEAD + length }))
    }

    /// Whether it is the last of its stream.
    pub(crate) fn ends(&self) -> bool {
        self.flags & END_STREAM != 0
    }

    /// Whether settings or a ping are an answer.
    pub(crate) fn is_ack(&self) -> bool {
        self.flags & ACK != 0
    }

    /// The first number of the payload: a window's growth, or why a stream was reset.
    pub(crate) fn number(&self) -> u32 {
        self.payload.first_chunk().copied().map_or(0, u32::from_be_bytes)
    }

    /// Why the server ends the connection.
    pub(crate) fn reason(&self) -> u32 {
        self.payload.get(4..).and_then(<[u8]>::first_chunk).copied().map_or(0, u32::from_be_bytes)
    }

    /// How much a client may send on a fresh stream, if these settings say it.
    pub(crate) fn initial_window(&self) -> Option<u32> {
        let (settings, _) = self.payload.as_chunks::<6>();
        let window = |setting: &&[u8; 6]| setting[..2] == INITIAL_WINDOW_SIZE.to_be_bytes();
        settings.iter().rfind(window).map(|[_, _, value @ ..]| u32::from_be_bytes(*value))
    }
}

/// Appends what opens a connection.
pub(crate) fn put_opening(out: &mut Vec<u8>) {
    out.extend_from_slice(PREFACE);
    put_head(out, 12, 4, 0, 0);
    for (setting, value) in [(ENABLE_PUSH, 0), (INITIAL_WINDOW_SIZE, WINDOW)] {
        out.extend_from_slice(&setting.to_be_bytes());
        out.extend_from_slice(&value.to_be_bytes());
    }
    put_window(out, 0, WINDOW - DEFAULT_WINDOW);
}

/// Appends a request, which is all that the client sends on this stream.
pub(crate) fn put_request(out: &mut Vec<u8>, stream: u32, request: &Request<'_>) {
    let body = request.body.unwrap_or_default();
    let start = out.len();
    put_head(out, 0, 1, if body.is_empty() { END_HEADERS | END_STREAM } else { END_HEADERS }, stream);
    hpack::put_request(out, request);
    let length = (out.len() - start - HEAD) as u32;
    out[start..start + 3].copy_from_slice(&length.to_be_bytes()[1..]);
    let mut parts = body.chunks(LONGEST).peekable();
    while let Some(part) = parts.next() {
        put_head(out, part.len(), 0, if parts.peek().is_none() { END_STREAM } else { 0 }, stream);
        out.extend_from_slice(part);
    }
}

/// Appends the answer to settings.
pub(crate) fn put_settings_ack(out: &mut Vec<u8>) {
    put_head(out, 0, 4, ACK, 0);
}

/// Appends the answer to a ping.
pub(crate) fn put_pong(out: &mut Vec<u8>, ping: &[u8]) {
    put_head(out, ping.len(), 6, ACK, 0);
    out.extend_from_slice(ping);
}

/// Lets the server send more on a stream; on all of them, if it is 0.
pub(crate) fn put_window(out: &mut Vec<u8>, stream: u32, more: u32) {
    put_head(out, 4, 8, 0, stream);
    out.extend_from_slice(&more.to_be_bytes());
}

fn put_head(out: &mut Vec<u8>, length: usize, kind: u8, flags: u8, stream: u32) {
    out.extend_from_slice(&(length as u32).to_be_bytes()[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::{HEAD, Http2Frame, Kind, LONGEST, put_opening, put_pong, put_request, put_settings_ack, put_window};
    use crate::wire::Request;

    fn frames(mut bytes: &[u8]) -> Vec<Http2Frame<'_>> {
        let mut frames = Vec::new();
        while let Some(frame) = Http2Frame::read(bytes).expect("no mistake") {
            frames.push(frame);
            bytes = &bytes[frame.length..];
        }
        assert!(bytes.is_empty());
        frames
    }

    #[test]
    fn a_frame_is_read_once_it_is_whole() {
        let bytes = b"\0\0\x03\0\x01\x80\0\0\x05abc\0";
        for short in 0..12 {
            assert!(Http2Frame::read(&bytes[..short]).expect("no mistake").is_none(), "{short}");
        }
        let frame = Http2Frame::read(bytes).expect("no mistake").expect("whole");
        assert_eq!((frame.kind, frame.stream, frame.payload, frame.length), (Kind::Data, 5, &b"abc"[..], 12));
        assert!(frame.ends());
    }

    #[test]
    fn what_is_not_read_here_is_a_mistake() {
        Http2Frame::read(b"\0\0\x01\0\x08\0\0\0\x01\0").expect_err("padded");
        Http2Frame::read(b"\0\0\x01\x09\0\0\0\0\x01\0").expect_err("headers in several frames");
        Http2Frame::read(b"\0\0\x01\0\0\0\0\0\0\0").expect_err("no stream");
        Http2Frame::read(b"\0\x40\x01\0\0\0\0\0\x01").expect_err("too long");
    }

    #[test]
    fn a_connection_opens_with_its_settings() {
        let mut out = Vec::new();
        put_opening(&mut out);
        let frames = frames(out.strip_prefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").expect("the preface is first"));
        assert_eq!(frames.iter().map(|frame| frame.kind).collect::<Vec<_>>(), [Kind::Settings, Kind::Window]);
        assert_eq!(frames[0].initial_window(), Some(6 << 20));
        assert_eq!(frames[1].number() + 65_535, 6 << 20);
    }

    #[test]
    fn a_request_ends_its_stream() {
        let mut out = Vec::new();
        let request = Request { method: "GET", path: "/hub", header: None, body: None };
        put_request(&mut out, 7, &request);
        let head = frames(&out)[0];
        assert_eq!((head.kind, head.stream, head.ends(), head.flags), (Kind::Headers, 7, true, 5));
        assert_eq!(head.payload[0], 0x82);

        out.clear();
        let body = vec![b'x'; LONGEST + 1];
        put_request(&mut out, 9, &Request { method: "POST", body: Some(&body), ..request });
        let written = frames(&out);
        let kinds: Vec<_> = written.iter().map(|frame| (frame.kind, frame.ends())).collect();
        assert_eq!(kinds, [(Kind::Headers, false), (Kind::Data, false), (Kind::Data, true)]);
        assert_eq!([written[1].payload, written[2].payload].concat(), body);
    }

    #[test]
    fn settings_pings_and_windows_are_answered() {
        let mut out = Vec::new();
        put_settings_ack(&mut out);
        put_pong(&mut out, b"12345678");
        put_window(&mut out, 3, 100);
        let written = frames(&out);
        assert_eq!((written[0].kind, written[0].is_ack(), written[0].length), (Kind::Settings, true, HEAD));
        assert_eq!((written[1].kind, written[1].is_ack(), written[1].payload), (Kind::Ping, true, &b"12345678"[..]));
        assert_eq!((written[2].kind, written[2].stream, written[2].number()), (Kind::Window, 3, 100));
    }

    #[test]
    fn the_last_initial_window_of_the_settings_holds() {
        let settings = b"\0\0\x12\x04\0\0\0\0\0\0\x04\0\x10\0\0\0\x03\0\0\0\xc8\0\x04\0\0\0\x10";
        assert_eq!(frames(settings)[0].initial_window(), Some(16));
        let goaway = b"\0\0\x08\x07\0\0\0\0\0\0\0\0\x01\0\0\0\x0b";
        assert_eq!((frames(goaway)[0].kind, frames(goaway)[0].reason()), (Kind::GoAway, 11));
    }
}
