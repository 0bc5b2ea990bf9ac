//! The way to the end: probes, and connections that are told one by one.

use std::time::Duration;

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    CLOSE_FRAME, Server,
    sessions::{EchoHubContract, EchoImpl, RESULT, call, frame, serve, text, websocket},
    soon, text_frame,
};
use crate::Hubs;

async fn start(spread: Duration) -> Server {
    serve(Hubs::new().shutdown_spread(spread).map("/chat", EchoHubContract, EchoImpl)).await
}

async fn status(server: &Server, path: &str) -> u16 {
    server.request("GET", path, "").await.status
}

async fn is_answered(socket: &mut TcpStream) -> bool {
    socket.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    frame(socket).await == text(RESULT)
}

fn close() -> Vec<u8> {
    text("{\"type\":7,\"allowReconnect\":true}\u{1e}")
}

/// With two connections one is told at once, and the other after half of a time that no clock can hold.
#[tokio::test]
async fn a_server_that_stops_is_alive_and_not_ready_and_serves_those_that_are_not_told_yet() {
    let server = start(Duration::MAX).await;
    let mut sockets = [websocket(&server).await, websocket(&server).await];
    assert_eq!([status(&server, "/livez").await, status(&server, "/readyz").await], [200, 200]);
    server.app.shutdown.cancel();
    let [first, second] = &mut sockets;
    let (told, other) = soon(async {
        tokio::select! {
            bytes = frame(first) => { assert_eq!(bytes, close()); (first, second) }
            bytes = frame(second) => { assert_eq!(bytes, close()); (second, first) }
        }
    })
    .await;
    told.write_all(&CLOSE_FRAME).await.unwrap();
    assert_eq!([status(&server, "/livez").await, status(&server, "/readyz").await], [200, 503]);
    assert_eq!(server.request("POST", "/chat/negotiate?negotiateVersion=1", "").await.status, 503);
    assert!(is_answered(other).await);
}

#[tokio::test]
async fn all_are_told_over_the_time_that_is_set_and_then_the_server_ends() {
    let mut server = start(Duration::from_millis(200)).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(websocket(&server).await);
    }
    server.app.shutdown.cancel();
    for socket in &mut sockets {
        assert_eq!(frame(socket).await, close());
        socket.write_all(&CLOSE_FRAME).await.unwrap();
    }
    drop(sockets);
    soon(&mut server.serving).await.unwrap().unwrap();
}
