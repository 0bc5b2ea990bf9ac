//! Clients that ask for more than they may, or leave without cleaning up: what the server keeps for them.

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
pub(super) trait AnsweringClient {
    async fn answer(&self) -> HubResult<u32>;
}

type Cx = HubCallerContext<AnsweringClientContract>;

#[hub(crate = "crate", client = AnsweringClient)]
pub(super) trait HoldingHub {
    async fn pair(&self, cx: &Cx, left: UploadStream<u32>, right: UploadStream<u32>) -> HubResult<u32>;
    async fn endless(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn ask(&self, cx: &Cx) -> HubResult<u32>;
    async fn panics_on_drop(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
}

/// Tells when it is dropped.
struct Held(mpsc::UnboundedSender<&'static str>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.send("held").ok();
    }
}

/// Panics when it is dropped.
struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        panic!("as told");
    }
}

struct HoldingImpl(mpsc::UnboundedSender<&'static str>);

impl HoldingHub for HoldingImpl {
    async fn pair(&self, _: &Cx, left: UploadStream<u32>, right: UploadStream<u32>) -> HubResult<u32> {
        let _held = Held(self.0.clone());
        Ok((left.count().await + right.count().await) as u32)
    }

    async fn endless(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let held = Held(self.0.clone());
        Ok(HubStream::new(stream::poll_fn(move |_| {
            let _ = &held;
            std::task::Poll::Pending
        })))
    }

    async fn ask(&self, cx: &Cx) -> HubResult<u32> {
        Ok(cx.clients().caller().answer().await?)
    }

    async fn panics_on_drop(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let value = PanicsOnDrop;
        Ok(HubStream::new(stream::iter([1]).chain(stream::poll_fn(move |_| {
            let _ = &value;
            std::task::Poll::Pending
        }))))
    }

    async fn on_disconnected(&self, _: &Cx, _: Option<&DisconnectError>) {
        self.0.send("disconnected").ok();
    }
}

/// Reports what the hub has dropped.
pub(super) struct Dropped(mpsc::UnboundedReceiver<&'static str>);

impl Dropped {
    async fn waits_for(&mut self, what: &str) {
        while soon(self.0.recv()).await.expect("the server is there") != what {}
    }
}

/// The hub at `/chat`.
pub(super) async fn start(options: HubOptions) -> (Server, Dropped, HubMetrics) {
    let (held, dropped) = mpsc::unbounded_channel();
    let hubs = Hubs::new().map_with("/chat", HoldingHubContract, HoldingImpl(held), options);
    let metrics = hubs.metrics::<HoldingHubContract>();
    let (_, begun) = mpsc::unbounded_channel();
    let (_, ended) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
    let down = hubs.shutdown_on(app.shutdown.clone().cancelled_owned());
    (Server::serve_until(Router::new().merge(hubs.router()), app, down).await, Dropped(dropped), metrics)
}

/// A masked text frame.
pub(super) async fn send(socket: &mut TcpStream, message: &str) {
    let len = u16::try_from(message.len() + 1).unwrap().to_be_bytes();
    let frame = [&[0x81, 0x80 | 126, len[0], len[1], 0, 0, 0, 0], message.as_bytes(), &[0x1e]].concat();
    socket.write_all(&frame).await.unwrap();
}

/// Reads until `text` has come.
pub(super) async fn until(socket: &mut TcpStream, text: &str) -> String {
    let mut come = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&come).contains(text) {
            come.push(socket.read_u8().await.unwrap());
        }
    };
    soon(read).await;
    String::from_utf8_lossy(&come).into_owned()
}

/// Case 35.
#[tokio::test]
async fn a_call_cannot_name_one_stream_twice() {
    let (server, mut dropped, _) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    let call = r#"{"type":1,"invocationId":"1","target":"Pair","arguments":[],"streamIds":["a","b"]}"#;
    send(&mut socket, call).await;
    // One of the two would never end, and its method wait for ever.
    send(&mut socket, &call.replace("[\"a\",\"b\"]", "[\"c\",\"c\"]")).await;
    until(&mut socket, "Stream ID 'c' is already in use.").await;
    drop(socket);
    dropped.waits_for("held").await;
}

