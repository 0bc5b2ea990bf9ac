//! How many connections are let in, over real sockets and every transport.

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    CLOSE_FRAME, HubOptions, Server,
    events::Events,
    sessions::{self, EchoHubContract, EchoImpl, websocket},
    soon,
};
use crate::{AllowedOrigins, CloseReason, HubMetrics, Hubs};

const TEXT: Option<&str> = Some("text/plain");
const FULL: &str = "The server has as many connections as it takes.";
const USER_FULL: &str = "This user has too many connections.";
const ADDRESS_FULL: &str = "This address has too many connections.";
const ANN: &str = "X-Token: ann a\r\n";
const BOB: &str = "X-Token: bob a\r\n";

async fn start(options: HubOptions) -> (Server, HubMetrics) {
    let hubs = Hubs::new().map_with("/chat", EchoHubContract, EchoImpl, options);
    let metrics = hubs.metrics::<EchoHubContract>();
    (sessions::serve(hubs).await, metrics)
}

/// The status of a negotiation with these headers.
async fn negotiated(server: &Server, headers: &str) -> (u16, String) {
    let answer = server.request("POST", "/chat/negotiate?negotiateVersion=1", headers).await;
    if answer.status != 200 {
        assert_eq!((answer.header("retry-after"), answer.header("content-type")), (Some("5"), TEXT));
    }
    (answer.status, answer.body)
}

/// Waits until one more is let in: what has ended is not counted any more.
async fn until_there_is_room(server: &Server, headers: &str) {
    soon(async { while negotiated(server, headers).await.0 != 200 {} }).await;
}

/// Opens each transport once, with these headers; what they return keeps them open.
async fn one_of_each(server: &Server, headers: &str) -> (TcpStream, Events, String) {
    let target = async || format!("/chat?id={}", server.negotiate_as(headers).await.1);
    let (answer, socket) = server.upgrade(&target().await, headers).await;
    assert_eq!(answer.status, 101);
    let events = Events::open_with(server, &target().await, headers).await;
    assert_eq!(events.head.status, 200);
    let polled = target().await;
    assert_eq!(server.request("GET", &polled, headers).await.status, 200);
    (socket, events, polled)
}

#[tokio::test]
async fn a_hub_has_no_more_connections_than_it_may() {
    let (server, metrics) = start(HubOptions::default().maximum_connections(3)).await;
    let late = ["", "", ""].map(|headers| server.negotiate_as(headers));
    let [a, b, c] = futures_util::future::join_all(late).await.try_into().unwrap();
    let (mut socket, events, polled) = one_of_each(&server, "").await;
    assert_eq!(negotiated(&server, "").await, (503, FULL.to_owned()));
    // Those that have negotiated while there was room are refused when they open their transport, and may try again.
    let target = |(_, token): &(String, String)| format!("/chat?id={token}");
    server.upgrade(&target(&a), "").await.0.is(503, TEXT, FULL);
    Events::open(&server, &target(&b)).await.head.is(503, TEXT, FULL);
    server.request("GET", &target(&c), "").await.is(503, TEXT, FULL);
    server.upgrade("/chat", "").await.0.is(503, TEXT, FULL);
    assert_eq!(metrics.closes(CloseReason::TooManyConnections), 5);

    assert_eq!(server.request("DELETE", &polled, "").await.status, 202);
    until_there_is_room(&server, "").await;
    assert_eq!(server.upgrade(&target(&a), "").await.0.status, 101);
    socket.write_all(&CLOSE_FRAME).await.unwrap();
    until_there_is_room(&server, "").await;
    drop(events);
    until_there_is_room(&server, "").await;
}

/// Case 13.
#[tokio::test]
async fn a_user_has_no_more_connections_than_it_may() {
    let (server, metrics) = start(HubOptions::default().maximum_connections_per_user(3)).await;
    let kept = server.negotiate_as(ANN).await.1;
    let (socket, _events, _polled) = one_of_each(&server, ANN).await;
    assert_eq!(negotiated(&server, ANN).await, (429, USER_FULL.to_owned()));
    server.upgrade(&format!("/chat?id={kept}"), ANN).await.0.is(429, TEXT, USER_FULL);
    server.upgrade("/chat", ANN).await.0.is(429, TEXT, USER_FULL);
    assert_eq!(metrics.closes(CloseReason::TooManyOfUser), 3);
    // Others, and those without a name, are not affected.
    let _others = (one_of_each(&server, BOB).await, one_of_each(&server, "").await);
    drop(socket);
    until_there_is_room(&server, ANN).await;
}

/// Case 13: the machine itself is exempt, and an address counts that a trusted proxy passes on.
#[tokio::test]
async fn case_13_an_address_has_no_more_connections_than_it_may() {
    let options = || HubOptions::default().maximum_connections_per_address(1);
    let (server, metrics) = start(options().limit_loopback(true)).await;
    let socket = websocket(&server).await;
    assert_eq!(negotiated(&server, "").await, (429, ADDRESS_FULL.to_owned()));
    let spoofed = "X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n";
    assert_eq!(negotiated(&server, spoofed).await.0, 429, "the peer is no proxy that is trusted");
    server.upgrade("/chat", spoofed).await.0.is(429, TEXT, ADDRESS_FULL);
    assert_eq!(metrics.closes(CloseReason::TooManyFromAddress), 3);
    drop(socket);
    until_there_is_room(&server, "").await;

    let (server, _) = start(options()).await;
    let _many = (websocket(&server).await, websocket(&server).await);

    let trusting = AllowedOrigins::default().trust_proxies(["127.0.0.1"]);
    let (server, metrics) = start(options().allowed_origins(trusting)).await;
    let from = |address: &str| format!("X-Forwarded-For: 198.51.100.9, {address}\r\n");
    let (answer, _socket) = server.upgrade("/chat", &from("192.0.2.1")).await;
    assert_eq!(answer.status, 101);
    assert_eq!(negotiated(&server, &from("192.0.2.1")).await, (429, ADDRESS_FULL.to_owned()));
    assert_eq!(negotiated(&server, &from("192.0.2.2")).await.0, 200);
    let several = "X-Forwarded-For: 192.0.2.2\r\nX-Forwarded-For: 192.0.2.1\r\n";
    assert_eq!(negotiated(&server, several).await.0, 429, "the last is what the proxy has added");
    assert_eq!(metrics.closes(CloseReason::TooManyFromAddress), 2);
}

#[tokio::test]
async fn none_is_no_limit() {
    let options = HubOptions::default().maximum_connections(None).maximum_connections_per_user(None);
    let (server, _) = start(options.maximum_connections_per_address(None).limit_loopback(true)).await;
    let _first = one_of_each(&server, ANN).await;
    let _second = one_of_each(&server, ANN).await;
}
