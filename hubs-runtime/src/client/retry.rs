//! When a lost connection is made again.

use std::{fmt, sync::Arc, time::Duration};

/// The delays of the official clients.
const SIGNALR: [Duration; 4] =
    [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(10), Duration::from_secs(30)];

/// What a policy knows of the attempt that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryContext {
    /// How many attempts have failed since the connection was lost: 0 for the first.
    pub previous_attempts: u32,
    /// How long ago the connection was lost.
    pub elapsed: Duration,
}

type Next = dyn Fn(&RetryContext) -> Option<Duration> + Send + Sync;

/// When a lost connection is made again, and how often that is tried.
///
/// ```
/// use std::time::Duration;
/// use hubs::client::RetryPolicy;
///
/// let official = RetryPolicy::default();                    // after 0, 2, 10 and 30 s, then no more
/// let forever = RetryPolicy::exponential(Duration::from_secs(1), Duration::from_secs(60));
/// let twice = RetryPolicy::delays([Duration::ZERO, Duration::from_secs(5)]);
/// let own = RetryPolicy::new(|retry| (retry.elapsed < Duration::from_secs(60)).then_some(Duration::from_secs(1)));
/// ```
#[derive(Clone)]
pub struct RetryPolicy(Arc<Next>);

impl RetryPolicy {
    /// Asks `next` for the delay before each attempt. `None`: the connection is given up.
    pub fn new(next: impl Fn(&RetryContext) -> Option<Duration> + Send + Sync + 'static) -> Self {
        Self(Arc::new(next))
    }

    /// One attempt after each of these delays.
    pub fn delays(delays: impl IntoIterator<Item = Duration>) -> Self {
        let delays: Vec<_> = delays.into_iter().collect();
        Self::new(move |retry| delays.get(usize::try_from(retry.previous_attempts).ok()?).copied())
    }

    /// Attempts without end, after a time between zero and `first`, then twice as much each time, up to `most`. The time is
    /// random, so that the clients of a server that restarts do not come back at once.
    pub fn exponential(first: Duration, most: Duration) -> Self {
        Self::new(move |retry| {
            let factor = 2_u32.saturating_pow(retry.previous_attempts.min(31));
            let most = first.saturating_mul(factor).min(most);
            // The product of very long times may be rounded up, beyond what a time can be.
            Some(Duration::try_from_secs_f64(most.as_secs_f64() * random()).unwrap_or(most))
        })
    }

    /// The connection is not made again.
    pub fn never() -> Self {
        Self::new(|_| None)
    }

    pub(super) fn next(&self, context: RetryContext) -> Option<Duration> {
        (self.0)(&context)
    }
}

/// After 0, 2, 10 and 30 seconds, as the official clients.
impl Default for RetryPolicy {
    fn default() -> Self {
        Self::delays(SIGNALR)
    }
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryPolicy(..)")
    }
}

/// Between 0 and 1.
fn random() -> f64 {
    let bits = getrandom::u32().unwrap_or(u32::MAX / 2);
    f64::from(bits) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(policy: &RetryPolicy, attempts: u32) -> Vec<Option<Duration>> {
        let next = |previous_attempts| policy.next(RetryContext { previous_attempts, elapsed: Duration::ZERO });
        (0..attempts).map(next).collect()
    }

    #[test]
    fn the_default_is_that_of_the_official_clients() {
        let seconds = [Some(0), Some(2), Some(10), Some(30), None].map(|some| some.map(Duration::from_secs));
        assert_eq!(delays(&RetryPolicy::default(), 5), seconds);
        assert_eq!(delays(&RetryPolicy::never(), 1), [None]);
    }

    #[test]
    fn exponential_delays_are_random_and_have_a_limit() {
        let policy = RetryPolicy::exponential(Duration::from_secs(1), Duration::from_secs(60));
        let many = delays(&policy, 2_000);
        for (attempt, delay) in many.iter().enumerate() {
            let most = Duration::from_secs(1 << attempt.min(6)).min(Duration::from_secs(60));
            assert!(delay.is_some_and(|delay| delay <= most), "attempt {attempt}: {delay:?}");
        }
        let late: Vec<_> = many[10..].iter().flatten().collect();
        assert!(late.iter().any(|delay| **delay < Duration::from_secs(20)));
        assert!(late.iter().any(|delay| **delay > Duration::from_secs(40)));
        assert_eq!(delays(&RetryPolicy::exponential(Duration::MAX, Duration::MAX), 100).len(), 100, "none panics");
    }
}