/// Case 40.
#[tokio::test]
async fn a_stream_that_says_nothing_ends_with_its_connection() {
    let (server, mut dropped, _) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    send(&mut socket, r#"{"type":4,"invocationId":"1","target":"Endless","arguments":[]}"#).await;
    send(&mut socket, r#"{"type":1,"invocationId":"2","target":"Nothing","arguments":[]}"#).await;
    until(&mut socket, "Method does not exist").await;
    drop(socket);
    dropped.waits_for("held").await;
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

/// Case 38.
#[tokio::test]
async fn streams_that_run_at_once_are_not_without_number() {
    let options = HubOptions::default().maximum_concurrent_streams_per_client(3_usize);
    let (server, mut dropped, metrics) = start(options).await;
    let mut socket = websocket_at(&server, "/chat").await;
    let endless = |id: u32| format!(r#"{{"type":4,"invocationId":"{id}","target":"Endless","arguments":[]}}"#);
    for id in 1..=4 {
        send(&mut socket, &endless(id)).await;
    }
    let come = until(&mut socket, "More than 3 streams at once.").await;
    assert!(come.contains(r#""invocationId":"4""#), "{come}");
    assert_eq!(metrics.refused_calls(), 1);
    // One that ends makes room.
    send(&mut socket, r#"{"type":5,"invocationId":"2"}"#).await;
    dropped.waits_for("held").await;
    until(&mut socket, r#""invocationId":"2""#).await;
    send(&mut socket, &endless(5)).await;
    send(&mut socket, &endless(6)).await;
    let come = until(&mut socket, "More than 3 streams at once.").await;
    assert!(come.contains(r#""invocationId":"6""#) && !come.contains(r#""invocationId":"5""#), "{come}");
}

/// Case 12: a WebSocket without a handshake, and one whose handshake never comes to its end.
#[tokio::test]
async fn case_12_a_handshake_that_does_not_come_or_drips_is_not_waited_for() {
    let limit = std::time::Duration::from_millis(300);
    let options = HubOptions::default().handshake_timeout(limit).close_timeout(limit);
    let (server, _, metrics) = start(options).await;
    let (_, mut silent) = server.upgrade("/chat", "").await;
    let (_, mut dripping) = server.upgrade("/chat", "").await;
    let drip = async {
        for byte in br#"{"protocol":"json""#.iter().cycle() {
            if dripping.write_all(&[0x81, 0x81, 0, 0, 0, 0, *byte]).await.is_err() {
                return;
            }
            let mut come = [0; 256];
            let reading = tokio::time::timeout(std::time::Duration::from_millis(20), dripping.read(&mut come)).await;
            if matches!(reading, Ok(Ok(0) | Err(_))) {
                return;
            }
        }
    };
    soon(drip).await;
    let mut rest = Vec::new();
    let _ = soon(silent.read_to_end(&mut rest)).await;
    assert!(String::from_utf8_lossy(&rest).contains("Handshake was canceled. (timed out)"), "{rest:?}");
    assert_eq!(metrics.closes(crate::CloseReason::Handshake), 2);
    assert_eq!(metrics.connections(), 0);
}

/// Case 45.
#[tokio::test]
async fn a_stream_that_panics_when_it_is_dropped_costs_its_call_and_no_more() {
    let (server, mut dropped, metrics) = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    send(&mut socket, r#"{"type":4,"invocationId":"1","target":"PanicsOnDrop","arguments":[]}"#).await;
    until(&mut socket, "\"item\":1").await;
    send(&mut socket, r#"{"type":5,"invocationId":"1"}"#).await;
    until(&mut socket, r#""error":"An error occurred on the server while streaming results.""#).await;
    drop(socket);
    dropped.waits_for("disconnected").await;
    let gone = async {
        while metrics.connections() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon(gone).await;
}
