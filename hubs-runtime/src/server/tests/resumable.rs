//! Streams that a client reads on over another connection.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::{SinkExt, StreamExt, stream};
use serde_json::{Value, json};
use tokio::{net::TcpStream, sync::Semaphore};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use super::{Server, sessions::serve, soon};
use crate::{HubCallerContext, HubMetrics, HubOptions, HubResult, HubStream, Hubs, NoClient, UserId, hub};

type Cx = HubCallerContext<NoClient>;

const SECRET: &str = "0123456789abcdefghijkl";
const NOT_KEPT: &str = "The stream cannot be resumed: the server does not have the next item any more.";

#[hub(crate = "crate")]
trait CountHub {
    /// The numbers from 0, one for each permit.
    #[method(resumable)]
    async fn count(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    #[method(resumable)]
    async fn other(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    /// The same, and it is not kept.
    async fn plain(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    /// Items, and then an error.
    #[method(resumable)]
    async fn fail(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
}

#[derive(Clone)]
struct Counting {
    permits: Arc<Semaphore>,
    /// How many items were made, and how many streams were dropped.
    made: Arc<AtomicU32>,
    dropped: Arc<Semaphore>,
}

struct Dropped(Arc<Semaphore>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

impl CountHub for Counting {
    async fn count(&self, _: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        let (counting, dropped) = (self.clone(), Dropped(Arc::clone(&self.dropped)));
        Ok(HubStream::new(stream::unfold((0, dropped), move |(next, dropped)| {
            let counting = counting.clone();
            async move {
                if next == to {
                    return None;
                }
                counting.permits.acquire().await.unwrap().forget();
                counting.made.fetch_add(1, Ordering::Relaxed);
                Some((next, (next + 1, dropped)))
            }
        })))
    }

    async fn other(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        self.count(cx, to).await
    }

    async fn plain(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        self.count(cx, to).await
    }

    async fn fail(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        Ok(HubStream::fallible(stream::iter([Ok(1), Err(crate::HubError::client("broken"))])))
    }
}

struct Running {
    server: Server,
    metrics: HubMetrics,
    hub: Counting,
}

async fn start(permits: usize, options: HubOptions) -> Running {
    let hub = Counting {
        permits: Arc::new(Semaphore::new(permits)),
        made: Arc::default(),
        dropped: Arc::new(Semaphore::new(0)),
    };
    let hubs = Hubs::new()
        .user_id_provider(|request| request.uri.query()?.strip_prefix("user=").map(UserId::from))
        .map_with("/count", CountHubContract, hub.clone(), options);
    let metrics = hubs.metrics::<CountHubContract>();
    Running { server: serve(hubs).await, metrics, hub }
}

impl Running {
    async fn connect(&self) -> Client {
        self.connect_as("ada").await
    }

    async fn connect_as(&self, user: &str) -> Client {
        let stream = soon(TcpStream::connect(self.server.address)).await.unwrap();
        let url = format!("ws://{}/count?user={user}", self.server.address);
        let (mut socket, _) = soon(client_async(url, stream)).await.unwrap();
        soon(socket.send(Message::text("{\"protocol\":\"json\",\"version\":1}\u{1e}"))).await.unwrap();
        let mut client = Client { socket, waiting: Vec::new() };
        assert_eq!(client.next().await, json!({}));
        client
    }

    /// Waits until a stream of the hub was dropped.
    async fn dropped(&self) {
        soon(self.hub.dropped.acquire()).await.unwrap().forget();
    }

    async fn until_connected(&self, count: usize) {
        soon(async {
            while self.metrics.connections() != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }

    async fn until_kept(&self, count: usize) {
        soon(async {
            while self.metrics.resumable_streams() != count {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

struct Client {
    socket: WebSocketStream<TcpStream>,
    waiting: Vec<Value>,
}

impl Client {
    async fn next(&mut self) -> Value {
        loop {
            if !self.waiting.is_empty() {
                let message = self.waiting.remove(0);
                if message["type"] != 6 {
                    return message;
                }
                continue;
            }
            let text = soon(self.socket.next()).await.unwrap().unwrap().into_text().unwrap();
            let messages = text.split_terminator('\u{1e}').map(|text| serde_json::from_str(text).unwrap());
            self.waiting.extend(messages);
        }
    }

    async fn send(&mut self, message: Value) {
        soon(self.socket.send(Message::text(format!("{message}\u{1e}")))).await.unwrap();
    }

    async fn ask(&mut self, target: &str, arguments: Value, from: u64) {
        let headers = json!({"resume-stream": SECRET, "resume-from": from.to_string()});
        let call =
            json!({"type": 4, "invocationId": "1", "target": target, "arguments": arguments, "headers": headers});
        self.send(call).await;
    }

    async fn items(&mut self, items: std::ops::Range<u32>) {
        for item in items {
            assert_eq!(self.next().await, json!({"type": 2, "invocationId": "1", "item": item}));
        }
    }

    async fn ends(&mut self) {
        assert_eq!(self.next().await, json!({"type": 3, "invocationId": "1"}));
    }

    async fn fails(&mut self, text: &str) {
        let error = self.next().await["error"].as_str().unwrap_or_default().to_owned();
        assert!(error.ends_with(text), "{error}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_name_its_stream_gets_a_plain_one() {
    let running = start(3, HubOptions::default()).await;
    let mut client = running.connect().await;
    client.send(json!({"type": 4, "invocationId": "1", "target": "Count", "arguments": [3]})).await;
    client.items(0..3).await;
    client.ends().await;
    assert_eq!(running.metrics.resumable_streams(), 0);
}

#[tokio::test]
async fn another_connection_of_the_user_reads_on_where_the_first_was_cut() {
    let running = start(4, HubOptions::default()).await;
    let mut client = running.connect().await;
    client.ask("Count", json!([10]), 0).await;
    client.items(0..4).await;
    drop(client);
    // It goes on without a reader.
    running.hub.permits.add_permits(3);
    let mut client = running.connect().await;
    client.ask("Count", json!([10]), 2).await;
    client.items(2..7).await;
    running.hub.permits.add_permits(3);
    client.items(7..10).await;
    client.ends().await;
    drop(client);
    // The end may have been lost, too.
    let mut client = running.connect().await;
    client.ask("Count", json!([10]), 10).await;
    client.ends().await;
    assert_eq!(running.hub.made.load(Ordering::Relaxed), 10, "each item was made once");
}

#[tokio::test]
async fn an_error_of_the_stream_reaches_the_client() {
    let running = start(0, HubOptions::default()).await;
    let mut client = running.connect().await;
    client.ask("Fail", json!([]), 0).await;
    client.items(1..2).await;
    client.fails("broken").await;
}

#[tokio::test]
async fn a_client_is_told_that_items_are_not_kept_any_more() {
    let running = start(100, HubOptions::default().resumable_stream_items(3_usize)).await;
    let mut client = running.connect().await;
    client.ask("Count", json!([100]), 0).await;
    client.items(0..100).await;
    client.ends().await;
    for (from, is_kept) in [(96, false), (97, true), (101, false)] {
        let mut client = running.connect().await;
        client.ask("Count", json!([100]), from).await;
        if is_kept {
            client.items(97..100).await;
            client.ends().await;
        } else {
            client.fails(NOT_KEPT).await;
        }
    }
}

#[tokio::test]
async fn only_the_same_call_of_the_same_user_reads_on() {
    let running = start(2, HubOptions::default()).await;
    let mut client = running.connect().await;
    client.ask("Count", json!([10]), 0).await;
    client.items(0..2).await;
    drop(client);
    let mut other = running.connect_as("eve").await;
    other.ask("Count", json!([10]), 2).await;
    other.fails(NOT_KEPT).await;
    let mut client = running.connect().await;
    client.ask("Other", json!([10]), 2).await;
    client.fails(NOT_KEPT).await;
    client.ask("Count", json!([10]), 2).await;
    running.hub.permits.add_permits(8);
    client.items(2..10).await;
}

#[tokio::test]
async fn a_stream_that_its_client_cancels_is_dropped_at_once() {
    let running = start(1, HubOptions::default()).await;
    let mut client = running.connect().await;
    client.ask("Count", json!([10]), 0).await;
    client.items(0..1).await;
    assert_eq!(running.metrics.resumable_streams(), 1);
    client.send(json!({"type": 5, "invocationId": "1"})).await;
    running.dropped().await;
    running.until_kept(0).await;
}

#[tokio::test]
async fn a_stream_without_a_reader_makes_no_more_than_is_kept_and_then_ends() {
    let options = HubOptions::default().resumable_stream_items(5_usize);
    let running = start(1, options.resumable_stream_timeout(Duration::from_millis(200))).await;
    let mut client = running.connect().await;
    client.ask("Count", json!([100]), 0).await;
    client.items(0..1).await;
    drop(client);
    running.until_connected(0).await;
    running.hub.permits.add_permits(99);
    running.dropped().await;
    running.until_kept(0).await;
    assert_eq!(running.hub.made.load(Ordering::Relaxed), 5);
    let mut client = running.connect().await;
    client.ask("Count", json!([100]), 1).await;
    client.fails(NOT_KEPT).await;
}

#[tokio::test]
async fn a_new_stream_takes_the_place_of_one_that_waits() {
    let running = start(2, HubOptions::default().maximum_resumable_streams(1_usize)).await;
    let mut client = running.connect().await;
    client.ask("Count", json!([10]), 0).await;
    client.items(0..1).await;
    let mut second = running.connect().await;
    let headers = json!({"resume-stream": format!("{SECRET}2")});
    let call = json!({"type": 4, "invocationId": "1", "target": "Fail", "arguments": [], "headers": headers});
    // The first has its reader, so the second is not kept.
    second.send(call.clone()).await;
    second.items(1..2).await;
    second.fails("broken").await;
    drop(client);
    running.until_connected(1).await;
    assert_eq!(running.hub.dropped.available_permits(), 0);
    second.send(call).await;
    second.items(1..2).await;
    second.fails("broken").await;
    running.dropped().await;
    assert_eq!(running.metrics.resumable_streams(), 1);
}

#[tokio::test]
async fn a_stream_that_is_not_kept_does_not_begin_again() {
    let running = start(3, HubOptions::default()).await;
    let mut client = running.connect().await;
    client.ask("Plain", json!([3]), 1).await;
    client.fails(NOT_KEPT).await;
    client.ask("Plain", json!([3]), 0).await;
    client.items(0..3).await;
}

#[tokio::test]
async fn headers_that_make_no_sense_fail_the_call() {
    let running = start(1, HubOptions::default()).await;
    let mut client = running.connect().await;
    for headers in [json!({"resume-stream": "short"}), json!({"resume-stream": SECRET, "resume-from": "-1"})] {
        let call = json!({"type": 4, "invocationId": "1", "target": "Count", "arguments": [1], "headers": headers});
        client.send(call).await;
        client.fails("`resume-from` a number.").await;
    }
}
