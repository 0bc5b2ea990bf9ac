//! The clock that tokens expire by. Knows no tokens.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// The Unix clock as it was at the start of the process, and since then as the process counts: several processes agree on
/// it, and no correction of the system's clock makes tokens expire. Tests can pause it.
pub(super) struct Clock {
    started: Instant,
    since_epoch: Duration,
}

impl Clock {
    pub(super) fn start() -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { started: Instant::now(), since_epoch }
    }

    /// In milliseconds.
    pub(super) fn now(&self) -> u64 {
        u64::try_from((self.since_epoch + self.started.elapsed()).as_millis()).unwrap_or(u64::MAX)
    }
}
