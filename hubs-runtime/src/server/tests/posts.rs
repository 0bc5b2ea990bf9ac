//! What clients send in requests of their own: before their transport, many at once, broken off, and too late.

use std::time::Duration;

use axum::{body::Body, extract::Request};
use bytes::Bytes;
use http::StatusCode;
use tokio::io::AsyncWriteExt;
use tower::ServiceExt;

use super::{
    HubOptions, Server, answer, echo_at,
    events::Events,
    sessions::{self, HANDSHAKE, call},
    soon, tell,
};

const TEXT: Option<&str> = Some("text/plain");

#[tokio::test]
async fn what_comes_before_the_transport_waits_for_it() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    server.post(&target, "early").await.is(200, TEXT, "");
    server.post(&target, "").await.is(200, TEXT, "");
    server.post(&target, " bird").await.is(200, TEXT, "");
    let (upgraded, _) = server.upgrade(&target, "").await;
    upgraded.is(400, TEXT, "Cannot change transports mid-connection");
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    assert_eq!(events.next().await.unwrap(), "data: early bird\r\n\r\n");
    server.begun().await;
}

#[tokio::test]
async fn requests_take_turns() {
    let server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let headers = "Host: a\r\nContent-Length: 6\r\n";
    let mut first = server.connect().await;
    tell(&mut first, "POST", &target, &format!("{headers}Expect: 100-continue\r\n")).await;
    // The server asks for the body once it is this request's turn.
    assert_eq!(answer(&mut first, "POST").await.status, 100);
    first.write_all(b"one").await.unwrap();
    let second = server.post(&target, "two two");
    let mut second = std::pin::pin!(second);
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut second).await.is_err(), "it is not its turn");
    first.write_all(b"ONE").await.unwrap();
    answer(&mut first, "POST").await.is(200, TEXT, "");
    soon(second).await.is(200, TEXT, "");
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    assert_eq!(events.next().await.unwrap(), "data: oneONEtwo two\r\n\r\n");
}

#[tokio::test]
async fn a_request_waits_for_room_and_ends_with_its_connection() {
    let options =
        HubOptions::default().disconnect_timeout(Duration::from_millis(300)).application_max_buffer_size(10_usize);
    let server = Server::start(options).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    server.post(&target, "0123").await.is(200, TEXT, "");
    let too_much = "4567890";
    // It never gets its transport, and is forgotten.
    server.post(&target, too_much).await.is(404, TEXT, "");
    let unknown = "No Connection with that ID";
    server.post(&target, "late").await.is(404, TEXT, unknown);
    server.request("GET", &target, "").await.is(404, TEXT, unknown);
    Events::open(&server, &target).await.head.is(404, TEXT, unknown);
    server.upgrade(&target, "").await.0.is(404, None, unknown);
}

#[tokio::test]
async fn little_is_kept_for_a_transport_that_may_never_come() {
    let server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let large = "x".repeat(64 * 1024);
    let mut post = std::pin::pin!(server.post(&target, &large));
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut post).await.is_err(), "it waits in its request");
    let mut events = Events::open(&server, &target).await;
    soon(post).await.is(200, TEXT, "");
    let mut come = 0;
    while come < large.len() {
        come += events.next().await.unwrap().matches('x').count();
    }
}

#[tokio::test]
async fn a_request_that_breaks_off_is_the_clients_fault() {
    let server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let mut socket = server.connect().await;
    tell(&mut socket, "POST", &target, "Host: a\r\nTransfer-Encoding: chunked\r\n").await;
    socket.write_all(b"3\r\none\r\nthis is no size\r\n").await.unwrap();
    answer(&mut socket, "POST").await.is(400, TEXT, "");
    server.post(&target, " two").await.is(200, TEXT, "");
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    assert_eq!(events.next().await.unwrap(), "data: one two\r\n\r\n");
}

