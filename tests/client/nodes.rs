//! Several nodes behind one address: each request goes to the next one, whatever its connection.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, extract::Request};
use futures_util::future::join_all;
use hubs::{
    HubOptions, Hubs, SigningKeys, TransportKind,
    backplane::{Health, MemoryBackplane, MemoryCluster},
};
use tower::ServiceExt;

use crate::{
    hub::{Server, connect, hubs, order, within},
    matrix::{column, render},
};

/// Three nodes, and the server that spreads requests over them.
struct Cluster {
    server: Server,
    nodes: Vec<MemoryBackplane>,
    /// How many requests were passed to a node.
    requests: Arc<AtomicUsize>,
    _hubs: Vec<Hubs>,
}

impl Cluster {
    fn start(options: &HubOptions) -> Self {
        let cluster = MemoryCluster::new();
        let nodes: Vec<_> = ["north", "east", "south"].map(|name| cluster.node(name)).into();
        let options = || options.clone().token_keys(SigningKeys::new([7; 32]));
        let served: Vec<_> = nodes.iter().map(|node| hubs(Hubs::new().backplane(node.clone()), options())).collect();
        let routers: Vec<Router> = served.iter().map(Hubs::router).collect();
        let requests = Arc::<AtomicUsize>::default();
        let next = Arc::clone(&requests);
        let app = Router::new().fallback(move |request: Request| {
            let router = routers[next.fetch_add(1, Ordering::Relaxed) % routers.len()].clone();
            async move { router.oneshot(request).await }
        });
        let server = Server::serve("127.0.0.1:0".parse().expect("an address"), app, None);
        Self { server, nodes, requests, _hubs: served }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_may_go_to_another_node() {
    let cluster = Cluster::start(&HubOptions::default());
    let mut columns = Vec::new();
    for kind in [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling] {
        let builder = || cluster.server.client().transports([kind]);
        columns.push((kind.name().to_owned(), column(builder, kind, false).await));
    }
    let polls = || cluster.server.client().transports([TransportKind::LongPolling]).messagepack();
    columns.push(("LP, MessagePack".to_owned(), column(polls, TransportKind::LongPolling, false).await));
    let table = render(&columns);
    println!("{table}{} requests", cluster.requests.load(Ordering::Relaxed));
    assert!(!table.contains("FAIL"), "the errors are above");
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_of_all_nodes_are_told_and_asked() {
    let cluster = Cluster::start(&HubOptions::default());
    let kinds = [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];
    let clients = (0..9).map(|number| connect(cluster.server.client().transports([kinds[number % kinds.len()]])));
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
async fn what_cannot_be_passed_on_fails() {
    let cluster = Cluster::start(&HubOptions::default());
    let client = connect(cluster.server.client().transports([TransportKind::LongPolling])).await;
    within(client.lab.nothing()).await.expect("an answer");
    for node in &cluster.nodes {
        node.set_health(Health::Lost);
    }
    // Every third request reaches the owner itself.
    within(async { while client.lab.nothing().await.is_ok() {} }).await;
}
