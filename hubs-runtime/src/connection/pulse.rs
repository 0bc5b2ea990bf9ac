//! The clocks of a connection. They have no timer of their own: the hub calls [`Clocks::tick`] for all connections, once
//! each [`Intervals::tick`].

use std::time::Duration;

use tokio::time::Instant;

/// What has been seen of one peer, by a coarse clock.
#[derive(Debug)]
pub(crate) struct Clocks {
    pinged: Instant,
    received: Counted,
    heard: Counted,
    sent: Counted,
    waiting: bool,
}

/// When a counter moved last, as far as the ticks have seen.
#[derive(Debug)]
struct Counted {
    count: u64,
    since: Instant,
}

impl Counted {
    /// For how long the counter has been standing still.
    fn still(&mut self, count: u64, now: Instant) -> Duration {
        if self.count != count {
            self.count = count;
            self.since = now;
        }
        now - self.since
    }
}

/// What a tick finds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// Counts what came in.
    pub(crate) received: u64,
    /// Counts what has left.
    pub(crate) sent: u64,
    /// Whether anything waits to leave.
    pub(crate) waiting: bool,
    /// Whether more waits than the soft limit allows.
    pub(crate) crowded: bool,
    /// Whether silence of the peer means anything.
    pub(crate) armed: bool,
    /// Counts what came in at all, where every peer alive answers the transport's own pings.
    pub(crate) heard: Option<u64>,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    /// Nothing was sent for the keep-alive interval.
    Ping,
    /// Nothing came in for too long.
    ClientTimeout,
    /// Nothing has left for so long: the reader is too slow.
    Stalled(Duration),
}

/// The intervals of the clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Intervals {
    pub(crate) keep_alive: Duration,
    pub(crate) client_timeout: Duration,
    /// How long nothing may leave while anything waits.
    pub(crate) send_timeout: Duration,
    /// How long nothing may leave while more waits than the soft limit allows.
    pub(crate) slow_consumer_grace: Duration,
}

impl Intervals {
    /// How often to tick: once a second, more often where an interval is short.
    pub(crate) fn tick(&self) -> Duration {
        let shortest = self.keep_alive.min(self.client_timeout).min(self.send_timeout);
        // What is queued grows meanwhile, so a reader above the soft limit is found within one and a half graces.
        let shortest = (shortest / 4).min(self.slow_consumer_grace / 2);
        shortest.clamp(Duration::from_millis(10), Duration::from_secs(1))
    }

    /// After how long without a message a peer has left: the time-out, and up to a second for a message that is under way.
    /// SignalR's clock, which looks once a second, leaves as much.
    fn silence(&self) -> Duration {
        self.client_timeout.saturating_add((self.client_timeout / 4).min(Duration::from_secs(1)))
    }

    /// After how long without any bytes a peer is dead: it must have had the time to answer a ping.
    fn death(&self) -> Duration {
        self.client_timeout.max(self.keep_alive.saturating_mul(2))
    }

    /// How long nothing may leave.
    fn patience(&self, crowded: bool) -> Duration {
        if crowded { self.send_timeout.min(self.slow_consumer_grace) } else { self.send_timeout }
    }
}

