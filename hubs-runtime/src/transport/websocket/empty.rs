//! Frames that carry nothing for the hub: pings, pongs, and data frames without payload. They cost the client six bytes
//! and are limited by no size, so that a flood of them costs a core.

use std::time::Duration;

use tokio::time::Instant;

/// So many may come ...
const FRAMES: u32 = 4096;
/// ... in this time.
const WINDOW: Duration = Duration::from_secs(10);

/// Those of one socket. The clock is read once for each [`FRAMES`].
#[derive(Debug, Default)]
pub(super) struct EmptyFrames {
    count: u32,
    since: Option<Instant>,
}

impl EmptyFrames {
    /// Counts one more. False: they are too many.
    pub(super) fn count(&mut self) -> bool {
        if self.count == 0 && self.since.is_none() {
            self.since = Some(Instant::now());
        }
        self.count += 1;
        if self.count < FRAMES {
            return true;
        }
        let now = Instant::now();
        let since = self.since.replace(now);
        self.count = 0;
        since.is_some_and(|since| now.duration_since(since) >= WINDOW)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_found_and_a_long_life_is_not_one() {
        let mut frames = EmptyFrames::default();
        let pause = WINDOW / (FRAMES - 2);
        for _ in 0..3 * FRAMES {
            assert!(frames.count());
            tokio::time::advance(pause).await;
        }
        let found = (0..2 * FRAMES).map(|_| frames.count()).filter(|fine| !fine).count();
        assert!(found > 0);
    }
}
