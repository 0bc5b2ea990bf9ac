//! What a hub does while its node does not reach the others.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{io::AsyncWriteExt, sync::watch};

use super::{
    CLOSE_FRAME, HubOptions, Server,
    sessions::{EchoHubContract, EchoImpl, RESULT, call, frame, serve, text, websocket},
    soon, text_frame,
};
use crate::{
    BackplanePolicy, CloseReason, Hubs,
    backplane::{
        Appended, Backplane, BackplaneError, Health, Lease, LogEntry, LogKey, LogLimits, LogPosition, LogRead, Pending,
        Receive, Respond, Subscription,
    },
};

/// A backplane that cannot be reached, and says of its health what the test wants.
#[derive(Debug)]
pub(super) struct Unreachable(pub(super) watch::Sender<Health>);

impl Unreachable {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(watch::channel(Health::Healthy).0))
    }

    fn failed<T: Send + 'static>() -> Pending<T> {
        Box::pin(async { Err(BackplaneError::Unavailable("as the test wants".to_owned())) })
    }
}

impl Backplane for Unreachable {
    fn node(&self) -> &str {
        "node-1"
    }

    fn publish(&self, _: &str, _: Bytes) -> Pending<Option<usize>> {
        Self::failed()
    }

    fn subscribe(&self, _: &str, _: Receive) -> Subscription {
        Subscription::new(Self::failed, || {})
    }

    fn subscribers(&self, _: &str) -> Pending<Option<usize>> {
        Self::failed()
    }

    fn request(&self, _: &str, _: Bytes, _: Duration) -> Pending<Bytes> {
        Self::failed()
    }

    fn respond(&self, _: &str, _: Respond) -> Subscription {
        Subscription::new(Self::failed, || {})
    }

    fn acquire(&self, _: &str, _: Duration) -> Pending<Lease> {
        Self::failed()
    }

    fn renew(&self, _: Vec<String>, _: Duration) -> Pending<Vec<bool>> {
        Self::failed()
    }

    fn release(&self, _: &str) -> Pending<()> {
        Self::failed()
    }

    fn holder(&self, _: &str) -> Pending<Option<String>> {
        Self::failed()
    }

    fn append(&self, _: &str, _: Bytes, _: Option<LogKey<'_>>, _: LogLimits) -> Pending<Appended> {
        Self::failed()
    }

    fn end(&self, _: &str, _: LogLimits) -> Pending<LogPosition> {
        Self::failed()
    }

    fn read(&self, _: &str, _: LogPosition, _: usize) -> Pending<LogRead> {
        Self::failed()
    }

    fn latest(&self, _: &str, _: usize) -> Pending<Vec<LogEntry>> {
        Self::failed()
    }

    fn health(&self) -> watch::Receiver<Health> {
        self.0.subscribe()
    }
}

struct Node {
    server: Server,
    health: Arc<Unreachable>,
    metrics: crate::HubMetrics,
}

async fn start(policy: BackplanePolicy) -> Node {
    let health = Unreachable::new();
    let hubs = Hubs::new()
        .options(HubOptions::default().backplane_policy(policy))
        .shutdown_spread(Duration::from_millis(200))
        .backplane(Arc::clone(&health))
        .map("/chat", EchoHubContract, EchoImpl);
    let metrics = hubs.metrics::<EchoHubContract>();
    Node { server: serve(hubs).await, health, metrics }
}

impl Node {
    fn is(&self, health: Health) {
        self.health.0.send_replace(health);
    }

    async fn ready(&self) -> (u16, String) {
        let answer = self.server.request("GET", "/readyz", "").await;
        (answer.status, answer.body)
    }

    async fn negotiated(&self) -> u16 {
        self.server.request("POST", "/chat/negotiate?negotiateVersion=1", "").await.status
    }
}

fn is_ready() -> (u16, String) {
    (200, "ready".to_owned())
}

fn is_cut_off() -> (u16, String) {
    (503, "backplane".to_owned())
}

#[tokio::test]
async fn a_hub_that_keeps_serving_is_ready_and_lets_clients_in_while_the_others_are_lost() {
    let node = start(BackplanePolicy::KeepServing).await;
    node.is(Health::Lost);
    assert_eq!((node.ready().await, node.negotiated().await), (is_ready(), 200));
    let mut socket = websocket(&node.server).await;
    socket.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    assert_eq!(frame(&mut socket).await, text(RESULT));
}

#[tokio::test]
async fn a_hub_that_refuses_new_clients_serves_those_it_has_and_is_ready_again_with_the_others() {
    let node = start(BackplanePolicy::RefuseNew).await;
    let mut socket = websocket(&node.server).await;
    node.is(Health::Degraded);
    assert_eq!((node.ready().await, node.negotiated().await), (is_ready(), 200), "a moment is no loss");

    node.is(Health::Lost);
    assert_eq!(node.ready().await, is_cut_off());
    let refused = node.server.request("POST", "/chat/negotiate?negotiateVersion=1", "").await;
    refused.is(503, Some("text/plain"), "This server does not reach the others of its cluster.");
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(node.server.upgrade("/chat", "").await.0.status, 503, "without negotiation, too");
    assert_eq!(node.metrics.closes(CloseReason::BackplaneLost), 2);
    socket.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    assert_eq!(frame(&mut socket).await, text(RESULT));

    node.is(Health::Healthy);
    assert_eq!((node.ready().await, node.negotiated().await), (is_ready(), 200));
}

#[tokio::test]
async fn a_hub_that_closes_tells_its_clients_to_connect_again_and_refuses_them_until_the_others_are_back() {
    let node = start(BackplanePolicy::Close).await;
    let mut sockets = Vec::new();
    for _ in 0..5 {
        sockets.push(websocket(&node.server).await);
    }
    node.is(Health::Lost);
    for socket in &mut sockets {
        assert_eq!(frame(socket).await, text("{\"type\":7,\"allowReconnect\":true}\u{1e}"));
        socket.write_all(&CLOSE_FRAME).await.unwrap();
    }
    let counted = async {
        while node.metrics.closes(CloseReason::BackplaneLost) < 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon(counted).await;
    assert_eq!((node.ready().await, node.negotiated().await), (is_cut_off(), 503));
    node.is(Health::Healthy);
    assert_eq!((node.ready().await, node.negotiated().await), (is_ready(), 200));
}

/// With two connections one is told at once, and the other after half of a time that no clock can hold.
#[tokio::test]
async fn closing_stops_when_the_others_are_back_and_begins_again_when_they_are_lost_again() {
    let health = Unreachable::new();
    let hubs = Hubs::new()
        .options(HubOptions::default().backplane_policy(BackplanePolicy::Close))
        .shutdown_spread(Duration::MAX)
        .backplane(Arc::clone(&health))
        .map("/chat", EchoHubContract, EchoImpl);
    let server = serve(hubs).await;
    let mut sockets = [websocket(&server).await, websocket(&server).await];
    health.0.send_replace(Health::Lost);
    let [first, second] = &mut sockets;
    let other = soon(async {
        tokio::select! {
            _ = frame(first) => second,
            _ = frame(second) => first,
        }
    })
    .await;
    health.0.send_replace(Health::Healthy);
    other.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    assert_eq!(frame(other).await, text(RESULT));
    health.0.send_replace(Health::Lost);
    assert_eq!(frame(other).await, text("{\"type\":7,\"allowReconnect\":true}\u{1e}"));
}
