//! Numbers of the messages that come in.

/// Counts the messages of the peer from 1, over all its sockets, and finds those that came before.
#[derive(Debug)]
pub(crate) struct Received {
    /// The number of the next message on this socket.
    next: u64,
    /// The highest number that has come in.
    latest: u64,
    /// Up to which number the peer knows that its messages have come in.
    acknowledged: u64,
}

impl Default for Received {
    fn default() -> Self {
        Self { next: 1, latest: 0, acknowledged: 0 }
    }
}

impl Received {
    /// Whether the next message has come in before.
    pub(crate) fn is_duplicate(&self) -> bool {
        self.next <= self.latest
    }

    /// A message has come in, for the first time or again.
    pub(crate) fn count(&mut self) {
        self.latest = self.latest.max(self.next);
        self.next += 1;
    }

    /// The peer says with which message it goes on. An error: messages before it have not come in.
    pub(crate) fn continue_at(&mut self, number: i64) -> Result<(), &'static str> {
        match u64::try_from(number) {
            Ok(0) | Err(_) => Err("Sequence ID must be greater than zero."),
            // What has come over any socket is not missing, though this socket may have been lost before it came again.
            Ok(number) if number > self.next.max(self.latest + 1) => {
                Err("Sequence ID greater than amount of messages we've received.")
            }
            Ok(number) => {
                self.next = number;
                // It has lost what was acknowledged after this.
                self.acknowledged = number - 1;
                Ok(())
            }
        }
    }

    /// Whether the peer does not know yet that its messages have come in, but for the last `waiting`.
    pub(crate) fn owes_ack(&self, waiting: usize) -> bool {
        self.latest.saturating_sub(waiting as u64) > self.acknowledged
    }

    /// The number to acknowledge now, if there is one.
    pub(crate) fn take_ack(&mut self, waiting: usize) -> Option<u64> {
        let number = self.latest.saturating_sub(waiting as u64);
        let owes = number > self.acknowledged;
        self.acknowledged = self.acknowledged.max(number);
        owes.then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_found() {
        let mut received = Received::default();
        (0..3).for_each(|_| received.count());
        assert_eq!((received.take_ack(0), received.take_ack(0)), (Some(3), None));
        received.continue_at(2).unwrap();
        assert!(received.is_duplicate());
        received.count();
        assert!(received.is_duplicate());
        received.count();
        assert!(!received.is_duplicate());
        received.count();
        assert_eq!(
            (received.take_ack(1), received.take_ack(0)),
            (Some(3), Some(4)),
            "after a loss the last is named again"
        );
    }

    #[test]
    fn a_gap_and_a_number_below_one_are_refused() {
        let mut received = Received::default();
        received.count();
        for number in [3, i64::MAX, 0, -1, i64::MIN] {
            assert!(received.continue_at(number).is_err(), "{number}");
        }
        received.continue_at(2).unwrap();
        assert!(!received.is_duplicate());
        received.continue_at(1).unwrap();
        assert!(received.is_duplicate());
        received.continue_at(2).unwrap();
        assert!(!received.is_duplicate(), "message 1 has come before");
        assert!(received.continue_at(3).is_err());
    }
}