impl Clocks {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            pinged: now,
            received: Counted { count: 0, since: now },
            heard: Counted { count: 0, since: now },
            sent: Counted { count: 0, since: now },
            waiting: false,
        }
    }

    pub(crate) fn tick(&mut self, now: Instant, seen: Seen, intervals: &Intervals) -> Due {
        let silent = self.received.still(seen.received, now);
        if !seen.waiting || !self.waiting {
            self.sent.since = now;
        }
        self.waiting = seen.waiting;
        let stalled = self.sent.still(seen.sent, now);
        if seen.waiting && stalled >= intervals.patience(seen.crowded) {
            return Due::Stalled(stalled);
        }
        if !seen.armed {
            self.received.since = now;
        } else if silent >= intervals.silence() {
            return Due::ClientTimeout;
        }
        match seen.heard {
            None => self.heard.since = now,
            Some(count) if self.heard.still(count, now) >= intervals.death() => return Due::ClientTimeout,
            Some(_) => {}
        }
        if now - self.pinged >= intervals.keep_alive {
            self.pinged = now;
            return Due::Ping;
        }
        Due::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVALS: Intervals = Intervals {
        keep_alive: Duration::from_secs(15),
        client_timeout: Duration::from_secs(30),
        send_timeout: Duration::from_secs(10),
        slow_consumer_grace: Duration::from_secs(2),
    };
    const QUIET: Seen = Seen { received: 0, sent: 0, waiting: false, crowded: false, armed: false, heard: None };

    fn run(seconds: u64, seen: impl Fn(u64) -> Seen) -> Vec<(u64, Due)> {
        let start = Instant::now();
        let mut clocks = Clocks::new(start);
        let tick = |second| clocks.tick(start + Duration::from_secs(second), seen(second), &INTERVALS);
        (1..=seconds).zip((1..=seconds).map(tick)).filter(|(_, due)| *due != Due::Nothing).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_ping_is_due_every_interval() {
        assert_eq!(run(45, |_| QUIET), [(15, Due::Ping), (30, Due::Ping), (45, Due::Ping)]);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_counts_from_when_it_is_armed() {
        let seen = |second| Seen { armed: second > 5, received: 0, ..QUIET };
        assert_eq!(
            run(37, seen),
            [(15, Due::Ping), (30, Due::Ping), (36, Due::ClientTimeout), (37, Due::ClientTimeout)]
        );
        let speaks = |second| Seen { armed: true, received: second / 20, ..QUIET };
        assert!(run(100, speaks).iter().all(|(_, due)| *due == Due::Ping));
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_time_out_leaves_a_quarter_of_itself_for_a_message_under_way() {
        let start = Instant::now();
        let intervals = Intervals { client_timeout: Duration::from_secs(3), ..INTERVALS };
        let mut clocks = Clocks::new(start);
        let seen = Seen { armed: true, ..QUIET };
        let mut at = |millis| clocks.tick(start + Duration::from_millis(millis), seen, &intervals);
        assert_eq!([3_000, 3_700, 3_750].map(&mut at), [Due::Nothing, Due::Nothing, Due::ClientTimeout]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_answers_no_ping_at_all_is_dead_though_never_armed() {
        let dead = |_| Seen { heard: Some(7), ..QUIET };
        assert_eq!(run(31, dead), [(15, Due::Ping), (30, Due::Ping), (31, Due::ClientTimeout)]);
        let answers = |second| Seen { heard: Some(second / 15), ..QUIET };
        assert!(run(100, answers).iter().all(|(_, due)| *due == Due::Ping));
        let paused = |second| Seen { heard: (second > 50).then_some(7), ..QUIET };
        assert!(run(79, paused).iter().all(|(_, due)| *due == Due::Ping), "what is not read cannot be heard");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_that_moves_is_not_stalled() {
        let moves = |second| Seen { waiting: true, sent: second / 9, ..QUIET };
        assert!(run(60, moves).iter().all(|(_, due)| *due == Due::Ping));
        let stands = |_| Seen { waiting: true, ..QUIET };
        assert_eq!(run(11, stands)[0], (11, Due::Stalled(Duration::from_secs(10))));
    }

    #[tokio::test(start_paused = true)]
    async fn above_the_soft_limit_a_reader_must_move_within_the_grace() {
        let moves = |second| Seen { waiting: true, crowded: true, sent: second, ..QUIET };
        assert!(run(60, moves).iter().all(|(_, due)| *due == Due::Ping));
        let stands = |_| Seen { waiting: true, crowded: true, ..QUIET };
        assert_eq!(run(3, stands), [(3, Due::Stalled(Duration::from_secs(2)))], "counted from the first tick");
        let catches_up = |second| Seen { waiting: true, crowded: second < 2, ..QUIET };
        assert_eq!(run(11, catches_up)[0], (11, Due::Stalled(Duration::from_secs(10))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_ping_is_counted_from_the_last_one_and_a_pause_from_the_last_empty_queue() {
        let empties = |second| Seen { waiting: second % 9 != 0, ..QUIET };
        assert!(run(60, empties).iter().all(|(_, due)| *due == Due::Ping));
    }

    #[test]
    fn ticks_come_at_least_once_a_second_and_at_most_every_10_ms() {
        let tick = |millis: [u64; 4]| {
            let [keep_alive, client_timeout, send_timeout, slow_consumer_grace] = millis.map(Duration::from_millis);
            Intervals { keep_alive, client_timeout, send_timeout, slow_consumer_grace }.tick().as_millis()
        };
        assert_eq!(tick([15_000, 30_000, 10_000, 9_000]), 1_000);
        assert_eq!(tick([15_000, 30_000, 10_000, 1_000]), 500);
        assert_eq!(tick([400, 30_000, 10_000, 1_000]), 100);
        assert_eq!(tick([15_000, 800, 10_000, 1_000]), 200);
        assert_eq!(tick([15_000, 30_000, 1_200, 1_000]), 300);
        assert_eq!(tick([0, 0, 0, 0]), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn no_extreme_interval_panics() {
        let extremes = [Duration::ZERO, Duration::MAX];
        let start = Instant::now();
        for [keep_alive, client_timeout, send_timeout, slow_consumer_grace] in
            (0..16).map(|bits| [0, 1, 2, 3].map(|bit| extremes[bits >> bit & 1]))
        {
            let intervals = Intervals { keep_alive, client_timeout, send_timeout, slow_consumer_grace };
            let mut clocks = Clocks::new(start);
            let busy = Seen { received: 1, sent: 1, waiting: true, crowded: true, armed: true, heard: Some(1) };
            for (second, seen) in [(0, QUIET), (1, busy), (2, busy), (1, busy)] {
                clocks.tick(start + Duration::from_secs(second), seen, &intervals);
            }
            assert!(intervals.tick() <= Duration::from_secs(1));
            let mut clocks = Clocks::new(start);
            if extremes[1] == keep_alive && keep_alive == client_timeout {
                let quiet = Seen { armed: true, heard: Some(0), ..QUIET };
                assert_eq!(clocks.tick(start + Duration::from_secs(1_000_000), quiet, &intervals), Due::Nothing);
            }
        }
    }
}
