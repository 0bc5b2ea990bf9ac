//! Several nodes behind one address: each request goes to the next one, whatever its connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
};
use futures_util::future::join_all;
use http::StatusCode;
use hubs::{
    HubOptions, Hubs, SigningKeys, TransportKind,
    backplane::{Backplane, Health, MemoryBackplane, MemoryCluster, Redis},
};
use hubs_tests::RedisServer;
use tower::ServiceExt;

use crate::{
    hub::{Server, connect, hubs, order, within},
    matrix::{column, render},
};

const NAMES: [&str; 3] = ["north", "east", "south"];
const KINDS: [TransportKind; 3] =
    [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];

/// Three nodes, and the server that spreads requests over them.
struct Cluster {
    server: Server,
    routers: Vec<Router>,
    /// How many requests were passed to a node.
    requests: Arc<AtomicUsize>,
    _hubs: Vec<Hubs>,
}

impl Cluster {
    fn of(nodes: impl IntoIterator<Item = impl Backplane>) -> Self {
        let options = || HubOptions::default().token_keys(SigningKeys::new([7; 32]));
        let served: Vec<_> = nodes.into_iter().map(|node| hubs(Hubs::new().backplane(node), options())).collect();
        let routers: Vec<Router> = served.iter().map(Hubs::router).collect();
        let requests = Arc::<AtomicUsize>::default();
        let (next, spread) = (Arc::clone(&requests), routers.clone());
        let app = Router::new().fallback(move |request: Request| {
            let router = spread[next.fetch_add(1, Ordering::Relaxed) % spread.len()].clone();
            async move { router.oneshot(request).await }
        });
        let server = Server::serve("127.0.0.1:0".parse().expect("an address"), app, None);
        Self { server, routers, requests, _hubs: served }
    }

    fn in_memory() -> (Self, Vec<MemoryBackplane>) {
        let cluster = MemoryCluster::new();
        let nodes: Vec<_> = NAMES.map(|name| cluster.node(name)).into();
        (Self::of(nodes.clone()), nodes)
    }

    fn over_redis() -> (Self, RedisServer) {
        let redis = RedisServer::start();
        let node = |name| Redis::connect(&redis.url()).and_then(|node| node.node_name(name)).expect("an address");
        (Self::of(NAMES.map(node)), redis)
    }

    /// Sends a request to one node, and gives the status and the body of the answer.
    async fn send(&self, node: usize, user: &str, method: &str, path: &str, body: &str) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {user}"));
        let request = request.header("host", "localhost").body(Body::from(body.to_owned())).expect("a request");
        let answer = within(self.routers[node].clone().oneshot(request)).await.expect("an answer");
        let status = answer.status();
        let body = within(to_bytes(answer.into_body(), 1 << 20)).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// The path of a connection that a user has negotiated with a node.
    async fn negotiate(&self, node: usize, user: &str) -> String {
        let (status, body) = self.send(node, user, "POST", "/lab/negotiate?negotiateVersion=1", "").await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let negotiated: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        format!("/lab?id={}", negotiated["connectionToken"].as_str().expect("a token"))
    }
}

/// Every feature over every transport, each request on another node.
async fn every_feature_works(cluster: &Cluster) {
    let mut columns = Vec::new();
    for kind in KINDS {
        let builder = || cluster.server.client().transports([kind]);
        columns.push((kind.name().to_owned(), column(builder, kind, false).await));
    }
    let polls = || cluster.server.client().transports([TransportKind::LongPolling]).messagepack();
    columns.push(("LP, MessagePack".to_owned(), column(polls, TransportKind::LongPolling, false).await));
    let table = render(&columns);
    println!("{table}{} requests", cluster.requests.load(Ordering::Relaxed));
    assert!(!table.contains("FAIL"), "the errors are above");
}

/// Clients over every transport, on all nodes, reach each other.
async fn clients_reach_each_other(cluster: &Cluster) {
    let clients = (0..9).map(|number| connect(cluster.server.client().transports([KINDS[number % KINDS.len()]])));
    let mut clients = join_all(clients).await;
    for client in &clients {
        within(client.lab.join("red".into())).await.expect("joined");
    }
    within(clients[0].lab.broadcast("me".into(), order("all"))).await.expect("sent");
    within(clients[4].lab.tell_group("red".into(), order("group"))).await.expect("sent");
    for client in &mut clients {
        let mut told = [client.next().await.1, client.next().await.1];
        // They were sent by two clients: which comes first is not promised.
        told.sort_by_key(|order| order.symbol_name.clone());
        assert_eq!(told, [order("all"), order("group")]);
        assert_eq!(within(client.lab.ask(2, 3)).await.expect("an answer"), 5);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_may_go_to_another_node() {
    every_feature_works(&Cluster::in_memory().0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_may_go_to_another_node_over_redis() {
    let (cluster, _redis) = Cluster::over_redis();
    every_feature_works(&cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_all_nodes_are_told_and_asked() {
    clients_reach_each_other(&Cluster::in_memory().0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_all_nodes_are_told_and_asked_over_redis() {
    let (cluster, _redis) = Cluster::over_redis();
    clients_reach_each_other(&cluster).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_body_is_passed_on_whole() {
    let (cluster, _) = Cluster::in_memory();
    let client = connect(cluster.server.client().transports([TransportKind::LongPolling])).await;
    let mut large = order("large");
    large.tags = vec!["x".repeat(30_000)];
    // Each call is less than the hub's limit for a message; they are sent together.
    let calls = join_all((0..30).map(|_| client.lab.echo(large.clone())));
    for answer in within(calls).await {
        assert_eq!(answer.expect("an answer"), large);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_belongs_to_its_user_on_every_node() {
    let (cluster, _) = Cluster::in_memory();
    let path = cluster.negotiate(0, "ann").await;
    assert_eq!(cluster.send(1, "ann", "GET", &path, "").await.0, StatusCode::OK, "the first poll");
    let handshake = "{\"protocol\":\"json\",\"version\":1}\u{1e}";
    for node in 0..3 {
        for (method, body) in [("POST", handshake), ("GET", ""), ("DELETE", "")] {
            let (status, _) = cluster.send(node, "bob", method, &path, body).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} on node {node}");
        }
    }
    assert_eq!(cluster.send(2, "ann", "POST", &path, handshake).await.0, StatusCode::OK);
    assert_eq!(cluster.send(0, "ann", "GET", &path, "").await, (StatusCode::OK, "{}\u{1e}".to_owned()));
    assert_eq!(cluster.send(2, "ann", "DELETE", &path, "").await.0, StatusCode::ACCEPTED);
    for node in 0..3 {
        let (status, _) = cluster.send(node, "ann", "POST", &path, handshake).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "it has ended, also for node {node}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_passed_on_fails() {
    let (cluster, nodes) = Cluster::in_memory();
    let client = connect(cluster.server.client().transports([TransportKind::LongPolling])).await;
    within(client.lab.nothing()).await.expect("an answer");
    for node in &nodes {
        node.set_health(Health::Lost);
    }
    // Every third request reaches the owner itself.
    within(async { while client.lab.nothing().await.is_ok() {} }).await;
}
