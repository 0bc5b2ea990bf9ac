//! What a client can make the server keep.

use std::time::Duration;

use super::{Client, Running, Socket, ack, options, sequence, status, tick};
use crate::CloseReason;
use crate::server::tests::soon;

#[tokio::test]
async fn a_client_that_does_not_come_back_is_gone() {
    let mut server = Running::start(options().stateful_reconnect_timeout(Duration::from_millis(300))).await;
    let mut client = Client::start(&server).await;
    assert_eq!(server.logged().await, "connected");
    client.call("UntilGone", "[]").await;
    assert_eq!(server.logged().await, "waits");
    client.socket.cut();
    server.until_parked(1).await;
    server.tick(1).await;
    let mut logged = [server.logged().await, server.logged().await];
    logged.sort();
    assert_eq!(logged, ["cancelled", "disconnected None"]);
    server.until("all is over", |metrics| metrics.connections() == 0).await;
    assert_eq!(status(&server, &client.target, "").await, 404);
    assert_eq!((server.metrics.parked_connections(), server.metrics.parked_bytes()), (0, 0));
    assert_eq!(server.metrics.closes(CloseReason::ClosedByClient), 1);
}

/// Case 47, for one client.
#[tokio::test]
async fn case_47_a_client_that_never_acknowledges_is_closed_and_told_why() {
    let options = options().stateful_reconnect_buffer_size(200).enable_detailed_errors(true);
    let mut server = Running::start(options).await;
    let mut client = Client::start(&server).await;
    assert_eq!(server.logged().await, "connected");
    for number in 0..20 {
        server.tick(number).await;
    }
    let mut received = 0;
    let last = loop {
        let message = client.socket.next_counted().await;
        if message != tick(received) {
            break message;
        }
        received += 1;
    };
    assert_eq!(received, 5, "200 bytes, and the message with which they are exceeded");
    assert!(last.starts_with(r#"{"type":7"#) && last.contains("has acknowledged nothing for 5 s"), "{last}");
    assert_eq!(client.socket.next().await, "closed 1000");
    assert!(server.logged().await.starts_with("disconnected Some(SlowConsumer("));
    server.until("all is over", |metrics| metrics.connections() == 0).await;
    assert!([404, 409].contains(&status(&server, &client.target, "").await));
    assert_eq!((server.metrics.slow_consumers(), server.metrics.queued_bytes()), (1, 0));
}

/// Case 47.
#[tokio::test]
async fn case_47_a_thousand_that_acknowledge_nothing_delay_no_one() {
    let server = Running::start(options().stateful_reconnect_buffer_size(2_000)).await;
    let mut good = Client::start(&server).await;
    let mut silent = Vec::new();
    for _ in 0..1_000 {
        silent.push(Client::start(&server).await);
    }
    server.until("all are there", |metrics| metrics.connections() == 1_001).await;
    // Three times what is kept for one of them.
    for number in 0..100 {
        soon(server.tick(number)).await;
        assert_eq!(good.socket.next_counted().await, tick(number));
        good.socket.send(&ack(i64::from(number) + 1)).await;
    }
    let kept = server.metrics.queued_bytes();
    assert!(kept <= 1_001 * 100 * tick(100).len(), "{kept} bytes are kept");
    server.until("the others are closed", |metrics| metrics.connections() == 1).await;
    assert_eq!(server.metrics.closes(CloseReason::TooSlow), 1_000);
    server.tick(100).await;
    assert_eq!(good.socket.next_counted().await, tick(100));
    server.until("nothing is kept", |metrics| metrics.queued_bytes() <= tick(100).len() + 1).await;
    assert_eq!((server.metrics.parked_connections(), server.metrics.parked_bytes()), (0, 0));
}

#[tokio::test]
async fn an_acknowledgement_lets_the_next_messages_go() {
    for options in [options().stateful_reconnect_buffer_size(100), options().stateful_reconnect_buffer_messages(3)] {
        let server = Running::start(options).await;
        let mut client = Client::start(&server).await;
        server.until("it is there", |metrics| metrics.groups() == 1).await;
        for number in 0..30 {
            server.tick(number).await;
        }
        for number in 0..30 {
            assert_eq!(client.socket.next_counted().await, tick(number));
            client.socket.send(&ack(i64::from(number) + 1)).await;
        }
        server.until("nothing waits", |metrics| metrics.queued_bytes() == 0).await;
    }
}

#[tokio::test]
async fn what_is_kept_for_a_client_that_is_away_has_a_limit() {
    let mut server = Running::start(options().maximum_send_queue_size(1_000)).await;
    let client = Client::start(&server).await;
    assert_eq!(server.logged().await, "connected");
    client.socket.cut();
    server.until_parked(1).await;
    for number in 0..100 {
        server.tick(number).await;
    }
    assert!(server.logged().await.starts_with("disconnected Some(SlowConsumer("));
    server.until("all is over", |metrics| metrics.connections() == 0).await;
    assert_eq!((server.metrics.parked_connections(), server.metrics.parked_bytes()), (0, 0));
}

/// Case 49.
#[tokio::test]
async fn case_49_only_so_many_clients_may_be_away() {
    let server = Running::start(options().maximum_parked_connections(3)).await;
    let mut targets = Vec::new();
    for index in 0..8_usize {
        let client = Client::start(&server).await;
        server.until("it is there", |metrics| metrics.connections() == index.min(3) + 1).await;
        client.socket.cut();
        server.until_parked((index + 1).min(3)).await;
        server.until("the oldest is gone", |metrics| metrics.connections() == (index + 1).min(3)).await;
        targets.push(client.target);
    }
    assert_eq!(server.metrics.evicted_connections(), 5);
    for (index, target) in targets.iter().enumerate() {
        let resumed = Socket::open(&server, target, "").await;
        match resumed {
            Ok(mut socket) => {
                assert_eq!(socket.next().await, sequence(1));
                assert!(index >= 5);
                socket.send_close().await;
            }
            Err(status) => assert_eq!((status, index < 5), (404, true)),
        }
    }
}

#[tokio::test]
async fn only_so_much_is_kept_for_all_who_are_away() {
    let server = Running::start(options().maximum_parked_bytes(10_000)).await;
    for count in 1..=20 {
        let client = Client::start(&server).await;
        server.until("it is there", |metrics| metrics.connections() == count).await;
        client.socket.cut();
        server.until_parked(count).await;
    }
    for number in 0..200 {
        server.tick(number).await;
        assert!(server.metrics.parked_bytes() <= 10_000);
    }
    server.until("most are gone", |metrics| metrics.connections() < 3).await;
    assert!(server.metrics.evicted_connections() >= 18);
}

/// Case 49, in a storm.
#[tokio::test]
async fn case_49_a_storm_of_cuts_leaves_nothing() {
    let server = Running::start(options().stateful_reconnect_timeout(Duration::from_millis(500))).await;
    let mut clients = Vec::new();
    for count in 1..=60 {
        clients.push(Client::start(&server).await);
        server.until("it is there", |metrics| metrics.connections() == count).await;
    }
    server.tick(0).await;
    for (index, client) in clients.into_iter().enumerate() {
        client.socket.cut();
        if index % 3 == 0 {
            let mut socket = Socket::open(&server, &client.target, "").await.unwrap();
            assert_eq!(socket.next().await, sequence(1));
            assert_eq!(socket.next_counted().await, tick(0));
            socket.cut();
        }
        if index % 10 == 0 {
            server.tick(1).await;
        }
    }
    server.until("all are gone", |metrics| metrics.connections() == 0).await;
    let metrics = &server.metrics;
    assert_eq!((metrics.parked_connections(), metrics.parked_bytes(), metrics.queued_bytes()), (0, 0, 0));
    assert_eq!((metrics.groups(), metrics.closes(CloseReason::ClosedByClient)), (0, 60));
}
