//! What is queued for clients that do not read.

use hubs::testing::with_default_timeout;

use crate::hub::{House, TalkContract};

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_gets_all_of_a_flood() {
    let house = House::new();
    let mut ann = house.guest().await;
    with_default_timeout(ann.hub().flood_me(200, 64 * 1024)).await.unwrap();
    assert_eq!(ann.has_heard().await.len(), 200);
    assert_eq!(house.server.hubs().metrics::<TalkContract>().slow_consumers(), 0);
}
