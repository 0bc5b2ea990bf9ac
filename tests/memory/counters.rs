//! What a hub counts.

use hubs::{CloseReason, testing::with_default_timeout};

use crate::hub::{House, TalkContract};

#[tokio::test(start_paused = true)]
async fn every_connection_is_counted_once_by_the_reason_of_its_end() {
    let house = House::new();
    let (ann, ben) = (house.guest().await, house.guest().await);
    ann.client.stop().await;
    let _ = ben.hub().abort().await;
    let refused = house.guest_at("/talk?refuse").await;
    let large = house.guest().await;
    let _ = large.hub().echo("x".repeat(40 * 1024)).await;
    for guest in [ben, refused, large] {
        with_default_timeout(guest.client.closed()).await;
    }
    house.empties().await;
    let metrics = house.server.hubs().metrics::<TalkContract>();
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
