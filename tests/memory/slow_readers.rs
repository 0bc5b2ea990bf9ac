//! What is queued for clients that do not read.

use hubs::testing::with_default_timeout;

use crate::hub::{HubContract, TestHub};

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_gets_all_of_a_flood() {
    let test = TestHub::new();
    let mut ann = test.connect().await;
    with_default_timeout(ann.hub().flood_me(200, 64 * 1024)).await.unwrap();
    assert_eq!(ann.all_heard().await.len(), 200);
    assert_eq!(test.server.hubs().metrics::<HubContract>().slow_consumers(), 0);
}
