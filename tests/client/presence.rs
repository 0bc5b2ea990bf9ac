//! Who is in a group: what clients are told, over several nodes.

use std::time::Duration;

use hubs::{
    HubCallerContext, HubContext, HubOptions, HubResult, Hubs, Present, SendError,
    backplane::{Backplane, MemoryBackplane, MemoryCluster, Redis},
    client::{GroupPresence, HubClient, HubConnection, HubConnectionBuilder, HubConnectionState, RetryPolicy},
    client_interface, hub, hub_type,
};
use hubs_tests::RedisServer;
use tokio::sync::mpsc;

use crate::{
    hub::{Server, within},
    network::Network,
};

#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    name: String,
    /// Larger than 32 bits.
    score: u64,
}

#[client_interface(presence = Member)]
trait RoomClient {
    async fn said(&self, text: String) -> HubResult<()>;
}

type Cx = HubCallerContext<RoomClientContract>;

#[hub(client = RoomClient)]
trait RoomHub {
    async fn join(&self, cx: &Cx, room: String, name: String) -> HubResult<()>;
    async fn join_as(&self, cx: &Cx, room: String, key: String, name: String) -> HubResult<()>;
    async fn watch(&self, cx: &Cx, room: String) -> HubResult<()>;
    async fn leave(&self, cx: &Cx, room: String) -> HubResult<()>;
    async fn remove(&self, cx: &Cx, room: String) -> HubResult<()>;
    /// Joins, and lists the members at once.
    async fn join_and_list(&self, cx: &Cx, room: String, name: String) -> HubResult<Vec<String>>;
    async fn count(&self, cx: &Cx, room: String) -> HubResult<u32>;
}

struct Rooms;

const SCORE: u64 = (1 << 53) - 1;

fn shows(name: String) -> Member {
    Member { name, score: SCORE }
}

impl RoomHub for Rooms {
    async fn join(&self, cx: &Cx, room: String, name: String) -> HubResult<()> {
        cx.groups().add(cx.connection_id(), &room).await?;
        Ok(cx.presence().track(cx.connection_id(), room, shows(name))?)
    }

    async fn join_as(&self, cx: &Cx, room: String, key: String, name: String) -> HubResult<()> {
        Ok(cx.presence().track_as(cx.connection_id(), room, key, shows(name))?)
    }

    async fn watch(&self, cx: &Cx, room: String) -> HubResult<()> {
        Ok(cx.presence().watch(cx.connection_id(), room)?)
    }

    async fn leave(&self, cx: &Cx, room: String) -> HubResult<()> {
        cx.presence().untrack(cx.connection_id(), room);
        Ok(())
    }

    async fn remove(&self, cx: &Cx, room: String) -> HubResult<()> {
        Ok(cx.groups().remove(cx.connection_id(), room).await?)
    }

    async fn join_and_list(&self, cx: &Cx, room: String, name: String) -> HubResult<Vec<String>> {
        cx.presence().track(cx.connection_id(), &room, shows(name))?;
        Ok(cx.presence().list(room).await.into_iter().map(|present| present.meta.name).collect())
    }

    async fn count(&self, cx: &Cx, room: String) -> HubResult<u32> {
        Ok(u32::try_from(cx.presence().count(room).await)?)
    }
}

/// How long members are shown who have gone.
const LEAVE_DELAY: Duration = Duration::from_millis(500);

fn options() -> HubOptions {
    HubOptions::default().presence_leave_delay(LEAVE_DELAY).presence_list_limit(3)
}

/// A node of the hub.
struct Node {
    server: Server,
    context: HubContext<RoomHubContract>,
}

impl Node {
    fn start(backplane: Option<impl Backplane>) -> Self {
        let hubs = backplane.map(|backplane| Hubs::new().backplane(backplane)).unwrap_or_default();
        let hubs = hubs.user_id_provider(|request| {
            let token = request.headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
            (!token.is_empty()).then(|| token.into())
        });
        let hubs = hubs.map_with("/room", RoomHubContract, Rooms, options());
        let context = hubs.context::<RoomHubContract>();
        let server = Server::serve("127.0.0.1:0".parse().expect("an address"), hubs.router(), Some(hubs));
        Self { server, context }
    }

    fn alone() -> Self {
        Self::start(None::<MemoryBackplane>)
    }

    /// The names of the members.
    async fn list(&self, room: &str) -> Vec<String> {
        let list = within(self.context.presence().list(room)).await;
        list.into_iter().map(|Present { meta, .. }| meta.name).collect()
    }
}

struct Screen;

impl RoomClient for Screen {
    async fn said(&self, _: String) -> HubResult<()> {
        Ok(())
    }
}

struct Guest {
    room: HubClient<RoomHubContract>,
    seen: mpsc::UnboundedReceiver<GroupPresence<Member>>,
    network: Network,
}

impl Guest {
    async fn come(node: &Node, user: &str) -> Self {
        Self::come_with(node, user, |builder| builder).await
    }

