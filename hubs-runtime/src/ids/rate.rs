//! How many calls may be made in a time.

use std::{fmt, time::Duration};

/// So many calls in a time, and no more: of one method of a connection with `#[method(rate = "10/s")]`, of all methods with
/// [`HubOptions::call_rate_limit`](crate::HubOptions#structfield.call_rate_limit).
///
/// All of them may be made at once; after that there is room for one more in each part of the time.
///
/// ```
/// use hubs::RateLimit;
///
/// let limit = RateLimit::per_second(10);
/// assert_eq!((limit.calls(), limit.period().as_secs()), (10, 1));
/// assert_eq!(RateLimit::per_minute(90).to_string(), "90 calls per minute");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    calls: u32,
    seconds: u32,
}

impl RateLimit {
    /// So many calls in a second.
    ///
    /// # Panics
    ///
    /// If it is none.
    pub const fn per_second(calls: u32) -> Self {
        Self::new(calls, 1)
    }

    /// So many calls in a minute.
    ///
    /// # Panics
    ///
    /// As [`RateLimit::per_second`].
    pub const fn per_minute(calls: u32) -> Self {
        Self::new(calls, 60)
    }

    /// So many calls in an hour.
    ///
    /// # Panics
    ///
    /// As [`RateLimit::per_second`].
    pub const fn per_hour(calls: u32) -> Self {
        Self::new(calls, 60 * 60)
    }

    pub(crate) const fn new(calls: u32, seconds: u32) -> Self {
        assert!(calls > 0 && seconds > 0, "a rate of no calls allows none: leave the method out");
        Self { calls, seconds }
    }

    /// How many calls.
    pub const fn calls(self) -> u32 {
        self.calls
    }

    /// In which time.
    pub const fn period(self) -> Duration {
        Duration::from_secs(self.seconds as u64)
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls = if self.calls == 1 { "call" } else { "calls" };
        write!(f, "{} {calls} per ", self.calls)?;
        match self.seconds {
            1 => f.write_str("second"),
            60 => f.write_str("minute"),
            3_600 => f.write_str("hour"),
            seconds => write!(f, "{seconds} seconds"),
        }
    }
}
