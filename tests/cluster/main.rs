//! Nodes of one cluster on a real Redis, seen by their clients and by an application on each node. What must hold on one
//! node holds between nodes, too. Clients are those of the test kit, or write their bytes themselves.

mod clocks;
mod membership;
mod names;
mod raw;
mod redis;
mod results;
mod strangers;
mod users;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use hubs::{
    BackplaneMessages, HubCallerContext, HubContext, HubOptions, HubResult, Hubs, Principal, SigningKeys,
    backplane::Redis,
    client_interface, hub,
    testing::{RecordingClient, TestServer, with_default_timeout},
};
use hubs_tests::RedisServer;
use tokio::sync::Notify;

type Cx = HubCallerContext<GuestClientContract>;

#[client_interface]
pub(crate) trait GuestClient {
    async fn hear(&self, text: String) -> HubResult<()>;
    async fn guess(&self, round: u32) -> HubResult<i32>;
}

#[hub(client = GuestClient)]
pub(crate) trait RoomHub {
    /// Waits until the test lets it go on.
    async fn hold(&self, cx: &Cx) -> HubResult<()>;
    async fn count(&self, cx: &Cx) -> HubResult<u32>;
}

/// What a node's hub has done.
#[derive(Default)]
struct Done {
    counted: AtomicU32,
    held: Notify,
    release: Notify,
}

struct Room(Arc<Done>);

impl RoomHub for Room {
    async fn hold(&self, _: &Cx) -> HubResult<()> {
        self.0.held.notify_one();
        self.0.release.notified().await;
        Ok(())
    }

    async fn count(&self, _: &Cx) -> HubResult<u32> {
        Ok(self.0.counted.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

type Guest = RecordingClient<RoomHubContract>;

/// One node.
struct Node {
    server: TestServer,
    done: Arc<Done>,
}

impl Node {
    fn start(redis: &RedisServer, name: &str) -> Self {
        Self::with(redis, name, |redis| redis, |options| options)
    }

    fn with(
        redis: &RedisServer,
        name: &str,
        backplane: impl FnOnce(Redis) -> Redis,
        options: impl FnOnce(HubOptions) -> HubOptions,
    ) -> Self {
        Self::at(&redis.url(), name, backplane, options)
    }

    fn at(
        url: &str,
        name: &str,
        backplane: impl FnOnce(Redis) -> Redis,
        options: impl FnOnce(HubOptions) -> HubOptions,
    ) -> Self {
        let node = Redis::connect(url).and_then(|node| node.node_name(name)).expect("an address");
        let done = Arc::<Done>::default();
        let options = options(HubOptions::default().token_keys(SigningKeys::new([7; 32])));
        let hubs = Hubs::new().backplane(backplane(node));
        let hubs = hubs.map_with("/room", RoomHubContract, Room(Arc::clone(&done)), options);
        Self { server: TestServer::new(hubs), done }
    }

    async fn guest(&self, user: &str) -> Guest {
        let client = self.server.client().user(Principal::new(user)).record(RoomHubContract);
        with_default_timeout(client).await.expect("it connects")
    }

    fn context(&self) -> HubContext<RoomHubContract> {
        self.server.hubs().context()
    }

    fn dropped(&self) -> u64 {
        self.server.hubs().metrics::<RoomHubContract>().backplane_messages(BackplaneMessages::Dropped)
    }
}

fn pair(redis: &RedisServer) -> [Node; 2] {
    ["north", "south"].map(|name| Node::start(redis, name))
}

/// All that a guest was told, up to `end`, which this node tells it last.
async fn told(node: &Node, guest: &Guest) -> Vec<String> {
    let end = node.context().clients().client(guest.connection_id().clone()).hear("end".into());
    with_default_timeout(end).await.expect("told");
    let mut all = Vec::new();
    loop {
        match guest.next_hear().await {
            text if text == "end" => return all,
            text => all.push(text),
        }
    }
}
