//! The numbers of stateful reconnect, for any order of messages, acknowledgements and cuts, and for any numbers that a peer
//! may say: nothing panics, and while the peer says no wrong number, each message comes once and in order.

#[path = "../hubs-runtime/src/connection/resume/received.rs"]
#[allow(dead_code, reason = "the check uses a part of it")]
mod received;
#[path = "../hubs-runtime/src/connection/resume/replay.rs"]
#[allow(dead_code, reason = "the check uses a part of it")]
mod replay;

use std::collections::VecDeque;

use received::Received;
use replay::{Replay, ReplayLimits};

/// Stands for the place among the connections that wait for their clients.
#[derive(Debug)]
pub(crate) struct Parked;

impl Parked {
    pub(crate) fn add(&self, _: usize) {}
    pub(crate) fn remove(&self, _: usize) {}
}

/// Each message is one byte: its number, without what does not fit.
struct Ends {
    sender: Replay,
    receiver: Received,
    wire: VecDeque<u8>,
    sent: u64,
    delivered: u64,
    /// Whether the peer has only said what is so.
    honest: bool,
}

impl Ends {
    fn deliver(&mut self) {
        let Some(message) = self.wire.pop_front() else { return };
        if !self.receiver.is_duplicate() {
            self.delivered += 1;
            assert!(!self.honest || message == self.delivered as u8, "out of order");
        }
        self.receiver.count();
    }

    fn cut(&mut self) {
        self.wire.clear();
        self.sender.rewind();
        let (number, missing) = self.sender.expected();
        self.sender.resume(Vec::new());
        let taken = self.receiver.continue_at(i64::try_from(number).expect("few messages"));
        assert!(!self.honest || taken.is_ok(), "the peer expects another number");
        for _ in 0..missing {
            assert!(!self.honest || self.receiver.is_duplicate(), "a message is missing");
            self.receiver.count();
        }
    }

    fn say(&mut self, number: i64, ack: bool) {
        self.honest = false;
        if ack {
            let _ = self.sender.acknowledge(number);
        } else if self.receiver.continue_at(number).is_err() {
            // It would end the connection.
            self.wire.clear();
        }
    }
}

/// Does what `data` says.
pub(crate) fn check(data: &[u8]) {
    let limits = ReplayLimits { bytes: 20, messages: 12 };
    let (sender, receiver) = (Replay::new(limits, true), Received::default());
    let mut ends = Ends { sender, receiver, wire: VecDeque::new(), sent: 0, delivered: 0, honest: true };
    let mut rest = data;
    while let [step, after @ ..] = rest {
        rest = after;
        match step % 8 {
            0 | 1 => {
                ends.sent += 1;
                ends.sender.append(vec![ends.sent as u8].into());
            }
            2 => ends.wire.extend(ends.sender.take().unwrap_or_default()),
            3 | 4 => ends.deliver(),
            5 => {
                if let Some(number) = ends.receiver.take_ack(usize::from(*step) % 3) {
                    let taken = ends.sender.acknowledge(i64::try_from(number).expect("few messages"));
                    assert!(!ends.honest || taken.is_ok(), "only what was sent is acknowledged");
                }
            }
            6 => ends.cut(),
            _ => {
                let Some((number, after)) = rest.split_first_chunk() else { return };
                ends.say(i64::from_le_bytes(*number), step & 8 == 0);
                rest = after;
            }
        }
        assert!(ends.delivered <= ends.sent || !ends.honest);
    }
}
