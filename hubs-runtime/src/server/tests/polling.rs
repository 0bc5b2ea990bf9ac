//! Long polling: each poll's answer, and how a connection ends.

use std::time::Duration;

use tokio::net::TcpStream;

use super::{Answer, HubOptions, Server, answer, events::Events, soon, tell};

const TEXT: Option<&str> = Some("text/plain");
const BYTES: Option<&str> = Some("application/octet-stream");
const UNKNOWN: &str = "No Connection with that ID";

/// A connection whose first poll is through.
async fn open(server: &mut Server) -> String {
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}&_=1700000000000");
    poll(server, &target).await.is(200, BYTES, "");
    server.begun().await;
    target
}

async fn poll(server: &Server, target: &str) -> Answer {
    let answer = server.request("GET", target, "").await;
    is_never_cached(&answer);
    answer
}

fn is_never_cached(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), Some("no-cache, no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("expires"), Some("Thu, 01 Jan 1970 00:00:00 GMT"));
}

/// Sends a poll, and leaves its answer to be read later.
async fn park(server: &Server, target: &str) -> TcpStream {
    let mut socket = server.connect().await;
    tell(&mut socket, "GET", target, "Host: a\r\n").await;
    socket
}

async fn read(mut socket: TcpStream) -> Answer {
    answer(&mut socket, "GET").await
}

#[tokio::test]
async fn one_connection_from_its_first_poll_to_its_end() {
    let mut server = Server::start(HubOptions::default()).await;
    let (id, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let first = poll(&server, &target).await;
    first.is(200, BYTES, "");
    assert_eq!(first.header("content-length"), Some("0"));
    let seen = server.begun().await;
    assert_eq!(seen.id.as_str(), id);
    assert!(seen.transport.ends_with("LongPolling"), "{}", seen.transport);

    let waiting = park(&server, &target).await;
    server.post(&target, "one\u{1e}").await.is(200, TEXT, "");
    let fetched = read(waiting).await;
    fetched.is(200, BYTES, "one\u{1e}");
    assert_eq!(fetched.header("content-length"), Some("4"));
    is_never_cached(&fetched);
    other_transports_are_refused(&server, &target).await;

    let waiting = park(&server, &target).await;
    server.post(&target, "bye").await.is(200, TEXT, "");
    read(waiting).await.is(200, BYTES, "bye");
    let ended = server.ended().await;
    assert_eq!((ended.id.as_str(), ended.clean), (id.as_str(), true));
    server.post(&target, "late").await.is(404, TEXT, "");
    poll(&server, &target).await.is(204, TEXT, "");
    poll(&server, &target).await.is(404, TEXT, UNKNOWN);
    server.post(&target, "late").await.is(404, TEXT, UNKNOWN);
}

async fn other_transports_are_refused(server: &Server, target: &str) {
    let text = "Cannot change transports mid-connection";
    Events::open(server, target).await.head.is(400, TEXT, text);
    server.upgrade(target, "").await.0.is(400, TEXT, text);
}

#[tokio::test]
async fn a_poll_that_gets_nothing() {
    let options = HubOptions::default().long_polling_poll_timeout(Duration::from_millis(50));
    let mut server = Server::start(options).await;
    let target = open(&mut server).await;
    let nothing = poll(&server, &target).await;
    nothing.is(200, TEXT, "");
    assert_eq!(nothing.header("content-length"), Some("0"));
    server.post(&target, "data").await.is(200, TEXT, "");
    poll(&server, &target).await.is(200, BYTES, "data");
}

/// Two polls: the answer to the one that arrived first, and the other, which now waits for sure.
async fn superseded(server: &Server, target: &str) -> (Answer, TcpStream) {
    let mut one = park(server, target).await;
    let mut other = park(server, target).await;
    tokio::select! {
        superseded = answer(&mut one, "GET") => (superseded, other),
        superseded = answer(&mut other, "GET") => (superseded, one),
    }
}

/// Case 20.
#[tokio::test]
async fn a_newer_poll_takes_over() {
    let mut server = Server::start(HubOptions::default()).await;
    let target = open(&mut server).await;
    let (older, newer) = superseded(&server, &target).await;
    older.is(204, TEXT, "");
    is_never_cached(&older);
    server.post(&target, "data").await.is(200, TEXT, "");
    read(newer).await.is(200, BYTES, "data");
}

/// Case 20.
#[tokio::test]
async fn a_client_that_deletes_is_done() {
    let mut server = Server::start(HubOptions::default()).await;
    let target = open(&mut server).await;
    let (_, waiting) = superseded(&server, &target).await;
    server.request("DELETE", &target, "").await.is(202, TEXT, "");
    read(waiting).await.is(204, TEXT, "");
    assert!(server.ended().await.clean);
    poll(&server, &target).await.is(404, TEXT, UNKNOWN);
    server.post(&target, "{\"type\":7}\u{1e}").await.is(404, TEXT, UNKNOWN);
    server.request("DELETE", &target, "").await.is(404, TEXT, UNKNOWN);
}

#[tokio::test]
async fn a_client_that_stays_away_has_left() {
    let options = HubOptions::default().disconnect_timeout(Duration::from_millis(200));
    let mut server = Server::start(options).await;
    let target = open(&mut server).await;
    assert!(server.ended().await.clean);
    poll(&server, &target).await.is(404, TEXT, UNKNOWN);
    server.app.tasks.close();
    soon(server.app.tasks.wait()).await;
}

#[tokio::test]
async fn a_client_that_drops_its_poll_has_left_too() {
    let options = HubOptions::default().disconnect_timeout(Duration::from_millis(200));
    let mut server = Server::start(options).await;
    let target = open(&mut server).await;
    drop(park(&server, &target).await);
    assert!(server.ended().await.clean);
    poll(&server, &target).await.is(404, TEXT, UNKNOWN);
}

#[tokio::test]
async fn last_messages_are_kept_for_a_while_only() {
    let options = HubOptions::default().disconnect_timeout(Duration::from_millis(200));
    let mut server = Server::start(options).await;
    let target = open(&mut server).await;
    server.post(&target, "bye").await.is(200, TEXT, "");
    server.ended().await;
    server.app.tasks.close();
    soon(server.app.tasks.wait()).await;
    poll(&server, &target).await.is(404, TEXT, UNKNOWN);
}

#[tokio::test]
async fn shutdown_ends_the_polls_and_refuses_new_connections() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, unused) = server.negotiate().await;
    let parked_at = open(&mut server).await;
    let between_polls_at = open(&mut server).await;
    let parked = park(&server, &parked_at).await;
    server.app.shutdown.cancel();
    let refused = poll(&server, &format!("/chat?id={unused}")).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    server.app.finish.cancel();
    read(parked).await.is(200, BYTES, "finished");
    poll(&server, &between_polls_at).await.is(200, BYTES, "finished");
    poll(&server, &between_polls_at).await.is(204, TEXT, "");
    soon(&mut server.serving).await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_large_comes_in_portions_and_whole() {
    let mut server = Server::start(HubOptions::default()).await;
    let target = open(&mut server).await;
    let large = "x".repeat(1_000_000);
    let fetch = async {
        let mut got = 0;
        while got < large.len() {
            let fetched = poll(&server, &target).await;
            assert_eq!(fetched.status, 200);
            got += fetched.body.len();
        }
        got
    };
    let (posted, got) = tokio::join!(soon(server.post(&target, &large)), soon(fetch));
    posted.is(200, TEXT, "");
    assert_eq!(got, large.len());
}
