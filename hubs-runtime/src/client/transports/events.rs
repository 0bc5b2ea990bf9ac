//! Server-Sent Events, the calling end: one answer that does not end, and requests to send. Text only.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Uri;
use http_body::Body;
use hyper::body::Incoming;

use super::{
    super::{ConnectError, error::RequestError, http::Requests},
    posting::{Posting, failed},
};
use crate::{
    ids::TransferFormat,
    transport::{CloseCode, Transport, TransportError, TransportKind},
};

/// The longest line that is kept until its end comes.
const LONGEST_LINE: usize = 64 * 1024 * 1024;

/// A connection over Server-Sent Events.
pub(crate) struct Events {
    body: Option<Incoming>,
    lines: Lines,
    posting: Posting,
}

/// Opens the stream of events.
pub(crate) async fn open(requests: &Requests, uri: Uri) -> Result<Events, ConnectError> {
    let body = requests.events(uri.clone()).await.map_err(|error| error.while_asking("the stream of events"))?;
    Ok(Events { body: Some(body), lines: Lines::default(), posting: Posting::new(requests.clone(), uri) })
}

impl Transport for Events {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        let before = into.len();
        while let Some(body) = &mut self.body {
            match ready!(Pin::new(body).poll_frame(cx)) {
                None => self.body = None,
                Some(Err(error)) => {
                    self.body = None;
                    return Poll::Ready(Some(Err(failed(RequestError::of(&error)))));
                }
                Some(Ok(frame)) => {
                    let Some(bytes) = frame.data_ref() else { continue };
                    if !self.lines.read(bytes, into) {
                        return Poll::Ready(Some(Err(TransportError::TooLarge)));
                    }
                    if into.len() > before {
                        return Poll::Ready(Some(Ok(())));
                    }
                }
            }
        }
        Poll::Ready(None)
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.posting.poll_flush(cx)
    }

    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError> {
        self.posting.send(batch, format);
        Ok(())
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: CloseCode) -> Poll<()> {
        let _ = ready!(self.posting.poll_flush(cx));
        self.body = None;
        Poll::Ready(())
    }

    fn bytes_sent(&self) -> u64 {
        self.posting.bytes_sent()
    }

    fn kind(&self) -> TransportKind {
        TransportKind::ServerSentEvents
    }
}

/// Takes events apart: the text of each is the text after `data:` of its lines.
#[derive(Debug, Default)]
struct Lines {
    /// The start of a line whose end has not come.
    partial: Vec<u8>,
    /// Whether the event has had a line of data already.
    within: bool,
}

impl Lines {
    /// Appends the data of `bytes` to `into`. False: a line is too long.
    fn read(&mut self, mut bytes: &[u8], into: &mut Vec<u8>) -> bool {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.partial.is_empty() {
                self.line(line, into);
            } else {
                let mut whole = std::mem::take(&mut self.partial);
                whole.extend_from_slice(line);
                self.line(&whole, into);
            }
            bytes = rest;
        }
        self.partial.extend_from_slice(bytes);
        self.partial.len() <= LONGEST_LINE
    }

    fn line(&mut self, line: &[u8], into: &mut Vec<u8>) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            self.within = false;
            return;
        }
        // Other fields, and comments, carry nothing for the hub.
        let Some(data) = line.strip_prefix(b"data:") else { return };
        if std::mem::replace(&mut self.within, true) {
            into.push(b'\n');
        }
        into.extend_from_slice(data.strip_prefix(b" ").unwrap_or(data));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_cut_gives_the_same_messages() {
        let text = b":\r\n\r\ndata: {\"type\":6}\x1e\r\n\r\nevent: x\ndata:a\ndata: b\n\ndata: last\r\n\r\n";
        let expected = b"{\"type\":6}\x1ea\nblast";
        for cut in 0..text.len() {
            let (mut lines, mut into) = (Lines::default(), Vec::new());
            assert!(lines.read(&text[..cut], &mut into) && lines.read(&text[cut..], &mut into));
            assert_eq!(into, expected, "cut at {cut}");
        }
    }
}
