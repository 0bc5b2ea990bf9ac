//! Connections: their upgrade, their token, who may not open one.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use hyper::upgrade::OnUpgrade;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    CLOSE_FRAME, CLOSED_1000, HubOptions, Server, UPGRADE, ask, close_and_read_rest, echo_at, echo_works, soon,
    text_frame,
};

const TEXT: Option<&str> = Some("text/plain");
const NO_CHANGE: &str = "Cannot change transports mid-connection";
const NO_DELETE: &str = "Cannot terminate this connection using the DELETE endpoint.";

/// Case 20.
#[tokio::test]
async fn one_connection_from_negotiation_to_its_end() {
    let mut server = Server::start(HubOptions::default()).await;
    let (id, token) = server.negotiate().await;
    server.request("POST", &format!("/chat?id={id}"), "").await.is(404, TEXT, "No Connection with that ID");
    let target = format!("/chat?id={token}&access_token=secret");
    server.request("DELETE", &target, "").await.is(400, TEXT, NO_DELETE);

    let (answer, mut socket) = server.upgrade(&target, "X-Of-The-App: yes\r\n").await;
    assert_eq!(answer.status, 101);
    assert_eq!(answer.header("sec-websocket-accept"), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    assert_eq!(answer.header("upgrade"), Some("websocket"));
    assert_eq!(answer.header("connection"), Some("Upgrade"));
    let seen = server.begun().await;
    assert_eq!(seen.id.as_str(), id);
    assert_eq!(seen.request.uri, target.as_str());
    assert_eq!(seen.request.headers["x-of-the-app"], "yes");
    let ConnectInfo(peer) = seen.request.extensions.get::<ConnectInfo<SocketAddr>>().unwrap();
    assert_eq!(*peer, socket.local_addr().unwrap());
    assert!(seen.request.extensions.get::<OnUpgrade>().is_none());
    assert!(seen.transport.contains("tcp::"), "{}", seen.transport);

    other_requests_are_refused(&server, &target).await;
    echo_works(&mut socket, "the first goes on").await;
    close_and_read_rest(&mut socket).await;
    let ended = server.ended().await;
    assert_eq!((ended.id.as_str(), ended.clean), (id.as_str(), true));
    let (after, _) = server.upgrade(&target, "").await;
    after.is(404, None, "No Connection with that ID");
}

/// What a connection over a WebSocket answers to everything but its socket.
async fn other_requests_are_refused(server: &Server, target: &str) {
    let poll = server.request("GET", target, "").await;
    poll.is(400, TEXT, NO_CHANGE);
    assert_eq!(poll.header("cache-control"), Some("no-cache, no-store"));
    server.request("GET", target, "Accept: */*, text/event-stream\r\n").await.is(400, TEXT, NO_CHANGE);
    let post = "POST requests are not allowed for WebSocket connections.";
    server.request("POST", target, "").await.is(405, TEXT, post);
    server.request("DELETE", target, "").await.is(400, TEXT, NO_DELETE);
    server.upgrade(target, "").await.0.is(409, TEXT, "");
}

#[tokio::test]
async fn transports_that_are_not_offered() {
    use crate::transport::TransportKind::{LongPolling, ServerSentEvents, WebSockets};
    let refused = |name: &str| format!("{name} transport not supported by this end point type");
    let options = HubOptions::default().transports([LongPolling, ServerSentEvents]);
    let server = Server::start(options).await;
    let offers = server.request("POST", "/chat/negotiate?negotiateVersion=1", "").await.body;
    let offered = concat!(
        r#""availableTransports":[{"transport":"ServerSentEvents","transferFormats":["Text"]},"#,
        r#"{"transport":"LongPolling","transferFormats":["Text","Binary"]}]}"#
    );
    assert!(offers.ends_with(offered), "{offers}");
    let (_, token) = server.negotiate().await;
    for target in [format!("/chat?id={token}"), "/chat".to_owned()] {
        server.upgrade(&target, "").await.0.is(404, TEXT, &refused("WebSockets"));
    }

    let server = Server::start(HubOptions::default().transports([WebSockets])).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let accept = "Accept: text/event-stream\r\n";
    server.request("GET", &target, accept).await.is(404, TEXT, &refused("ServerSentEvents"));
    let with_weight = server.request("GET", &target, "Accept: text/event-stream;q=1\r\n").await;
    with_weight.is(404, TEXT, &refused("LongPolling"));
    assert_eq!(with_weight.header("cache-control"), Some("no-cache, no-store"));
    assert_eq!(server.upgrade(&target, "").await.0.status, 101);
}

#[tokio::test]
async fn without_negotiation() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, mut first) = server.upgrade("/chat", "").await;
    let (_, mut second) = server.upgrade("/chat/", "").await;
    let (a, b) = (server.begun().await.id, server.begun().await.id);
    assert_ne!(a, b);
    echo_works(&mut first, "one").await;
    echo_works(&mut second, "two").await;
    let (again, _) = server.upgrade(&format!("/chat?id={a}"), "").await;
    again.is(404, None, "No Connection with that ID");
}

