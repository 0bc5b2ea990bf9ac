//! Server-Sent Events: the response byte by byte, and how it ends.

use std::time::Duration;

use http::StatusCode;
use tokio::{
    io::{AsyncReadExt, BufReader},
    net::TcpStream,
};

use super::{
    Answer, HubOptions, Server, answer,
    sessions::{self, HANDSHAKE, call},
    soon, tell,
};

const ACCEPT: &str = "Accept: text/event-stream\r\n";
const TEXT: Option<&str> = Some("text/plain");

/// The response of an event source, taken out of its chunks.
pub(super) struct Events {
    pub(super) head: Answer,
    socket: BufReader<TcpStream>,
}

impl Events {
    pub(super) async fn open(server: &Server, target: &str) -> Self {
        Self::open_with(server, target, "").await
    }

    pub(super) async fn open_with(server: &Server, target: &str, headers: &str) -> Self {
        let mut socket = BufReader::new(server.connect().await);
        tell(&mut socket, "GET", target, &format!("Host: {}\r\n{ACCEPT}{headers}", server.address)).await;
        Self { head: answer(&mut socket, "GET").await, socket }
    }

    /// The next bytes; `None` at the end of the response.
    pub(super) async fn next(&mut self) -> Option<String> {
        let size = self.line().await;
        let size = usize::from_str_radix(&size, 16).unwrap();
        let mut bytes = vec![0; size];
        soon(self.socket.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(self.line().await, "");
        (size > 0).then(|| String::from_utf8(bytes).unwrap())
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        while !line.ends_with("\r\n") {
            line.push(char::from(soon(self.socket.read_u8()).await.unwrap()));
        }
        line.trim_end().to_owned()
    }
}

#[tokio::test]
async fn one_connection_from_its_opening_to_its_end() {
    let mut server = Server::start(HubOptions::default()).await;
    let (id, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.head.status, 200);
    for (name, value) in [
        ("content-type", Some("text/event-stream")),
        ("cache-control", Some("no-cache,no-store")),
        ("pragma", Some("no-cache")),
        ("content-encoding", Some("identity")),
        ("x-accel-buffering", Some("no")),
        ("transfer-encoding", Some("chunked")),
        ("content-length", None),
    ] {
        assert_eq!(events.head.header(name), value, "{name}");
    }
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    let seen = server.begun().await;
    assert_eq!(seen.id.as_str(), id);
    assert!(seen.transport.ends_with("ServerSentEvents"), "{}", seen.transport);

    for (posted, event) in [
        ("{}\u{1e}", "data: {}\u{1e}\r\n\r\n"),
        ("Hello\r\nWorld", "data: Hello\r\ndata: World\r\n\r\n"),
        ("Hello\n", "data: Hello\r\ndata: \r\n\r\n"),
    ] {
        server.post(&target, posted).await.is(200, TEXT, "");
        assert_eq!(events.next().await.unwrap(), event);
    }
    other_requests_are_refused(&server, &target).await;
    server.post(&target, "bye").await.is(200, TEXT, "");
    assert_eq!(events.next().await.unwrap(), "data: bye\r\n\r\n");
    assert_eq!(events.next().await, None);
    let ended = server.ended().await;
    assert_eq!((ended.id.as_str(), ended.clean), (id.as_str(), true));
    server.app.tasks.close();
    soon(server.app.tasks.wait()).await;
    server.post(&target, "late").await.is(404, TEXT, "No Connection with that ID");
    let again = Events::open(&server, &target).await.head;
    again.is(404, TEXT, "No Connection with that ID");
}

/// What a connection over Server-Sent Events answers to everything but what is sent to it.
async fn other_requests_are_refused(server: &Server, target: &str) {
    Events::open(server, target).await.head.is(409, TEXT, "");
    let poll = server.request("GET", target, "").await;
    poll.is(400, TEXT, "Cannot change transports mid-connection");
    assert_eq!(poll.header("pragma"), Some("no-cache"));
    server.upgrade(target, "").await.0.is(400, TEXT, "Cannot change transports mid-connection");
    let text = "Cannot terminate this connection using the DELETE endpoint.";
    server.request("DELETE", target, "").await.is(400, TEXT, text);
}

#[tokio::test]
async fn a_client_that_leaves_ends_its_connection_at_once() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let mut events = Events::open(&server, &format!("/chat?id={token}")).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    drop(events);
    assert!(server.ended().await.clean);
}

#[tokio::test]
async fn what_is_large_comes_whole() {
    let server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    let large = "x".repeat(1_000_000);
    let read = async {
        let mut got = 0;
        while got < large.len() {
            let event = events.next().await.unwrap();
            got += event.matches('x').count();
        }
        got
    };
    let (posted, got) = tokio::join!(soon(server.post(&target, &large)), soon(read));
    posted.is(200, TEXT, "");
    assert_eq!(got, large.len());
}

#[tokio::test]
async fn a_reader_that_stands_still_holds_its_sender() {
    let server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let target = format!("/chat?id={token}");
    let _unread = Events::open(&server, &target).await;
    let mut socket = server.connect().await;
    let size = 29_000_000;
    tell(&mut socket, "POST", &target, &format!("Host: a\r\nContent-Length: {size}\r\n")).await;
    let portion = vec![b'x'; 100_000];
    let mut taken = 0;
    // What fits into buffers is taken; then no byte more, whatever time passes.
    while tokio::time::timeout(Duration::from_millis(500), tokio::io::AsyncWriteExt::write_all(&mut socket, &portion))
        .await
        .is_ok()
    {
        taken += portion.len();
        assert!(taken < size, "nothing stops the sender");
    }
}

#[tokio::test]
async fn a_reader_that_stands_still_does_not_hold_up_the_end() {
    let brief = Duration::from_millis(200);
    let options = HubOptions::default().transport_send_timeout(brief).close_timeout(brief);
    let mut server = sessions::start(options.disconnect_timeout(brief)).await;
    let target = format!("/chat?id={}", server.negotiate().await.1);
    let unread = Events::open(&server, &target).await;
    server.post(&target, HANDSHAKE).await.is(200, TEXT, "");
    // Far more than the buffers of both sockets hold.
    for _ in 0..64 {
        let asked = server.post(&target, &call("Large", "[1000000]")).await;
        if asked.status != 200 {
            break;
        }
    }
    server.app.shutdown.cancel();
    soon(&mut server.serving).await.unwrap().unwrap();
    drop(unread);
}

#[tokio::test]
async fn shutdown_ends_the_response_and_refuses_new_connections() {
    let mut server = Server::start(HubOptions::default()).await;
    let (_, token) = server.negotiate().await;
    let (_, unused) = server.negotiate().await;
    let mut events = Events::open(&server, &format!("/chat?id={token}")).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    server.begun().await;
    server.app.shutdown.cancel();
    let refused = Events::open(&server, &format!("/chat?id={unused}")).await.head;
    assert_eq!((refused.status, refused.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE.as_u16(), Some("5")));
    server.app.finish.cancel();
    assert_eq!(events.next().await.unwrap(), "data: finished\r\n\r\n");
    assert_eq!(events.next().await, None);
    soon(&mut server.serving).await.unwrap().unwrap();
}
