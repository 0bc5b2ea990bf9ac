//! Sends that wait until their receivers have room.

use hubs::testing::with_default_timeout;

use crate::hub::{HubContract, TestHub};

const COUNT: usize = 200;
const SIZE: usize = 64 * 1024;

/// Floods a client of a group and gives the most bytes that were ever queued for it.
async fn deepest(waits: bool, to_group: bool) -> usize {
    let test = TestHub::new();
    let mut ann = test.connect().await;
    with_default_timeout(ann.hub().join("lobby".to_owned())).await.expect("joined");
    let clients = test.server.hubs().context::<HubContract>().clients();
    let sender = if waits { clients.with_backpressure() } else { clients.clone() };
    let mut deepest = 0;
    for _ in 0..COUNT {
        let text = "x".repeat(SIZE);
        if to_group {
            with_default_timeout(sender.group("lobby").heard(text)).await.expect("sent");
        } else {
            with_default_timeout(sender.client(ann.id()).heard(text)).await.expect("sent");
        }
        deepest = deepest.max(clients.queued_bytes(ann.id()).expect("connected"));
    }
    assert_eq!(ann.all_heard().await.len(), COUNT);
    deepest
}

#[tokio::test(start_paused = true)]
async fn with_backpressure_a_queue_stays_short() {
    for to_group in [false, true] {
        let depth = deepest(true, to_group).await;
        // 64 KiB are room, and one more message.
        assert!(depth < 3 * SIZE, "{depth}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_it_a_queue_grows() {
    for to_group in [false, true] {
        let depth = deepest(false, to_group).await;
        assert!(depth > 3 * SIZE, "{depth}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_connection_has_no_queue() {
    let test = TestHub::new();
    let clients = test.server.hubs().context::<HubContract>().clients();
    assert_eq!(clients.queued_bytes("unknown"), None);
    with_default_timeout(clients.with_backpressure().client("unknown").heard("hi".to_owned())).await.unwrap();
}