#[tokio::test]
async fn what_comes_in_the_upgrades_own_segment_is_not_lost() {
    let server = Server::start(HubOptions::default()).await;
    let large = "x".repeat(100);
    let sent = [text_frame("handshake"), text_frame(&large), text_frame("call")].concat();
    for cut in [0, 1, 5, 20, sent.len()] {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let mut first = format!("GET /chat HTTP/1.1\r\nHost: {}\r\n{UPGRADE}\r\n", server.address).into_bytes();
        first.extend(&sent[..cut]);
        socket.write_all(&first).await.unwrap();
        let mut said = Vec::new();
        while !said.ends_with(b"\r\n\r\n") {
            said.push(soon(socket.read_u8()).await.unwrap());
        }
        assert!(said.starts_with(b"HTTP/1.1 101"), "cut at {cut}");
        socket.write_all(&sent[cut..]).await.unwrap();
        socket.write_all(&CLOSE_FRAME).await.unwrap();
        let mut frames = Vec::new();
        soon(socket.read_to_end(&mut frames)).await.unwrap();
        let mut echoed: Vec<u8> = Vec::new();
        let mut rest = frames.as_slice();
        while let [0x81, length, tail @ ..] = rest {
            let (payload, tail) = tail.split_at(usize::from(*length));
            echoed.extend(payload);
            rest = tail;
        }
        assert_eq!(echoed, format!("handshake{large}call").into_bytes(), "cut at {cut}");
        assert_eq!(rest, CLOSED_1000, "cut at {cut}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_that_is_not_tcp() {
    let (router, mut app) = echo_at("/chat", HubOptions::default());
    let directory = std::env::temp_dir().join(format!("hubs-endpoint-test-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    let path = directory.join("socket");
    let _ = std::fs::remove_file(&path);
    let listener = tokio::net::UnixListener::bind(&path).unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut socket = tokio::net::UnixStream::connect(&path).await.unwrap();
    std::fs::remove_dir_all(&directory).unwrap();
    let answer = ask(&mut socket, "GET", "/chat", &format!("Host: a\r\n{UPGRADE}")).await;
    assert_eq!(answer.status, 101);
    let seen = soon(app.begun.recv()).await.unwrap();
    assert!(seen.transport.contains("Upgraded"), "{}", seen.transport);
    echo_works(&mut socket, "over a pipe").await;
    socket.write_all(&text_frame("last")).await.unwrap();
    socket.write_all(&CLOSE_FRAME).await.unwrap();
    let mut rest = Vec::new();
    soon(socket.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, [&[0x81, 4][..], b"last", &CLOSED_1000].concat());
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let options = HubOptions::default().allowed_origins(vec!["https://app.example.com".to_owned()]);
    let mut server = Server::start(options).await;
    let (_, token) = server.negotiate().await;
    let own = format!("Origin: http://{}\r\n", server.address);
    let target = format!("/chat?id={token}");
    for origin in ["Origin: https://evil.com\r\n", "Origin: null\r\n"] {
        for (method, target) in
            [("POST", "/chat/negotiate"), ("POST", &target), ("DELETE", &target), ("GET", &target), ("PUT", &target)]
        {
            assert_eq!(server.request(method, target, origin).await.status, 403, "{method} {target} {origin}");
        }
        for target in ["/chat", &target] {
            let (answer, _) = server.upgrade(target, origin).await;
            assert_eq!(answer.status, 403, "{target} {origin}");
        }
    }
    assert!(server.app.begun.try_recv().is_err(), "nothing reached the acceptor");
    for origin in [own.as_str(), "Origin: https://app.example.com\r\n"] {
        assert_eq!(server.request("POST", "/chat/negotiate", origin).await.status, 200);
        let (answer, _socket) = server.upgrade("/chat", origin).await;
        assert_eq!(answer.status, 101);
        server.begun().await;
    }
    let (answer, _socket) = server.upgrade(&target, &own).await;
    assert_eq!(answer.status, 101, "the refused requests have not used up the token");
}

#[tokio::test]
async fn a_subprotocol_that_is_offered_is_chosen() {
    let offer = "Sec-WebSocket-Protocol: signalr, bearer.abc\r\n";
    let name = "sec-websocket-protocol";
    let server = Server::start(HubOptions::default()).await;
    assert_eq!(server.upgrade("/chat", offer).await.0.header(name), Some("signalr"));
    assert_eq!(server.upgrade("/chat", "").await.0.header(name), None);
    let own = HubOptions::default().websocket_subprotocols(vec!["v2".to_owned(), "bearer.abc".to_owned()]);
    let server = Server::start(own).await;
    assert_eq!(server.upgrade("/chat", offer).await.0.header(name), Some("bearer.abc"));
    let (answer, _) = server.upgrade("/chat", "Sec-WebSocket-Protocol: other\r\n").await;
    assert_eq!((answer.status, answer.header(name)), (101, None));
}

#[tokio::test]
async fn shutdown_refuses_new_connections() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let (_, mut running) = server.upgrade("/chat", "").await;
    server.begun().await;
    server.app.shutdown.cancel();
    let target = format!("/chat?id={token}");
    let refused = [
        server.request("POST", "/chat/negotiate?negotiateVersion=1", "").await,
        server.upgrade("/chat", "").await.0,
        server.upgrade(&target, "").await.0,
    ];
    for answer in refused {
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("5"));
    }
    echo_works(&mut running, "those that run are the session's").await;
}

#[tokio::test]
async fn how_a_connection_may_end() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, mut reset) = server.upgrade("/chat", "").await;
    echo_works(&mut reset, "before the reset").await;
    reset.set_zero_linger().unwrap();
    drop(reset);
    assert!(server.ended().await.clean, "a reset is no fault of the client");

    let (_, gone) = server.upgrade("/chat", "").await;
    drop(gone);
    assert!(server.ended().await.clean);

    let (_, mut broken) = server.upgrade("/chat", "").await;
    broken.write_all(&[0x81, 1, b'a']).await.unwrap();
    let mut said = Vec::new();
    soon(broken.read_to_end(&mut said)).await.unwrap();
    assert_eq!(said, [0x88, 2, 0x03, 0xEA], "1002 for a frame without a mask");
    drop(broken);
    assert!(!server.ended().await.clean);
}
