//! The numbers of stateful reconnect as a model: two ends, sockets that are cut at any byte, and peers that say wrong
//! numbers. Random steps, from a seed that a failure names; `HUBS_SOAK=1` tries many more.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::{
    connection::{Outbox, OutboxLimits, ReceivedCount, ReplayLimits},
    ids::{Delivery, Loss},
};

const LIMITS: ReplayLimits = ReplayLimits { bytes: 60, messages: 8 };

/// Small and good enough for tests.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

/// How the official clients count: they refuse a number that is higher than the one they expect on this socket.
#[derive(Debug)]
struct Strict {
    next: i64,
    latest: i64,
}

impl Strict {
    fn is_new(&mut self) -> bool {
        let number = self.next;
        self.next += 1;
        let new = number > self.latest;
        self.latest = self.latest.max(number);
        new
    }
}

/// One end: what it sends is `m1;`, `m2;` and so on, `a7;` acknowledges and `s3;` is a Sequence message.
struct End {
    outbox: Outbox,
    received: ReceivedCount,
    /// Instead of `received`, for an official client.
    strict: Option<Strict>,
    /// Whether the official client waits for a Sequence message.
    waits: bool,
    sent: u64,
    delivered: Vec<u64>,
    /// Of the current socket: bytes that are no whole message yet.
    partial: String,
    /// What is on its way to the other end.
    wire: VecDeque<u8>,
    /// What this end has taken from its outbox and not handed to the socket.
    batch: usize,
}

impl End {
    fn new(strict: bool) -> Self {
        let outbox = Outbox::new(OutboxLimits::DEFAULT);
        outbox.keep_replay(LIMITS, true);
        let (partial, wire, delivered) = (String::new(), VecDeque::new(), Vec::new());
        let received = ReceivedCount::default();
        let strict = strict.then_some(Strict { next: 1, latest: 0 });
        Self { outbox, received, strict, waits: false, sent: 0, delivered, partial, wire, batch: 0 }
    }

    fn push(&mut self) {
        self.sent += 1;
        let message = format!("m{};", self.sent);
        if self.sent.is_multiple_of(2) {
            self.outbox.push(&Bytes::from(message));
        } else {
            assert!(self.outbox.append_own(message.as_bytes()));
        }
    }

    /// Writes a batch, or only a part of it before the socket is lost.
    fn write(&mut self, random: &mut Random, loses: bool) {
        if self.batch > 0 {
            self.outbox.left(std::mem::take(&mut self.batch));
        }
        let Some(batch) = self.outbox.take() else { return };
        let written = if loses { random.next(batch.len() + 1) } else { batch.len() };
        self.wire.extend(&batch[..written]);
        self.batch = batch.len();
    }

    fn ack(&mut self) {
        let strict = self.strict.as_ref().map(|strict| strict.latest.unsigned_abs()).filter(|latest| *latest > 0);
        if let Some(number) = strict.or_else(|| self.received.take_ack(0)) {
            self.outbox.append_uncounted(format!("a{number};").as_bytes());
        }
    }

    /// A number that this end cannot mean: it is refused, or changes nothing.
    fn hostile(&mut self, random: &mut Random) {
        let sent = i64::try_from(self.sent).unwrap();
        let numbers = [i64::MIN, -1, 0, sent + 1 + random.next(9) as i64, i64::MAX];
        let number = numbers[random.next(numbers.len())];
        assert_eq!(self.outbox.acknowledge(number).is_err(), number > 0);
        if number <= 0 || number == i64::MAX {
            assert!(self.received.continue_at(number).is_err());
        }
    }

    fn lose(&mut self) {
        self.wire.clear();
        self.partial.clear();
        self.waits = self.strict.is_some();
        self.outbox.lost(std::mem::take(&mut self.batch));
    }

    fn resume(&mut self) {
        self.outbox.resume(|number, missing| {
            let fillers = "m0;".repeat(usize::try_from(missing).unwrap());
            format!("s{number};{fillers}").into_bytes()
        });
    }

    fn receive(&mut self, bytes: impl Iterator<Item = u8>) {
        for byte in bytes {
            if byte != b';' {
                self.partial.push(char::from(byte));
                continue;
            }
            let message = std::mem::take(&mut self.partial);
            let (kind, number) = message.split_at(1);
            let number: i64 = number.parse().unwrap();
            match (kind, &mut self.strict) {
                ("s", Some(strict)) => {
                    assert!(number <= strict.next, "an official client would end the connection");
                    strict.next = number;
                    self.waits = false;
                }
                _ if self.waits => {}
                ("m", Some(strict)) => {
                    if strict.is_new() {
                        self.delivered.push(u64::try_from(number).unwrap());
                    }
                }
                ("m", None) => {
                    if !self.received.is_duplicate() {
                        self.delivered.push(u64::try_from(number).unwrap());
                    }
                    self.received.count();
                }
                ("a", _) => self.outbox.acknowledge(number).expect("only what was sent is acknowledged"),
                ("s", None) => self.received.continue_at(number).expect("nothing is left out"),
                _ => panic!("a message in pieces: {message}"),
            }
        }
    }
}

