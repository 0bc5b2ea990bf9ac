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
use crate::{HubCallerContext, HubResult, HubStream, Hubs, UploadStream, hub};

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
}

/// Tells when it is dropped.
struct Held(mpsc::UnboundedSender<()>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send(()).ok();
    }
}

struct Keeper(mpsc::UnboundedSender<()>);

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
}

/// The hub at `/chat`, and what tells of everything that it has let go.
async fn start(options: HubOptions) -> (Server, mpsc::UnboundedReceiver<()>) {
    let (held, dropped) = mpsc::unbounded_channel();
    let hubs = Hubs::new().map_with("/chat", InnContract, Keeper(held), options);
    let (_, begun) = mpsc::unbounded_channel();
    let (_, ended) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
    let down = hubs.shutdown_on(app.shutdown.clone().cancelled_owned());
    (Server::serve_until(Router::new().merge(hubs.router()), app, down).await, dropped)
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
    let (server, mut dropped) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    let call = r#"{"type":1,"invocationId":"1","target":"Pair","arguments":[],"streamIds":["a","b"]}"#;
    send(&mut socket, call).await;
    // One of the two would never end, and its method wait for ever.
    send(&mut socket, &call.replace("[\"a\",\"b\"]", "[\"c\",\"c\"]")).await;
    until(&mut socket, "Stream ID 'c' is already in use.").await;
    drop(socket);
    soon(dropped.recv()).await.expect("the other call has ended");
}

#[tokio::test]
async fn a_stream_that_says_nothing_ends_with_its_connection() {
    let (server, mut dropped) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    send(&mut socket, r#"{"type":4,"invocationId":"1","target":"Silence","arguments":[]}"#).await;
    send(&mut socket, r#"{"type":1,"invocationId":"2","target":"Nothing","arguments":[]}"#).await;
    until(&mut socket, "Method does not exist").await;
    drop(socket);
    soon(dropped.recv()).await.expect("it is dropped");
}

#[tokio::test]
async fn calls_that_wait_for_their_own_caller_are_not_without_number() {
    let options = HubOptions::default().maximum_concurrent_streams_per_client(3_usize);
    let (server, _) = start(options).await;
    let mut socket = websocket_at(&server, "/chat").await;
    for id in 1..=5 {
        send(&mut socket, &format!(r#"{{"type":1,"invocationId":"{id}","target":"Ask","arguments":[]}}"#)).await;
    }
    let come = until(&mut socket, "\"error\"").await;
    assert_eq!(come.matches("\"target\":\"Answer\"").count(), 4, "{come}");
}
