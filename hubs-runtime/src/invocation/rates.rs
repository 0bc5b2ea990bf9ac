//! How often the peer of one connection may call: all methods together, and single methods.

use std::{fmt, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::Clock,
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::time::Instant;

use crate::ids::RateLimit;

/// The limits of one hub.
#[derive(Debug, Clone, Default)]
pub(crate) struct CallRates {
    all: Option<RateLimit>,
    /// Those of single methods, by their index.
    methods: Arc<[(usize, RateLimit)]>,
}

impl CallRates {
    pub(crate) fn new(all: Option<RateLimit>, methods: impl Iterator<Item = Option<RateLimit>>) -> Self {
        let limited = methods.enumerate().filter_map(|(index, limit)| Some((index, limit?)));
        Self { all, methods: limited.collect() }
    }

    /// What one connection counts; `None` where nothing is limited.
    pub(crate) fn start(&self) -> Option<CallCounts> {
        if self.all.is_none() && self.methods.is_empty() {
            return None;
        }
        let clock = TokioClock(Instant::now());
        let methods = self.methods.iter().map(|(index, limit)| (*index, Limiter::new(*limit, clock)));
        Some(CallCounts { all: self.all.map(|limit| Limiter::new(limit, clock)), methods: methods.collect() })
    }
}

/// What one connection has called of late.
pub(crate) struct CallCounts {
    all: Option<Limiter>,
    methods: Box<[(usize, Limiter)]>,
}

impl CallCounts {
    /// Counts a call of the method with this index, or gives the limit that it would exceed.
    pub(crate) fn count(&self, method: usize) -> Result<(), RateLimit> {
        if let Some((_, limiter)) = self.methods.iter().find(|(index, _)| *index == method) {
            limiter.count()?;
        }
        self.all.as_ref().map_or(Ok(()), Limiter::count)
    }
}

impl fmt::Debug for CallCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallCounts").finish_non_exhaustive()
    }
}

struct Limiter {
    limit: RateLimit,
    calls: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
}

impl Limiter {
    fn new(limit: RateLimit, clock: TokioClock) -> Self {
        let each = (limit.period() / limit.calls()).max(Duration::from_nanos(1));
        let burst = NonZeroU32::new(limit.calls()).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(each).expect("it is not zero").allow_burst(burst);
        Self { limit, calls: RateLimiter::direct_with_clock(quota, clock) }
    }

    fn count(&self) -> Result<(), RateLimit> {
        self.calls.check().map_err(|_| self.limit)
    }
}

/// Tokio's clock, which tests can pause, since the connection began.
#[derive(Debug, Clone, Copy)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn so_many_at_once_and_then_one_for_each_part_of_the_time() {
        let rates = CallRates::new(None, [None, Some(RateLimit::per_second(10))].into_iter());
        let counts = rates.start().expect("a method is limited");
        assert!((0..10).all(|_| counts.count(1).is_ok()));
        assert_eq!(counts.count(1), Err(RateLimit::per_second(10)));
        assert!((0..100).all(|_| counts.count(0).is_ok()), "the other is not");
        advance(Duration::from_millis(99)).await;
        assert!(counts.count(1).is_err());
        advance(Duration::from_millis(2)).await;
        assert_eq!((counts.count(1).is_ok(), counts.count(1).is_ok()), (true, false));
        advance(Duration::from_secs(5)).await;
        assert_eq!((0..20).filter(|_| counts.count(1).is_ok()).count(), 10, "rest is not saved up");
    }

    #[tokio::test(start_paused = true)]
    async fn all_methods_together_have_a_limit_of_their_own() {
        let all = Some(RateLimit::per_minute(3));
        let counts = CallRates::new(all, [None, Some(RateLimit::per_hour(1))].into_iter()).start().expect("limited");
        assert_eq!(counts.count(1), Ok(()));
        assert_eq!(counts.count(1), Err(RateLimit::per_hour(1)));
        assert_eq!((counts.count(0), counts.count(0)), (Ok(()), Ok(())));
        assert_eq!(counts.count(0), Err(RateLimit::per_minute(3)));
        assert!(CallRates::new(None, [None, None].into_iter()).start().is_none());
    }
}