    async fn come_with(node: &Node, user: &str, with: fn(HubConnectionBuilder) -> HubConnectionBuilder) -> Self {
        let network = Network::to(node.server.address).await;
        let (sender, seen) = mpsc::unbounded_channel();
        let user = user.to_owned();
        let builder = HubConnection::builder(&network.url("/room"))
            .access_token_provider(move || std::future::ready(Ok::<_, std::io::Error>(user.clone())))
            .reconnect(RetryPolicy::new(|_| Some(Duration::from_millis(20))))
            .on_presence(move |presence| _ = sender.send(presence));
        let room = within(with(builder).connect(RoomHubContract, Screen)).await.expect("it connects");
        Self { room, seen, network }
    }

    /// Joins the room `red`.
    async fn join(&self, name: &str) {
        within(self.room.join("red".into(), name.to_owned())).await.expect("joined");
    }

    /// What it is told next.
    async fn next(&mut self) -> GroupPresence<Member> {
        within(self.seen.recv()).await.expect("the client is there")
    }

    /// What it is told when the room has these members, in any order: name and number of connections.
    async fn until(&mut self, expected: &[(&str, u32)]) -> GroupPresence<Member> {
        loop {
            let presence = self.next().await;
            let Some(members) = &presence.members else { continue };
            let mut members: Vec<_> = members.iter().map(|one| (one.meta.name.as_str(), one.connections)).collect();
            members.sort_unstable();
            if members == expected {
                return presence;
            }
        }
    }
}

#[tokio::test]
async fn clients_see_who_is_there_who_comes_and_who_goes() {
    let node = Node::alone();
    let mut ann = Guest::come(&node, "ann").await;
    ann.join("Ann").await;
    let first = ann.next().await;
    let present = &first.members.expect("all members")[0];
    assert_eq!((present.key.as_str(), &present.meta, present.connections), ("ann", &shows("Ann".into()), 1));
    assert_eq!((first.group.as_str(), first.count, first.joined), ("red", 1, vec!["ann".to_owned()]));

    let mut bob = Guest::come_with(&node, "bob", HubConnectionBuilder::messagepack).await;
    bob.join("Bob").await;
    let seen = bob.until(&[("Ann", 1), ("Bob", 1)]).await;
    assert_eq!(seen.joined, ["ann", "bob"], "it is told all members first");
    assert_eq!(seen.members.expect("members")[0].meta.score, SCORE);
    assert_eq!(ann.until(&[("Ann", 1), ("Bob", 1)]).await.joined, ["bob"]);

    // What a member shows can change.
    bob.join("Robert").await;
    let changed = ann.until(&[("Ann", 1), ("Robert", 1)]).await;
    assert!(changed.joined.is_empty() && changed.left.is_empty());

    drop(bob);
    assert_eq!(ann.until(&[("Ann", 1)]).await.left, ["bob"]);
    assert_eq!(node.list("red").await, ["Ann"]);
}

#[tokio::test]
async fn the_connections_of_a_user_are_one_member() {
    let node = Node::alone();
    let mut ann = Guest::come(&node, "ann").await;
    ann.join("at the desk").await;
    let phone = Guest::come(&node, "ann").await;
    phone.join("on the way").await;
    ann.until(&[("on the way", 2)]).await;
    drop(phone);
    // It shows again what the other connection does, and has not left.
    let seen = ann.until(&[("at the desk", 1)]).await;
    assert!(seen.left.is_empty());
    // Without a user, each connection is a member.
    for name in ["One", "Two"] {
        let nameless = Guest::come(&node, "").await;
        let listed = within(nameless.room.join_and_list("blue".into(), name.into())).await.expect("joined");
        assert_eq!(listed.last().map(String::as_str), Some(name), "it is there at once");
    }
    assert_eq!(within(ann.room.count("blue".into())).await.expect("counted"), 2);
    // A key that the hub chooses.
    for _ in 0..2 {
        within(ann.room.join_as("green".into(), "__proto__".into(), "Team".into())).await.expect("joined");
    }
    assert_eq!(node.list("green").await, ["Team"]);
}

#[tokio::test]
async fn who_comes_back_at_once_has_not_left() {
    let node = Node::alone();
    let (mut ann, bob) = (Guest::come(&node, "ann").await, Guest::come(&node, "bob").await);
    ann.join("Ann").await;
    bob.join("Bob").await;
    ann.until(&[("Ann", 1), ("Bob", 1)]).await;
    bob.network.cut();
    let mut states = bob.room.connection().states();
    within(states.wait_for(|state| !state.is_connected())).await.expect("the client is there");
    within(states.wait_for(HubConnectionState::is_connected)).await.expect("the client is there");
    bob.join("Bob is back").await;
    let seen = ann.until(&[("Ann", 1), ("Bob is back", 1)]).await;
    assert!(seen.joined.is_empty() && seen.left.is_empty());
}

