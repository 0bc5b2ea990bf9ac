//! Counts what an HTTP/2 client sends without asking for anything: settings, pings and the like have to be answered, and
//! a flood of them costs a core. Reads the heads of frames alone (RFC 9113, section 4.1).

use std::time::Duration;

use tokio::time::Instant;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEAD: usize = 9;

/// So many frames may come ...
const FRAMES: u32 = 1_000;
/// ... in this time, unless ...
const WINDOW: Duration = Duration::from_secs(10);
/// ... so many bytes were sent for each of them. The answer to a ping has 17.
const BYTES_FOR_EACH: u64 = 32;

/// What the bytes of one socket are.
#[derive(Debug)]
pub(super) enum Frames {
    /// So many bytes of the preface have come.
    Preface(usize),
    /// HTTP/1.
    Other,
    Http2(Counter),
}

#[derive(Debug)]
pub(super) struct Counter {
    head: [u8; HEAD],
    /// How many bytes of the head have come.
    filled: usize,
    /// How many bytes of the payload are still to come.
    payload: usize,
    frames: u32,
    sent: u64,
    since: Instant,
}

impl Frames {
    pub(super) fn is_http2(&self) -> bool {
        matches!(self, Self::Http2(_))
    }

    pub(super) fn sent(&mut self, bytes: usize) {
        if let Self::Http2(counter) = self {
            counter.sent = counter.sent.saturating_add(bytes as u64);
        }
    }

    /// Takes the next bytes of the client. False: it floods the server.
    pub(super) fn received(&mut self, mut bytes: &[u8]) -> bool {
        if let Self::Preface(seen) = *self {
            let expected = &PREFACE[seen..];
            let length = expected.len().min(bytes.len());
            *self = if expected[..length] != bytes[..length] {
                Self::Other
            } else if length < expected.len() {
                Self::Preface(seen + length)
            } else {
                Self::Http2(Counter::new())
            };
            bytes = &bytes[length..];
        }
        match self {
            Self::Http2(counter) => counter.take(bytes),
            Self::Preface(_) | Self::Other => true,
        }
    }
}

impl Counter {
    fn new() -> Self {
        Self { head: [0; HEAD], filled: 0, payload: 0, frames: 0, sent: 0, since: Instant::now() }
    }

    fn take(&mut self, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() {
            if self.payload > 0 {
                let skipped = self.payload.min(bytes.len());
                self.payload -= skipped;
                bytes = &bytes[skipped..];
                continue;
            }
            let length = (HEAD - self.filled).min(bytes.len());
            self.head[self.filled..self.filled + length].copy_from_slice(&bytes[..length]);
            self.filled += length;
            bytes = &bytes[length..];
            if self.filled == HEAD {
                self.filled = 0;
                let [high, middle, low, kind, ..] = self.head;
                self.payload = u32::from_be_bytes([0, high, middle, low]) as usize;
                if !self.count(kind) {
                    return false;
                }
            }
        }
        true
    }

    /// False: it was one too many.
    fn count(&mut self, kind: u8) -> bool {
        let asks = match kind {
            // DATA
            0 => self.payload > 0,
            // HEADERS, RST_STREAM and CONTINUATION, which have limits of their own.
            1 | 3 | 9 => true,
            _ => false,
        };
        if asks {
            return true;
        }
        self.frames += 1;
        if self.frames < FRAMES {
            return true;
        }
        let floods = self.since.elapsed() < WINDOW && self.sent < BYTES_FOR_EACH * u64::from(FRAMES);
        (self.frames, self.sent, self.since) = (0, 0, Instant::now());
        !floods
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PING: [u8; 17] = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    fn http2() -> Frames {
        let mut frames = Frames::Preface(0);
        for byte in PREFACE {
            assert!(frames.received(&[*byte]));
        }
        assert!(frames.is_http2());
        frames
    }

    #[test]
    fn http1_is_not_counted() {
        let mut frames = Frames::Preface(0);
        assert!(frames.received(b"PRI /chat HTTP/1.1\r\n"));
        assert!(!frames.is_http2());
        assert!(frames.received(&PING.repeat(10_000)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_found_however_it_is_cut() {
        for size in [1, 7, 9, 17, 4096] {
            let mut frames = http2();
            let flood = PING.repeat(FRAMES as usize);
            let found = flood.chunks(size).map(|bytes| frames.received(bytes)).filter(|fine| !fine).count();
            assert_eq!(found, 1, "in portions of {size}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_slowly_or_is_for_something_is_no_flood() {
        let mut frames = http2();
        for _ in 0..100 {
            assert!(frames.received(&PING.repeat(900)));
            tokio::time::advance(WINDOW).await;
        }
        // Updates of the window, by a client that reads.
        for _ in 0..10_000 {
            assert!(frames.received(&[0, 0, 4, 8, 0, 0, 0, 0, 1, 0, 0, 1, 0]));
            frames.sent(100);
        }
        let data = [&[0, 0, 3, 0, 0, 0, 0, 0, 1][..], b"abc"].concat();
        assert!(frames.received(&data.repeat(10_000)));
        let empty = [0, 0, 0, 0, 0, 0, 0, 0, 1];
        assert!(!frames.received(&empty.repeat(2_000)));
    }
}