fn transfer(from: &mut End, to: &mut End, count: usize) {
    let count = count.min(from.wire.len());
    let bytes: Vec<u8> = from.wire.drain(..count).collect();
    to.receive(bytes.into_iter());
}

/// One run. Gives how many times the socket was cut.
fn run(seed: u64) -> usize {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut ends = [End::new(false), End::new(seed.is_multiple_of(2))];
    let mut cuts = 0;
    for _ in 0..400 {
        let at = random.next(2);
        match random.next(12) {
            0..=3 => ends[at].push(),
            4 | 5 => ends[at].write(&mut random, false),
            6..=8 => {
                let count = random.next(20);
                let [first, second] = &mut ends;
                if at == 0 { transfer(first, second, count) } else { transfer(second, first, count) }
            }
            9 => ends[at].ack(),
            10 => ends[at].hostile(&mut random),
            _ => {
                cuts += 1;
                // Each direction breaks off where it is, in the middle of a batch or of a message.
                ends[at].write(&mut random, true);
                let (first, second) = (random.next(30), random.next(30));
                let [one, other] = &mut ends;
                transfer(one, other, first);
                transfer(other, one, second);
                ends.iter_mut().for_each(End::lose);
                if random.next(2) == 0 {
                    ends[at].push();
                }
                ends.iter_mut().for_each(End::resume);
            }
        }
        for (end, other) in [(0, 1), (1, 0)] {
            let expected: Vec<u64> = (1..=ends[other].delivered.len() as u64).collect();
            assert_eq!(ends[other].delivered, expected, "seed {seed}");
            assert!(ends[other].delivered.len() as u64 <= ends[end].sent, "seed {seed}");
        }
    }
    for _ in 0..1_000 {
        if ends[0].delivered.len() as u64 == ends[1].sent && ends[1].delivered.len() as u64 == ends[0].sent {
            return cuts;
        }
        ends.iter_mut().for_each(|end| end.write(&mut random, false));
        let [first, second] = &mut ends;
        transfer(first, second, usize::MAX);
        transfer(second, first, usize::MAX);
        ends.iter_mut().for_each(End::ack);
    }
    panic!("seed {seed}: some messages never come");
}

/// Cases 46 and 48.
#[test]
fn cases_46_and_48_every_message_comes_once_and_in_order_wherever_sockets_are_cut() {
    let seeds = if std::env::var_os("HUBS_SOAK").is_some() { 200_000 } else { 2_000 };
    let cuts: usize = (0..seeds).map(run).sum();
    println!("{seeds} runs, {cuts} cuts");
}

#[test]
fn so_much_leaves_without_an_acknowledgement_and_no_more() {
    let end = |limits| {
        let outbox = Outbox::new(OutboxLimits::DEFAULT);
        outbox.keep_replay(limits, true);
        (0..10).for_each(|_| assert!(outbox.append_own(b"0123456789")));
        outbox
    };
    for (limits, leaves) in [
        (ReplayLimits { bytes: 25, messages: 100 }, 30),
        (ReplayLimits { bytes: 30, messages: 100 }, 30),
        (ReplayLimits { bytes: 1000, messages: 4 }, 40),
    ] {
        let outbox = end(limits);
        assert_eq!(outbox.take().unwrap().len(), leaves, "{limits:?}");
        outbox.left(leaves);
        assert!(outbox.take().is_none() && outbox.withholds());
        assert_eq!(outbox.waiting(), 100 - leaves);
        outbox.append_uncounted(b"ping");
        assert_eq!(outbox.take().unwrap(), "ping", "it has no number");
        outbox.left(4);
        outbox.acknowledge(1).unwrap();
        assert_eq!(outbox.take().unwrap().len(), 10, "{limits:?}");
    }
}

#[test]
fn a_message_that_may_be_lost_is_replaced_until_it_has_left() {
    let outbox = Outbox::new(OutboxLimits::DEFAULT);
    outbox.keep_replay(ReplayLimits { bytes: 1_000, messages: 2 }, true);
    let now = tokio::time::Instant::now();
    let loss = |tag| Loss { delivery: Delivery::Latest, tag, method: "Moved" };
    let push = |text: &'static str, tag| outbox.push_lossy(&Bytes::from_static(text.as_bytes()), &loss(tag), now).lost;
    assert_eq!((push("a1", 1), push("b1", 2), push("a2", 1)), (0, 0, 1));
    assert_eq!(outbox.take().unwrap(), "b1a2");
    outbox.left(4);
    assert_eq!((push("a3", 1), push("a4", 1)), (0, 1), "what has left has a number");
    assert_eq!(outbox.waiting(), 2);
    outbox.lost(0);
    assert_eq!(push("a5", 1), 1, "what has left is sent again, and what has not is replaced");
    outbox.resume(|number, missing| format!("s{number}.{missing};").into_bytes());
    assert_eq!(outbox.take().unwrap(), "s1.0;b1a2");
    outbox.acknowledge(2).unwrap();
    assert_eq!(outbox.take().unwrap(), "a5");
}
