//! What a hub counts.

use hubs::{CloseReason, testing::with_default_timeout};

use crate::hub::{HubContract, TestHub};

#[tokio::test(start_paused = true)]
async fn every_connection_is_counted_once_by_the_reason_of_its_end() {
    let test = TestHub::new();
    let (ann, ben) = (test.connect().await, test.connect().await);
    ann.client.stop().await;
    let _ = ben.hub().abort().await;
    let refused = test.connect_at("/hub?refuse").await;
    let large = test.connect().await;
    let _ = large.hub().echo("x".repeat(40 * 1024)).await;
    for connect in [ben, refused, large] {
        with_default_timeout(connect.client.closed()).await;
    }
    test.all_closed().await;
    let metrics = test.server.hubs().metrics::<HubContract>();
    let counted = CloseReason::ALL.map(|reason| (reason, metrics.closes(reason)));
    let counted: Vec<_> = counted.into_iter().filter(|(_, count)| *count > 0).collect();
    let expected = [
        (CloseReason::ClosedByClient, 1),
        (CloseReason::Aborted, 1),
        (CloseReason::Rejected, 1),
        (CloseReason::TooLarge, 1),
    ];
    assert_eq!(counted, expected);
    assert_eq!(metrics.refused_calls(), 0);
}
