//! Real time, in nanoseconds since the start.

use std::time::{Duration, Instant};

/// A clock that starts at 0.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "measures real time, and no test pauses it")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn now(&self) -> u64 {
        nanoseconds(self.0.elapsed())
    }
}

/// A length of time in nanoseconds; for ever if that does not fit.
pub(crate) fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
