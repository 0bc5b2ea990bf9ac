//! The endpoint over HTTP/2: a WebSocket in one stream of a connection, and the other transports beside it.

use std::{net::SocketAddr, time::Duration};

use axum::body::Body;
use http::{Method, Request, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::{client::conn::http2::SendRequest, ext::Protocol};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use super::{
    CLOSE_FRAME, CLOSED_1000, HubOptions, Server, echo_works,
    sessions::{EchoHubContract, EchoImpl, HANDSHAKE, call},
    soon,
};
use crate::{
    Hubs,
    server::serve::{Limits, run::serve},
};

/// One HTTP/2 connection to the server.
async fn connect(server: SocketAddr) -> SendRequest<Body> {
    let io = TokioIo::new(TcpStream::connect(server).await.unwrap());
    let (sender, connection) = soon(hyper::client::conn::http2::handshake(TokioExecutor::new(), io)).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn request(server: SocketAddr, method: Method, target: &str) -> http::request::Builder {
    Request::builder().method(method).uri(format!("http://{server}{target}")).version(Version::HTTP_2)
}

async fn send(sender: &mut SendRequest<Body>, request: Request<Body>) -> http::Response<hyper::body::Incoming> {
    soon(sender.ready()).await.unwrap();
    soon(sender.send_request(request)).await.unwrap()
}

/// Its answer also shows that the server's settings have arrived, among them that it takes WebSockets.
async fn negotiate(server: SocketAddr, sender: &mut SendRequest<Body>) -> String {
    let asked = request(server, Method::POST, "/chat/negotiate?negotiateVersion=1").body(Body::empty()).unwrap();
    let answer = send(sender, asked).await;
    assert_eq!((answer.status(), answer.version()), (StatusCode::OK, Version::HTTP_2));
    let body = soon(answer.into_body().collect()).await.unwrap().to_bytes();
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    json["connectionToken"].as_str().unwrap().to_owned()
}

fn extended_connect(server: SocketAddr, target: &str, protocol: &'static str) -> Request<Body> {
    let asked = request(server, Method::CONNECT, target).header("sec-websocket-version", "13");
    asked.extension(Protocol::from_static(protocol)).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_websocket_in_a_stream() {
    let mut server = Server::start(HubOptions::default()).await;
    let mut sender = connect(server.address).await;
    let token = negotiate(server.address, &mut sender).await;
    let target = format!("/chat?id={token}");
    let answer = send(&mut sender, extended_connect(server.address, &target, "websocket")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let mut socket = TokioIo::new(soon(hyper::upgrade::on(answer)).await.unwrap());
    let seen = server.begun().await;
    assert!(seen.transport.contains("WebSocket"), "{}", seen.transport);
    echo_works(&mut socket, "over a stream").await;

    let again = send(&mut sender, extended_connect(server.address, &target, "websocket")).await;
    assert_eq!(again.status(), StatusCode::CONFLICT);
    let unknown = send(&mut sender, extended_connect(server.address, "/chat?id=unknown", "websocket")).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let other = send(&mut sender, extended_connect(server.address, "/chat", "connect-udp")).await;
    assert_eq!(other.status(), StatusCode::METHOD_NOT_ALLOWED);

    socket.write_all(&CLOSE_FRAME).await.unwrap();
    let mut rest = Vec::new();
    soon(socket.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, CLOSED_1000);
    assert!(server.ended().await.clean);
}

#[tokio::test]
async fn a_stream_that_is_reset_ends_its_connection_alone() {
    let mut server = Server::start(HubOptions::default()).await;
    let mut sender = connect(server.address).await;
    let (one, other) = (negotiate(server.address, &mut sender).await, negotiate(server.address, &mut sender).await);
    let open = |token: &str| {
        let asked =
            request(server.address, Method::GET, &format!("/chat?id={token}")).header("accept", "text/event-stream");
        asked.body(Body::empty()).unwrap()
    };
    let lost = send(&mut sender, open(&one)).await;
    let mut kept = send(&mut sender, open(&other)).await;
    let lost_id = server.begun().await.id;
    server.begun().await;
    drop(lost);
    assert_eq!(server.ended().await.id, lost_id);
    let post = request(server.address, Method::POST, &format!("/chat?id={other}")).body(Body::from("bye")).unwrap();
    assert_eq!(send(&mut sender, post).await.status(), StatusCode::OK);
    let mut body = Vec::new();
    while let Some(frame) = soon(kept.body_mut().frame()).await {
        body.extend(frame.unwrap().into_data().unwrap());
    }
    assert_eq!(body, b":\r\ndata: bye\r\n\r\n");
}

#[tokio::test]
async fn a_stream_that_is_not_read_does_not_hold_up_the_end() {
    let brief = Duration::from_millis(200);
    let options = HubOptions::default().close_timeout(brief);
    let hubs = Hubs::new().shutdown_timeout(brief).map_with("/chat", EchoHubContract, EchoImpl, options);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let down = CancellationToken::new();
    let serving = tokio::spawn({
        let down = down.clone().cancelled_owned();
        async move { serve(&hubs, listener, hubs.router(), Limits::default(), down).await }
    });
    let mut sender = connect(address).await;
    let target = format!("/chat?id={}", negotiate(address, &mut sender).await);
    let events = request(address, Method::GET, &target).header("accept", "text/event-stream");
    let mut unread = send(&mut sender, events.body(Body::empty()).unwrap()).await;
    // Its answer is far more than a stream may hold, and has begun to come.
    for (body, answer) in [(HANDSHAKE.to_owned(), "{}"), (call("Large", "[20000000]"), "xxx")] {
        let post = request(address, Method::POST, &target).body(Body::from(body)).unwrap();
        assert_eq!(send(&mut sender, post).await.status(), StatusCode::OK);
        let mut read = String::new();
        while !read.contains(answer) {
            let frame = soon(unread.body_mut().frame()).await.unwrap().unwrap();
            read.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
        }
    }
    down.cancel();
    soon(serving).await.unwrap();
    drop(unread);
}