#[tokio::test]
async fn who_watches_is_not_shown_and_who_leaves_sees_nothing() {
    let node = Node::alone();
    let (mut ann, mut bob) = (Guest::come(&node, "ann").await, Guest::come(&node, "bob").await);
    within(bob.room.watch("red".into())).await.expect("it watches");
    assert_eq!(bob.next().await.count, 0);
    ann.join("Ann").await;
    bob.until(&[("Ann", 1)]).await;
    assert_eq!(ann.next().await.count, 1);
    // Removed from the group, it sees its members no more.
    within(ann.room.remove("red".into())).await.expect("removed");
    let end = ann.next().await;
    assert_eq!((end.members, end.count), (None, 0));
    assert_eq!(bob.until(&[]).await.left, ["ann"]);
    within(bob.room.leave("red".into())).await.expect("it has left");
    assert_eq!(bob.next().await.members, None);
    // A member that watches from now on is not shown.
    bob.join("Bob").await;
    bob.until(&[("Bob", 1)]).await;
    within(bob.room.watch("red".into())).await.expect("it watches");
    bob.until(&[]).await;
}

#[tokio::test]
async fn a_large_group_is_a_number() {
    let node = Node::alone();
    let mut ann = Guest::come(&node, "ann").await;
    ann.join("Ann").await;
    let mut others = Vec::new();
    for user in ["bob", "carl", "dora", "emil"] {
        let guest = Guest::come(&node, user).await;
        guest.join(user).await;
        others.push(guest);
    }
    let counted = loop {
        let seen = ann.next().await;
        if seen.members.is_none() {
            break seen;
        }
    };
    assert!(counted.count > 3, "{counted:?}");
    assert_eq!(node.list("red").await.len(), 5);
    others.truncate(2);
    // They are listed again.
    ann.until(&[("Ann", 1), ("bob", 1), ("carl", 1)]).await;
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let node = Node::alone();
    let ann = Guest::come(&node, "ann").await;
    let presence = node.context.presence();
    let id = ann.room.connection().id().expect("it is connected");
    let track =
        |key: String, name: String| presence.track_as(&id, "red", key, shows(name)).map_err(|error| error.to_string());
    track("k".repeat(256), "n".repeat(900)).expect("it fits");
    assert_eq!(
        track("k".repeat(257), String::new()).unwrap_err(),
        "the member's key has 257 bytes, and may have 256: take a shorter one"
    );
    let error = track(String::new(), "n".repeat(1024)).unwrap_err();
    assert!(error.contains("HubOptions::presence_member_size allows 1024"), "{error}");
    let error = presence.watch(&id, "g".repeat(2000)).unwrap_err();
    assert!(matches!(error, SendError::GroupNameTooLong { .. }), "{error}");
    let full = (0..5000).find_map(|number| presence.watch(&id, format!("{number}")).err());
    assert!(matches!(full, Some(SendError::TooManyGroups(_))), "{full:?}");
    // A connection that is not here is passed over.
    presence.track("unknown", "red", shows("Unknown".into())).expect("no error");
    assert_eq!(node.list("red").await.len(), 1);
}

async fn over_nodes(nodes: [Node; 2]) {
    let [north, south] = &nodes;
    let mut ann = Guest::come(north, "ann").await;
    ann.join("Ann").await;
    ann.until(&[("Ann", 1)]).await;
    // A node that has no member of the group asks the other one.
    assert_eq!(south.list("red").await, ["Ann"]);
    let mut bob = Guest::come(south, "bob").await;
    bob.join("Bob").await;
    bob.until(&[("Ann", 1), ("Bob", 1)]).await;
    ann.until(&[("Ann", 1), ("Bob", 1)]).await;
    let phone = Guest::come(south, "ann").await;
    phone.join("Ann on the way").await;
    ann.until(&[("Ann on the way", 2), ("Bob", 1)]).await;
    drop(phone);
    ann.until(&[("Ann", 1), ("Bob", 1)]).await;
    bob.until(&[("Ann", 1), ("Bob", 1)]).await;
    // Bob moves to the other node.
    bob.network.lead_to(Some(north.server.address));
    bob.network.cut();
    let mut states = bob.room.connection().states();
    within(states.wait_for(|state| !state.is_connected())).await.expect("the client is there");
    within(states.wait_for(HubConnectionState::is_connected)).await.expect("the client is there");
    bob.join("Bob").await;
    bob.until(&[("Ann", 1), ("Bob", 1)]).await;
    // The node that he has left ends.
    let [north, south] = nodes;
    let carl = Guest::come(&south, "carl").await;
    carl.join("Carl").await;
    ann.until(&[("Ann", 1), ("Bob", 1), ("Carl", 1)]).await;
    south.server.stop().await;
    assert_eq!(ann.until(&[("Ann", 1), ("Bob", 1)]).await.left, ["carl"]);
    assert_eq!(north.list("red").await, ["Ann", "Bob"]);
}

#[tokio::test]
async fn all_nodes_know_who_is_there() {
    let cluster = MemoryCluster::new();
    over_nodes(["north", "south"].map(|name| Node::start(Some(cluster.node(name))))).await;
}

#[tokio::test]
async fn all_nodes_know_who_is_there_over_redis() {
    let redis = RedisServer::start();
    let node = || Redis::connect(&redis.url()).expect("an address");
    over_nodes([Node::start(Some(node())), Node::start(Some(node()))]).await;
}
