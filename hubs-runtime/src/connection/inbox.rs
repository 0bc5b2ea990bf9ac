//! Bytes from the peer, cut into whole messages, which are read where they lie.

use crate::{
    ids::ThreadBuffer,
    protocol::{Frame, HubProtocol, ProtocolError},
};

/// A buffer with a larger capacity is not kept for the next session.
const KEPT: usize = 64 * 1024;

/// So many bytes of a buffer may lie idle while a message waits for its rest.
const SLACK: usize = 1024;

thread_local! {
    /// Used by a session while it receives, so that a connection which waits for its peer has no buffer.
    static BUFFER: ThreadBuffer = const { ThreadBuffer::new(KEPT) };
}

#[derive(Debug, Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
    /// Before this all has been handled.
    at: usize,
    /// How much of what follows is known to hold no end of a message.
    searched: usize,
}

impl Inbox {
    /// Where received bytes are to be appended. All messages that came whole must have been handled.
    pub(crate) fn fill(&mut self) -> &mut Vec<u8> {
        let mut spare = ThreadBuffer::take(&BUFFER);
        if spare.capacity() > self.bytes.capacity() {
            spare.clear();
            spare.extend_from_slice(self.rest());
            self.bytes = spare;
        } else {
            ThreadBuffer::put(&BUFFER, spare);
            self.bytes.drain(..self.at);
        }
        self.at = 0;
        &mut self.bytes
    }

    /// Looks for the next whole message. It stays until [`Inbox::skip`].
    pub(crate) fn next(
        &mut self,
        protocol: &dyn HubProtocol,
        limit: Option<usize>,
    ) -> Result<Option<Frame>, ProtocolError> {
        let rest = &self.bytes[self.at..];
        if rest.is_empty() {
            return Ok(None);
        }
        let frame = protocol.frame(rest, self.searched, limit)?;
        self.searched = if frame.is_some() { 0 } else { rest.len() };
        Ok(frame)
    }

    /// The message that [`Inbox::next`] has found.
    pub(crate) fn body(&self, frame: &Frame) -> &[u8] {
        &self.rest()[frame.body.clone()]
    }

    /// The message has been handled.
    pub(crate) fn skip(&mut self, frame: &Frame) {
        self.at += frame.len;
    }

    /// Returns the buffer before the connection rests, and keeps only the bytes that are not handled yet.
    pub(crate) fn settle(&mut self) {
        let waiting = self.bytes.len() - self.at;
        // A large message that comes in pieces stays where it is: copying it for each would cost more than it saves.
        if waiting > 0 && self.bytes.capacity() <= 2 * waiting + SLACK {
            return;
        }
        let rest = self.rest().to_vec();
        ThreadBuffer::put(&BUFFER, std::mem::replace(&mut self.bytes, rest));
        self.at = 0;
    }

    /// Whether nothing waits in it, not even the start of a message.
    #[cfg(feature = "server")]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest().is_empty()
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::JsonHubProtocol;

    fn drain(inbox: &mut Inbox) -> Vec<String> {
        let mut records = Vec::new();
        while let Some(frame) = inbox.next(&JsonHubProtocol, Some(8)).unwrap() {
            records.push(String::from_utf8(inbox.body(&frame).to_vec()).unwrap());
            inbox.skip(&frame);
        }
        records
    }

    fn push(inbox: &mut Inbox, bytes: &[u8]) {
        inbox.fill().extend_from_slice(bytes);
    }

    #[test]
    fn messages_are_the_same_wherever_the_bytes_are_cut() {
        let all = b"one\x1etwo\x1e\x1efour\x1efi";
        for cut in 0..all.len() {
            let mut inbox = Inbox::default();
            push(&mut inbox, &all[..cut]);
            let mut records = drain(&mut inbox);
            inbox.settle();
            push(&mut inbox, &all[cut..]);
            records.extend(drain(&mut inbox));
            assert_eq!(records, ["one", "two", "", "four"], "cut at {cut}");
            assert_eq!(inbox.rest(), b"fi");
        }
    }

    #[test]
    fn the_limit_counts_the_separator() {
        let mut inbox = Inbox::default();
        push(&mut inbox, b"1234567\x1e12345678\x1e");
        let first = inbox.next(&JsonHubProtocol, Some(8)).unwrap().unwrap();
        inbox.skip(&first);
        assert_eq!(inbox.next(&JsonHubProtocol, Some(8)).unwrap_err(), ProtocolError::TooLarge(8));
    }

    /// Case 31.
    #[test]
    fn a_message_that_never_ends_is_refused_at_the_limit() {
        let mut inbox = Inbox::default();
        for _ in 0..7 {
            push(&mut inbox, b"x");
            assert!(inbox.next(&JsonHubProtocol, Some(8)).unwrap().is_none());
        }
        push(&mut inbox, b"x");
        assert!(inbox.next(&JsonHubProtocol, Some(8)).is_err());
    }

    #[test]
    fn a_message_that_has_to_wait_comes_again() {
        let mut inbox = Inbox::default();
        push(&mut inbox, b"one\x1etwo\x1e");
        assert_eq!(inbox.next(&JsonHubProtocol, None).unwrap().unwrap().len, 4);
        inbox.settle();
        assert_eq!(drain(&mut inbox), ["one", "two"]);
    }

    #[test]
    fn at_rest_no_memory_is_kept_but_for_what_waits() {
        let mut inbox = Inbox::default();
        for _ in 0..2 {
            push(&mut inbox, &[b"x\x1e".repeat(10_000), b"waits".to_vec()].concat());
            assert_eq!(drain(&mut inbox).len(), 10_000);
            inbox.settle();
            assert_eq!((inbox.rest(), inbox.bytes.capacity()), (&b"waits"[..], 5));
            push(&mut inbox, b"\x1e");
            assert_eq!(drain(&mut inbox), ["waits"]);
            inbox.settle();
            assert_eq!(inbox.bytes.capacity(), 0);
        }
    }

    #[test]
    fn a_short_message_leaves_no_memory_behind() {
        let mut inbox = Inbox::default();
        push(&mut inbox, b"x\x1e");
        inbox.settle();
        assert_eq!(drain(&mut inbox), ["x"]);
        inbox.settle();
        assert_eq!(inbox.bytes.capacity(), 0);
    }

    /// Case 23.
    #[test]
    fn a_large_message_in_pieces_is_not_copied_for_each() {
        let mut inbox = Inbox::default();
        let mut moved = 0;
        for _ in 0..64 {
            let before = inbox.bytes.as_ptr();
            push(&mut inbox, &[b'x'; 16 * 1024]);
            assert!(inbox.next(&JsonHubProtocol, None).unwrap().is_none());
            inbox.settle();
            moved += usize::from(inbox.bytes.as_ptr() != before);
        }
        assert!(moved < 16, "moved {moved} times");
    }
}
