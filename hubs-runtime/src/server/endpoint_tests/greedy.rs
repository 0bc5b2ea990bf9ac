//! Clients that ask for more than their share, or leave without cleaning up: what their server keeps of it.

use axum::Router;
use futures_util::{StreamExt, stream};
use hubs_macros::client_interface;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{App, HubOptions, Server, sessions::websocket_at, soon};
use crate::{DisconnectError, HubCallerContext, HubMetrics, HubResult, HubStream, Hubs, UploadStream, hub};

#[client_interface(crate = "crate")]
pub(super) trait Guest {
    async fn answer(&self) -> HubResult<u32>;
}

type Cx = HubCallerContext<GuestContract>;

#[hub(crate = "crate", client = Guest)]
pub(super) trait Inn {
    async fn pair(&self, cx: &Cx, left: UploadStream<u32>, right: UploadStream<u32>) -> HubResult<u32>;
    async fn silence(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn ask(&self, cx: &Cx) -> HubResult<u32>;
    async fn trap(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
}

/// Tells when it is dropped.
struct Held(mpsc::UnboundedSender<&'static str>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send("held").ok();
    }
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("as told");
    }
}

struct Keeper(mpsc::UnboundedSender<&'static str>);

impl Inn for Keeper {
    async fn pair(&self, _: &Cx, left: UploadStream<u32>, right: UploadStream<u32>) -> HubResult<u32> {
        let _held = Held(self.0.clone());
        Ok((left.count().await + right.count().await) as u32)
    }

    async fn silence(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let held = Held(self.0.clone());
        Ok(HubStream::new(stream::poll_fn(move |_| {
            let _ = &held;
            std::task::Poll::Pending
        })))
    }

    async fn ask(&self, cx: &Cx) -> HubResult<u32> {
        Ok(cx.clients().caller().answer().await?)
    }

    async fn trap(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let bomb = Bomb;
        Ok(HubStream::new(stream::iter([1]).chain(stream::poll_fn(move |_| {
            let _ = &bomb;
            std::task::Poll::Pending
        }))))
    }

    async fn on_disconnected(&self, _: &Cx, _: Option<&DisconnectError>) {
        self.0.send("disconnected").ok();
    }
}

/// What tells of everything that the hub has let go.
struct LetGo(mpsc::UnboundedReceiver<&'static str>);

impl LetGo {
    async fn hears(&mut self, what: &str) {
        while soon(self.0.recv()).await.expect("the server is there") != what {}
    }
}

/// The hub at `/chat`.
async fn start(options: HubOptions) -> (Server, LetGo, HubMetrics) {
    let (held, dropped) = mpsc::unbounded_channel();
    let hubs = Hubs::new().map_with("/chat", InnContract, Keeper(held), options);
    let metrics = hubs.metrics::<InnContract>();
    let (_, begun) = mpsc::unbounded_channel();
    let (_, ended) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
    let down = hubs.shutdown_on(app.shutdown.clone().cancelled_owned());
    (Server::serve_until(Router::new().merge(hubs.router()), app, down).await, LetGo(dropped), metrics)
}

/// A masked text frame.
async fn send(socket: &mut TcpStream, message: &str) {
    let len = u16::try_from(message.len() + 1).unwrap().to_be_bytes();
    let frame = [&[0x81, 0x80 | 126, len[0], len[1], 0, 0, 0, 0], message.as_bytes(), &[0x1e]].concat();
    socket.write_all(&frame).await.unwrap();
}

/// Reads until `text` has come.
async fn until(socket: &mut TcpStream, text: &str) -> String {
    let mut come = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&come).contains(text) {
            come.push(socket.read_u8().await.unwrap());
        }
    };
    soon(read).await;
    String::from_utf8_lossy(&come).into_owned()
}

#[tokio::test]
async fn a_call_cannot_name_one_stream_twice() {
    let (server, mut let_go, _) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    let call = r#"{"type":1,"invocationId":"1","target":"Pair","arguments":[],"streamIds":["a","b"]}"#;
    send(&mut socket, call).await;
    // One of the two would never end, and its method wait for ever.
    send(&mut socket, &call.replace("[\"a\",\"b\"]", "[\"c\",\"c\"]")).await;
    until(&mut socket, "Stream ID 'c' is already in use.").await;
    drop(socket);
    let_go.hears("held").await;
}

#[tokio::test]
async fn a_stream_that_says_nothing_ends_with_its_connection() {
    let (server, mut let_go, _) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    send(&mut socket, r#"{"type":4,"invocationId":"1","target":"Silence","arguments":[]}"#).await;
    send(&mut socket, r#"{"type":1,"invocationId":"2","target":"Nothing","arguments":[]}"#).await;
    until(&mut socket, "Method does not exist").await;
    drop(socket);
    let_go.hears("held").await;
}

#[tokio::test]
async fn calls_that_wait_for_their_own_caller_are_not_without_number() {
    let options = HubOptions::default().maximum_concurrent_streams_per_client(3_usize);
    let (server, ..) = start(options).await;
    let mut socket = websocket_at(&server, "/chat").await;
    for id in 1..=5 {
        send(&mut socket, &format!(r#"{{"type":1,"invocationId":"{id}","target":"Ask","arguments":[]}}"#)).await;
    }
    let come = until(&mut socket, "\"error\"").await;
    assert_eq!(come.matches("\"target\":\"Answer\"").count(), 4, "{come}");
}

#[tokio::test]
async fn what_panics_when_it_is_dropped_costs_its_connection_and_no_more() {
    let (server, mut let_go, metrics) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    send(&mut socket, r#"{"type":4,"invocationId":"1","target":"Trap","arguments":[]}"#).await;
    until(&mut socket, "\"item\":1").await;
    send(&mut socket, r#"{"type":5,"invocationId":"1"}"#).await;
    until(&mut socket, r#"{"type":7,"error":"Connection closed with an error.","allowReconnect":true}"#).await;
    let_go.hears("disconnected").await;
    drop(socket);
    let gone = async {
        while metrics.connections() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon(gone).await;
}
