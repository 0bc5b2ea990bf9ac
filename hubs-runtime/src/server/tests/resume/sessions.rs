//! What survives a cut, and what does not.

use super::{Client, Running, Socket, ack, options, result, sequence, status, tick};
use crate::HubOptions;

#[tokio::test]
async fn it_is_offered_only_where_both_ends_want_it() {
    let on = Running::start(options()).await;
    let off = Running::start(HubOptions::default()).await;
    for (server, query, offered) in [
        (&on, "&useStatefulReconnect=true", true),
        (&on, "&usestatefulreconnect=True", true),
        (&on, "&useStatefulReconnect=false", false),
        (&on, "", false),
        (&off, "&useStatefulReconnect=true", false),
    ] {
        let body = server.server.request("POST", &format!("/chat/negotiate?negotiateVersion=1{query}"), "").await.body;
        assert_eq!(
            body.starts_with(r#"{"useStatefulReconnect":true,"negotiateVersion":1,"#),
            offered,
            "{query}: {body}"
        );
        assert_eq!(body.contains("useStatefulReconnect"), offered);
    }
}

#[tokio::test]
async fn counted_messages_wait_for_the_first_ping() {
    let mut server = Running::start(options()).await;
    let mut client = Client::connect(&server).await;
    assert_eq!(server.logged().await, "connected");
    server.tick(1).await;
    client.call("Echo", r#"["a"]"#).await;
    // The acknowledgement of the call overtakes what waits.
    assert_eq!(client.socket.next().await, ack(1));
    client.socket.send(r#"{"type":6}"#).await;
    assert_eq!(client.socket.next_counted().await, tick(1));
    assert_eq!(client.socket.next_counted().await, result(r#""a""#));
}

#[tokio::test]
async fn what_was_sent_while_the_client_was_away_comes_with_the_next_socket() {
    let mut server = Running::start(options()).await;
    let mut client = Client::start(&server).await;
    assert_eq!(server.logged().await, "connected");
    client.call("UntilGone", "[]").await;
    assert_eq!(server.logged().await, "waits");
    server.tick(1).await;
    assert_eq!(client.socket.next_counted().await, tick(1));
    let target = client.target.clone();
    client.socket.cut();
    server.until_parked(1).await;
    server.tick(2).await;
    server.tick(3).await;
    assert!(server.metrics.parked_bytes() > 0);
    let mut client = Client { socket: Socket::open(&server, &target, "").await.unwrap(), target };
    assert_eq!(client.socket.next().await, sequence(1), "the first message is not acknowledged");
    client.socket.send(&sequence(2)).await;
    for number in 1..=3 {
        assert_eq!(client.socket.next_counted().await, tick(number));
    }
    client.socket.send(&ack(3)).await;
    server.tick(4).await;
    assert_eq!(client.socket.next_counted().await, tick(4), "it is still in its group");
    assert!(server.log.try_recv().is_err(), "the hub was not told, and its method was not cancelled");
    assert_eq!((server.metrics.parked_connections(), server.metrics.parked_bytes()), (0, 0));
    assert_eq!(server.metrics.resumed_connections(), 1);
    client.socket.cut();
    server.until_parked(1).await;
    client.socket = Socket::open(&server, &client.target, "").await.unwrap();
    assert_eq!(client.socket.next().await, sequence(4), "three are acknowledged");
    assert_eq!(client.socket.next_counted().await, tick(4));
}

#[tokio::test]
async fn what_comes_twice_is_handled_once() {
    let mut server = Running::start(options()).await;
    let mut client = Client::start(&server).await;
    for number in 1..=3 {
        client.tell("Note", &format!("[{number}]")).await;
    }
    assert_eq!(client.socket.next().await, ack(3));
    let old = std::mem::replace(&mut client.socket, Socket::open(&server, &client.target, "").await.unwrap());
    assert_eq!(client.socket.next().await, sequence(1));
    old.cut();
    client.socket.send(&sequence(2)).await;
    for number in 2..=5 {
        client.tell("Note", &format!("[{number}]")).await;
    }
    assert_eq!(client.socket.next().await, ack(5));
    assert_eq!(*server.talker.noted.lock(), [1, 2, 3, 4, 5]);
    assert_eq!(server.logged().await, "connected");
}

/// Case 50: a client whose old socket is half open.
#[tokio::test]
async fn case_50_a_new_socket_wins_over_one_that_looks_alive() {
    let mut server = Running::start(options()).await;
    let mut client = Client::start(&server).await;
    assert_eq!(server.logged().await, "connected");
    client.call("Hold", "[]").await;
    assert_eq!(server.logged().await, "holds");
    let old = std::mem::replace(&mut client.socket, Socket::open(&server, &client.target, "").await.unwrap());
    assert_eq!(client.socket.next().await, sequence(1));
    client.socket.send(&sequence(2)).await;
    server.talker.go_on.notify_one();
    assert_eq!(client.socket.next_counted().await, result(r#""held""#));
    assert_eq!(old.until_end().await.last().unwrap(), "closed 1000", "the old one is closed");
    assert!(server.log.try_recv().is_err(), "the hub was told nothing");
    assert_eq!(server.metrics.connections(), 1);
}

#[tokio::test]
async fn only_its_user_resumes_a_connection() {
    let server = Running::start(options()).await;
    let ann = "X-User: ann\r\n";
    let client = Client::connect_as(&server, ann, 2).await;
    client.socket.cut();
    server.until_parked(1).await;
    for other in ["X-User: bob\r\n", ""] {
        assert_eq!(status(&server, &client.target, other).await, 403);
    }
    assert_eq!(status(&server, "/chat?id=unknown", ann).await, 404);
    let mut socket = Socket::open(&server, &client.target, ann).await.unwrap();
    assert_eq!(socket.next().await, sequence(1));
}

#[tokio::test]
async fn a_connection_that_was_closed_on_purpose_is_not_resumed() {
    let refused = [404, 409];
    for how in ["abort", "close message", "close frame"] {
        let mut server = Running::start(options()).await;
        let mut client = Client::start(&server).await;
        assert_eq!(server.logged().await, "connected");
        match how {
            "abort" => client.tell("Abort", "[]").await,
            "close message" => client.socket.send(r#"{"type":7}"#).await,
            _ => client.socket.send_close().await,
        }
        client.socket.until_end().await;
        let answer = status(&server, &client.target, "").await;
        assert!(refused.contains(&answer), "{how}: {answer}");
        assert!(server.logged().await.starts_with("disconnected"), "{how}");
        assert_eq!(server.metrics.parked_connections(), 0, "{how}");
    }
}

#[tokio::test]
async fn a_client_of_the_first_version_does_not_count() {
    let mut server = Running::start(options()).await;
    let mut client = Client::connect_as(&server, "", 1).await;
    assert_eq!(server.logged().await, "connected");
    server.tick(1).await;
    assert_eq!(client.socket.next_counted().await, tick(1), "nothing waits for a ping");
    assert_eq!(status(&server, &client.target, "").await, 409);
    client.socket.send(&ack(77)).await;
    client.socket.send(&sequence(77)).await;
    client.call("Echo", r#"["a"]"#).await;
    assert_eq!(client.socket.next_counted().await, result(r#""a""#), "what means nothing is ignored");
    client.socket.cut();
    assert_eq!(server.logged().await, "disconnected None");
}

#[tokio::test]
async fn numbers_that_cannot_be_end_the_connection_or_change_nothing() {
    let too_far = "Sequence ID greater than amount of messages we've received.";
    for (message, why) in [
        (sequence(2), Some(too_far)),
        (r#"{"type":9,"sequenceId":0}"#.to_owned(), Some("Sequence ID must be greater than zero.")),
        (r#"{"type":9,"sequenceId":-1}"#.to_owned(), Some("Sequence ID must be greater than zero.")),
        (ack(2), Some("Ack ID greater than the amount of messages we've sent.")),
        (ack(i64::MAX), Some("Ack ID greater than the amount of messages we've sent.")),
        (ack(0), None),
        (ack(-1), None),
        (ack(i64::MIN), None),
        (sequence(1), None),
    ] {
        let server = Running::start(options().enable_detailed_errors(true)).await;
        let mut client = Client::start(&server).await;
        client.socket.send(&message).await;
        client.socket.send(&message).await;
        match why {
            Some(why) => {
                let said = client.socket.next_counted().await;
                assert!(said.starts_with(r#"{"type":7"#) && said.contains(why), "{message}: {said}");
            }
            None => {
                client.call("Echo", r#"["a"]"#).await;
                assert_eq!(client.socket.next_counted().await, result(r#""a""#), "{message}");
                client.socket.send(&ack(1)).await;
                client.socket.send(&ack(1)).await;
                client.resume(&server, 2).await;
                assert_eq!(client.socket.next().await, sequence(2), "{message}");
            }
        }
    }
}

#[tokio::test]
async fn a_stream_goes_on_and_its_items_come_once() {
    let server = Running::start(options()).await;
    let mut client = Client::start(&server).await;
    client.socket.send(r#"{"type":4,"invocationId":"1","target":"Count","arguments":[30]}"#).await;
    for number in 0..10 {
        assert_eq!(client.socket.next_counted().await, format!(r#"{{"type":2,"invocationId":"1","item":{number}}}"#));
    }
    client.socket.send(&ack(10)).await;
    let target = client.target.clone();
    client.socket.cut();
    server.until_parked(1).await;
    let mut client = Client { socket: Socket::open(&server, &target, "").await.unwrap(), target };
    let first = client.socket.next().await;
    client.socket.send(&sequence(2)).await;
    // Whether the acknowledgement was read before the cut is the network's to decide.
    let next = if first == sequence(11) { 10 } else { 0 };
    for number in next..30 {
        assert_eq!(client.socket.next_counted().await, format!(r#"{{"type":2,"invocationId":"1","item":{number}}}"#));
    }
    assert_eq!(client.socket.next_counted().await, r#"{"type":3,"invocationId":"1"}"#);
}