/// A message above the limit, and more of its body than any buffer holds.
/// Case 17.
#[tokio::test]
async fn a_body_with_a_message_too_large_is_read_to_its_end() {
    let options = HubOptions::default().enable_detailed_errors(true);
    let server = sessions::start(options).await;
    let target = format!("/chat?id={}", server.negotiate().await.1);
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    server.post(&target, HANDSHAKE).await.is(200, TEXT, "");
    assert_eq!(events.next().await.unwrap(), "data: {}\u{1e}\r\n\r\n");
    let large = call("Echo", &format!("[\"{}\"]", "x".repeat(5_000_000)));
    soon(server.post(&target, &large)).await.is(200, TEXT, "");
    let close = events.next().await.unwrap();
    assert!(close.contains("\"type\":7") && close.contains("size"), "{close}");
}

/// Case 17.
#[tokio::test]
async fn a_body_that_is_said_to_be_far_too_large_is_refused() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let _events = Events::open(&server, &target).await;
    server.begun().await;
    let mut socket = server.connect().await;
    tell(&mut socket, "POST", &target, "Host: a\r\nContent-Length: 30000001\r\n").await;
    answer(&mut socket, "POST").await.is(413, TEXT, "");
}

/// Case 17.
#[tokio::test(start_paused = true)]
async fn a_body_that_drips_does_not_hold_up_the_next_for_ever() {
    let (router, _app) = echo_at("/chat", HubOptions::default());
    let ask = async |target: String, body: Body| {
        let request = Request::builder().method("POST").uri(target).body(body).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), 10_000).await.unwrap())
    };
    let (_, body) = ask("/chat/negotiate?negotiateVersion=1".to_owned(), Body::empty()).await;
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let target = format!("/chat?id={}", json["connectionToken"].as_str().unwrap());
    let drip = futures_util::stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b"x")), ()))
    });
    let dripping = ask(target.clone(), Body::from_stream(drip));
    let next = async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        ask(target.clone(), Body::from("next")).await.0
    };
    let both = async { tokio::join!(dripping, next) };
    let ((first, _), next) = tokio::time::timeout(Duration::from_secs(60), both).await.unwrap();
    assert_eq!((first, next), (StatusCode::REQUEST_TIMEOUT, StatusCode::OK));
}

#[tokio::test]
async fn shutdown_refuses_requests_that_wait() {
    let server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let too_much = "x".repeat(64 * 1024 + 1);
    let post = server.post(&target, &too_much);
    let mut post = std::pin::pin!(post);
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut post).await.is_err(), "there is no room");
    server.app.shutdown.cancel();
    assert_eq!(soon(post).await.status, 503);
}

#[tokio::test]
async fn a_connection_is_for_its_own_user() {
    let mut server = Server::start(HubOptions::default()).await;
    let refusal = "This connection belongs to another user.";
    let ann = "X-User: ann\r\n";
    let (_, token) = server.negotiate_as(ann).await;
    let target = format!("/chat?id={token}");
    for other in ["X-User: bob\r\n", "X-User: Ann\r\n", ""] {
        for method in ["GET", "POST", "DELETE"] {
            server.request(method, &target, other).await.is(403, TEXT, refusal);
        }
        Events::open_with(&server, &target, other).await.head.is(403, TEXT, refusal);
        server.upgrade(&target, other).await.0.is(403, TEXT, refusal);
    }
    assert!(server.app.begun.try_recv().is_err(), "no request was accepted");
    let mut events = Events::open_with(&server, &target, ann).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    server.begun().await;
    server.request("POST", &target, "X-User: bob\r\n").await.is(403, TEXT, refusal);
    server.request("POST", &target, ann).await.is(200, TEXT, "");

    let (_, anonymous) = server.negotiate().await;
    let target = format!("/chat?id={anonymous}");
    let mut events = Events::open_with(&server, &target, ann).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n", "who signs in meanwhile may connect");
    server.request("POST", &target, "").await.is(403, TEXT, refusal);
}
