//! Hubs that outlive a tokio runtime, as a static `Hubs` in a test suite does.

use std::time::Duration;

use hubs::{HubOptions, testing::with_default_timeout};
use tokio::runtime::{Builder, Runtime};

use crate::hub::TestHub;

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime")
}

/// The test client pings every 15 s, and is closed here by the hub's clock after 5 s.
fn test() -> TestHub {
    TestHub::with(HubOptions::default().client_timeout_interval(Duration::from_secs(5)))
}

#[test]
fn the_clock_of_a_hub_starts_again_on_the_next_runtime() {
    let test = test();
    for _ in 0..3 {
        runtime().block_on(async {
            let connect = test.connect().await;
            with_default_timeout(connect.client.closed()).await;
        });
    }
}

#[test]
fn the_clock_of_a_hub_moves_to_another_runtime_when_its_own_is_gone() {
    let test = test();
    let (first, second) = (runtime(), runtime());
    let ann = first.block_on(test.connect());
    let ben = second.block_on(test.connect());
    drop(first);
    second.block_on(with_default_timeout(ben.client.closed()));
    drop(ann);
}
