//! What ends a user's connections on all nodes of a cluster, seen from one.

use std::{sync::Arc, time::Duration};

use hubs::{
    HubCallerContext, HubResult, Hubs, NoClient, Principal, SendError,
    backplane::{Backplane, BackplaneError, Health, MemoryBackplane, MemoryCluster},
    hub,
    testing::{TestClient, TestServer, with_default_timeout},
};

type Cx = HubCallerContext<NoClient>;

#[hub]
trait DeskHub {
    async fn answer(&self, cx: &Cx) -> HubResult<u32>;
}

struct Desk;

impl DeskHub for Desk {
    async fn answer(&self, _: &Cx) -> HubResult<u32> {
        Ok(42)
    }
}

/// A node, and a client of each user on it.
struct Node {
    server: TestServer,
    backplane: MemoryBackplane,
    clients: Vec<TestClient<DeskHubContract>>,
}

impl Node {
    async fn start(cluster: &MemoryCluster, name: &str, users: &[&str]) -> Self {
        let backplane = cluster.node(name);
        let server = TestServer::new(Hubs::new().backplane(backplane.clone()).map("/desk", DeskHubContract, Desk));
        let mut clients = Vec::new();
        for user in users {
            let client = server.client().user(Principal::new(*user)).connect(DeskHubContract, ());
            clients.push(with_default_timeout(client).await.expect("connects"));
        }
        Self { server, backplane, clients }
    }

    async fn disconnect(&self, user: &str) -> Result<usize, SendError> {
        let context = self.server.hubs().context::<DeskHubContract>();
        with_default_timeout(context.disconnect_user(user)).await
    }
}

#[tokio::test(start_paused = true)]
async fn b3_10_all_connections_of_a_user_are_ended_on_all_nodes() {
    let cluster = MemoryCluster::new();
    let north = Node::start(&cluster, "north", &["ann", "bob"]).await;
    let south = Node::start(&cluster, "south", &["ann", "ann"]).await;
    let east = Node::start(&cluster, "east", &["cem"]).await;
    assert_eq!(north.disconnect("ann").await.expect("all nodes answer"), 3);
    for client in north.clients.iter().take(1).chain(&south.clients) {
        with_default_timeout(client.closed()).await;
    }
    for client in [&north.clients[1], &east.clients[0]] {
        assert_eq!(client.hub().answer().await.expect("others are not affected"), 42);
    }
    assert_eq!(east.disconnect("ann").await.expect("all nodes answer"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_reach_the_others_ends_its_own_and_returns_the_error() {
    let cluster = MemoryCluster::new();
    let north = Node::start(&cluster, "north", &["ann"]).await;
    let south = Node::start(&cluster, "south", &["ann"]).await;
    north.backplane.set_health(Health::Lost);
    let failed = north.disconnect("ann").await;
    assert!(matches!(failed, Err(SendError::Backplane(BackplaneError::Unavailable(_)))), "{failed:?}");
    with_default_timeout(north.clients[0].closed()).await;
    assert_eq!(south.clients[0].hub().answer().await.expect("it was not told"), 42);
}

#[tokio::test(start_paused = true)]
async fn a_node_that_does_not_answer_is_an_error_after_two_seconds() {
    let cluster = MemoryCluster::new();
    let north = Node::start(&cluster, "north", &["ann"]).await;
    let silent = cluster.node("silent");
    let _hears = silent.subscribe("DeskHub:internal:hubs", Arc::new(|_| {}));
    let failed = north.disconnect("ann").await;
    let limit = Duration::from_secs(2);
    assert!(
        matches!(failed, Err(SendError::Backplane(BackplaneError::TimedOut(after))) if after == limit),
        "{failed:?}"
    );
    with_default_timeout(north.clients[0].closed()).await;
}
