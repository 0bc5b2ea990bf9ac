//! Bytes from the peer, cut into whole messages. Payloads are cut where they lie; only what is left of the last one is
//! copied, to wait for its rest.

use bytes::{Buf, Bytes, BytesMut};

use crate::protocol::{Frame, HubProtocol, ProtocolError};

#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// What came last and is not yet cut.
    chunk: Bytes,
    /// The start of a message whose end has not come.
    partial: BytesMut,
    /// How much of `partial` is known to hold no end.
    searched: usize,
}

/// One whole message, still framed.
#[derive(Debug)]
pub(crate) struct Record {
    bytes: Bytes,
    frame: Frame,
}

impl Record {
    pub(crate) fn body(&self) -> &[u8] {
        &self.bytes[self.frame.body.clone()]
    }

    /// A part of the body, to be kept without copying.
    pub(crate) fn share(&self, part: &[u8]) -> Bytes {
        self.bytes.slice_ref(part)
    }
}

impl Inbox {
    /// Takes what came in. Everything that came before must have been cut by [`Inbox::next`].
    pub(crate) fn push(&mut self, bytes: Bytes) {
        if self.partial.is_empty() && self.chunk.is_empty() {
            self.chunk = bytes;
        } else {
            self.partial.extend_from_slice(&bytes);
        }
    }

    /// Cuts off the next whole message.
    pub(crate) fn next(
        &mut self,
        protocol: &dyn HubProtocol,
        limit: Option<usize>,
    ) -> Result<Option<Record>, ProtocolError> {
        if self.chunk.is_empty() {
            return self.next_of_partial(protocol, limit);
        }
        if let Some(frame) = protocol.frame(&self.chunk, 0, limit)? {
            let bytes = self.chunk.split_to(frame.len);
            return Ok(Some(Record { bytes, frame }));
        }
        self.searched = self.chunk.len();
        self.partial = BytesMut::from(&self.chunk[..]);
        self.chunk = Bytes::new();
        Ok(None)
    }

    fn next_of_partial(
        &mut self,
        protocol: &dyn HubProtocol,
        limit: Option<usize>,
    ) -> Result<Option<Record>, ProtocolError> {
        if self.partial.is_empty() {
            return Ok(None);
        }
        let Some(frame) = protocol.frame(&self.partial, self.searched, limit)? else {
            self.searched = self.partial.len();
            return Ok(None);
        };
        let mut bytes = std::mem::take(&mut self.partial).freeze();
        self.searched = 0;
        self.chunk = bytes.split_off(frame.len);
        Ok(Some(Record { bytes, frame }))
    }

    /// Puts a message back that cannot be handled yet.
    pub(crate) fn put_back(&mut self, record: &Record) {
        let mut bytes = BytesMut::with_capacity(record.bytes.len() + self.chunk.remaining());
        bytes.extend_from_slice(&record.bytes);
        bytes.extend_from_slice(&self.chunk);
        self.chunk = bytes.freeze();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::JsonHubProtocol;

    fn drain(inbox: &mut Inbox) -> Vec<String> {
        let mut records = Vec::new();
        while let Some(record) = inbox.next(&JsonHubProtocol, Some(8)).unwrap() {
            records.push(String::from_utf8(record.body().to_vec()).unwrap());
        }
        records
    }

    #[test]
    fn messages_are_the_same_wherever_the_bytes_are_cut() {
        let all = b"one\x1etwo\x1e\x1efour\x1efi";
        for cut in 0..all.len() {
            let mut inbox = Inbox::default();
            inbox.push(Bytes::copy_from_slice(&all[..cut]));
            let mut records = drain(&mut inbox);
            inbox.push(Bytes::copy_from_slice(&all[cut..]));
            records.extend(drain(&mut inbox));
            assert_eq!(records, ["one", "two", "", "four"], "cut at {cut}");
            assert_eq!(&inbox.partial[..], b"fi");
        }
    }

    #[test]
    fn the_limit_counts_the_separator() {
        let mut inbox = Inbox::default();
        inbox.push(Bytes::from_static(b"1234567\x1e12345678\x1e"));
        assert!(inbox.next(&JsonHubProtocol, Some(8)).unwrap().is_some());
        assert_eq!(inbox.next(&JsonHubProtocol, Some(8)).unwrap_err(), ProtocolError::TooLarge(8));
    }

    #[test]
    fn a_message_that_never_ends_is_refused_at_the_limit() {
        let mut inbox = Inbox::default();
        for _ in 0..7 {
            inbox.push(Bytes::from_static(b"x"));
            assert!(inbox.next(&JsonHubProtocol, Some(8)).unwrap().is_none());
        }
        inbox.push(Bytes::from_static(b"x"));
        assert!(inbox.next(&JsonHubProtocol, Some(8)).is_err());
    }

    #[test]
    fn a_message_put_back_comes_again() {
        let mut inbox = Inbox::default();
        inbox.push(Bytes::from_static(b"one\x1etwo\x1e"));
        let one = inbox.next(&JsonHubProtocol, None).unwrap().unwrap();
        inbox.put_back(&one);
        assert_eq!(drain(&mut inbox), ["one", "two"]);
    }
}
