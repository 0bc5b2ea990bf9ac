//! How well the servers are reached, all together. Must not know what is sent to them.

use std::{sync::atomic::Ordering, time::Duration};

use tokio::time::{sleep, timeout};

use super::{super::Health, Links};

impl Links {
    /// Says that all connections are up, when the last of them is.
    pub(super) async fn rise(&self) {
        loop {
            self.signals.up.notified().await;
            self.signals.health.send_if_modified(|health| {
                let rises = *health != Health::Healthy && self.is_up();
                if rises {
                    *health = Health::Healthy;
                }
                rises
            });
        }
    }

    /// Whether all connections are up.
    pub(super) fn is_up(&self) -> bool {
        self.table.read().links().all(|link| link.is_up.load(Ordering::SeqCst))
    }

    /// Says that the servers are lost, when one was not reached for a while.
    pub(super) async fn lose(&self) {
        let mut health = self.health();
        loop {
            let _ = health.wait_for(|health| *health == Health::Degraded).await;
            let lost_after = self.common.lost_after;
            if timeout(lost_after, health.wait_for(|health| *health != Health::Degraded)).await.is_err() {
                self.signals.health.send_if_modified(|health| {
                    let is_lost = *health == Health::Degraded;
                    if is_lost {
                        *health = Health::Lost;
                    }
                    is_lost
                });
            }
        }
    }

    /// Logs how the health changes, at most once a second.
    pub(super) async fn report(&self) {
        let (mut health, mut last) = (self.health(), Health::Degraded);
        loop {
            let now = health.wait_for(|health| *health != last).await.map_or(last, |health| *health);
            let because = self.because();
            match now {
                Health::Healthy => tracing::info!("Redis is reached, and all subscriptions are in force"),
                Health::Degraded => tracing::warn!("the connection to Redis is lost: {because}"),
                Health::Lost => tracing::warn!("Redis is not reached for {:?}: {because}", self.common.lost_after),
            }
            last = now;
            sleep(Duration::from_secs(1)).await;
        }
    }

    /// Why a server is not reached; empty if all are.
    fn because(&self) -> String {
        let table = self.table.read();
        let mut down = table.links().filter(|link| !link.is_up.load(Ordering::SeqCst));
        down.find_map(|link| link.queue.down()).map(|error| error.to_string()).unwrap_or_default()
    }
}
