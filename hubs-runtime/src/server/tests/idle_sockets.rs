//! Sockets that ask for nothing, where this library serves them itself.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    App, Server, answer,
    events::Events,
    sessions::{EchoHubContract, EchoImpl, HANDSHAKE, RESULT, call, frame, text, websocket_at},
    soon, text_frame,
};
use crate::{
    Hubs,
    server::serve::{Patience, serve},
};

async fn start(patience: Patience) -> Server {
    let hubs = Hubs::new().map("/chat", EchoHubContract, EchoImpl);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let down = shutdown.clone().cancelled_owned();
    let serving = tokio::spawn(async move {
        serve(&hubs, listener, patience, down).await;
        Ok(())
    });
    let (_, begun) = mpsc::unbounded_channel();
    let (_, ended) = mpsc::unbounded_channel();
    let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
    Server { address, app, serving }
}

/// Waits until the server closes it.
async fn is_closed(mut socket: TcpStream) {
    let mut rest = Vec::new();
    soon(socket.read_to_end(&mut rest)).await.expect("in peace");
}

#[tokio::test]
async fn sockets_that_ask_for_nothing_are_closed_and_others_are_not() {
    // Long enough for those that do ask, on a machine that is busy.
    let brief = Duration::from_secs(2);
    let mut server = start(Patience { first: brief, between: brief }).await;
    let mut busy = websocket_at(&server, "/chat").await;
    let target = format!("/chat?id={}", server.negotiate().await.1);
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    let mut silent = Vec::new();
    for start in ["", "GET /chat HT", "PRI * HTTP/2.0\r\n"] {
        let mut socket = server.connect().await;
        socket.write_all(start.as_bytes()).await.unwrap();
        silent.push(socket);
    }
    for socket in silent {
        is_closed(socket).await;
    }
    let mut socket = server.connect().await;
    for _ in 0..2 {
        socket.write_all(b"POST /chat/negotiate HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        assert_eq!(answer(&mut socket, "POST").await.status, 200);
    }
    is_closed(socket).await;
    busy.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    assert_eq!(frame(&mut busy).await, text(RESULT));
    server.post(&target, HANDSHAKE).await.is(200, Some("text/plain"), "");
    assert_eq!(events.next().await.unwrap(), "data: {}\u{1e}\r\n\r\n");
    server.app.shutdown.cancel();
    drop((busy, events));
    soon(&mut server.serving).await.unwrap().unwrap();
}
