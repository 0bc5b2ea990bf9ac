//! The clocks of a connection. No timer of its own: somebody calls [`Clocks::tick`] now and then for all connections.

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
    /// Whether silence of the peer means anything.
    pub(crate) armed: bool,
    /// Counts what came in at all, where every peer alive answers the transport's own pings.
    pub(crate) heard: Option<u64>,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Nothing,
    Ping,
    ClientTimeout,
    Stalled(Duration),
}

/// The intervals of the clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Intervals {
    pub(crate) keep_alive: Duration,
    pub(crate) client_timeout: Duration,
    pub(crate) send_timeout: Duration,
}

impl Intervals {
    /// How often to tick: once a second, more often where an interval is shorter than that.
    pub(crate) fn tick(&self) -> Duration {
        let shortest = self.keep_alive.min(self.client_timeout).min(self.send_timeout);
        (shortest / 4).clamp(Duration::from_millis(10), Duration::from_secs(1))
    }
}

impl Intervals {
    /// After how long a peer is dead from which nothing comes at all: it must have had the time to answer a ping.
    fn death(&self) -> Duration {
        self.client_timeout.max(self.keep_alive * 2)
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
        if seen.waiting && stalled >= intervals.send_timeout {
            return Due::Stalled(stalled);
        }
        if !seen.armed {
            self.received.since = now;
        } else if silent >= intervals.client_timeout {
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
    };
    const QUIET: Seen = Seen { received: 0, sent: 0, waiting: false, armed: false, heard: None };

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
            run(36, seen),
            [(15, Due::Ping), (30, Due::Ping), (35, Due::ClientTimeout), (36, Due::ClientTimeout)]
        );
        let speaks = |second| Seen { armed: true, received: second / 20, ..QUIET };
        assert!(run(100, speaks).iter().all(|(_, due)| *due == Due::Ping));
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
}
