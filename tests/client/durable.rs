//! Durable messages: what a client gets that was away, on whichever node it comes back.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use hubs::{
    DurableMessages, HubCallerContext, HubOptions, HubResult, Hubs,
    backplane::{Backplane, MemoryBackplane, MemoryCluster, Redis},
    client::{HubClient, HubConnection, HubConnectionBuilder, HubConnectionState, LogEvent, LogScope, RetryPolicy},
    client_interface, hub,
};
use hubs_tests::RedisServer;
use tokio::sync::mpsc;

use crate::{
    hub::{Server, within},
    network::Network,
};

#[client_interface]
pub(crate) trait RoomClient {
    #[method(durable)]
    async fn said(&self, text: String) -> HubResult<()>;
    async fn whispered(&self, text: String) -> HubResult<()>;
}

pub(crate) type Cx = HubCallerContext<RoomClientContract>;

#[hub(client = RoomClient)]
pub(crate) trait RoomHub {
    async fn join(&self, cx: &Cx, room: String) -> HubResult<()>;
    async fn join_with_history(&self, cx: &Cx, room: String, last: u32) -> HubResult<()>;
    async fn leave(&self, cx: &Cx, room: String) -> HubResult<()>;
    #[method(idempotent)]
    async fn say(&self, cx: &Cx, room: String, text: String) -> HubResult<()>;
    /// The first call is never answered.
    #[method(idempotent)]
    async fn say_twice(&self, cx: &Cx, room: String, text: String) -> HubResult<u32>;
    async fn say_to_others(&self, cx: &Cx, room: String, text: String) -> HubResult<()>;
    async fn whisper(&self, cx: &Cx, room: String, text: String) -> HubResult<()>;
    async fn tell(&self, cx: &Cx, user: String, text: String) -> HubResult<()>;
}

#[derive(Default)]
struct Room {
    /// Of `say_twice`, on all nodes of a test.
    calls: Arc<AtomicU32>,
}

impl RoomHub for Room {
    async fn join(&self, cx: &Cx, room: String) -> HubResult<()> {
        Ok(cx.groups().add(cx.connection_id(), room).await?)
    }

    async fn join_with_history(&self, cx: &Cx, room: String, last: u32) -> HubResult<()> {
        Ok(cx.groups().add_with_history(cx.connection_id(), room, last as usize).await?)
    }

    async fn leave(&self, cx: &Cx, room: String) -> HubResult<()> {
        Ok(cx.groups().remove(cx.connection_id(), room).await?)
    }

    async fn say(&self, cx: &Cx, room: String, text: String) -> HubResult<()> {
        Ok(cx.clients().group(room).said(text).await?)
    }

    async fn say_twice(&self, cx: &Cx, room: String, text: String) -> HubResult<u32> {
        cx.clients().group(&*room).said(text.clone()).await?;
        cx.clients().group(room).said(format!("{text}, and more")).await?;
        let calls = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if calls == 1 {
            std::future::pending::<()>().await;
        }
        assert!(cx.idempotency_key().is_some(), "the client has named its call");
        Ok(calls)
    }

    async fn say_to_others(&self, cx: &Cx, room: String, text: String) -> HubResult<()> {
        Ok(cx.clients().others_in_group(room).said(text).await?)
    }

    async fn whisper(&self, cx: &Cx, room: String, text: String) -> HubResult<()> {
        Ok(cx.clients().group(room).whispered(text).await?)
    }

    async fn tell(&self, cx: &Cx, user: String, text: String) -> HubResult<()> {
        Ok(cx.clients().user(user).said(text).await?)
    }
}

/// A node of the hub.
pub(crate) struct Node {
    server: Server,
    hubs: Hubs,
}

impl Node {
    pub(crate) fn start(backplane: Option<impl Backplane>, options: HubOptions) -> Self {
        Self::with(backplane.map(|backplane| Hubs::new().backplane(backplane)).unwrap_or_default(), options)
    }

    fn with(hubs: Hubs, options: HubOptions) -> Self {
        let room = Room::default();
        let hubs = hubs.user_id_provider(|request| {
            let token = request.headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
            Some(token.into())
        });
        let hubs = hubs.map_with("/room", RoomHubContract, room, options);
        let server = Server::serve("127.0.0.1:0".parse().expect("an address"), hubs.router(), None);
        Self { server, hubs }
    }

    fn address(&self) -> SocketAddr {
        self.server.address
    }
}

struct Screen(mpsc::UnboundedSender<String>);

impl RoomClient for Screen {
    async fn said(&self, text: String) -> HubResult<()> {
        Ok(self.0.send(text)?)
    }

    async fn whispered(&self, text: String) -> HubResult<()> {
        Ok(self.0.send(format!("whispered: {text}"))?)
    }
}

/// A client behind a network that can lead to another node.
pub(crate) struct Guest {
    pub(crate) room: HubClient<RoomHubContract>,
    heard: mpsc::UnboundedReceiver<String>,
    events: mpsc::UnboundedReceiver<LogEvent>,
    network: Network,
}

impl Guest {
    pub(crate) async fn come(node: &Node, user: &str) -> Self {
        Self::come_with(node, user, |builder| builder).await
    }

    async fn come_with(node: &Node, user: &str, with: fn(HubConnectionBuilder) -> HubConnectionBuilder) -> Self {
        let network = Network::to(node.address()).await;
        let (sender, heard) = mpsc::unbounded_channel();
        let (event, events) = mpsc::unbounded_channel();
        let user = user.to_owned();
        let builder = HubConnection::builder(&network.url("/room"))
            .access_token_provider(move || {
                let user = user.clone();
                async move { Ok::<_, std::io::Error>(user) }
            })
            .reconnect(RetryPolicy::new(|_| Some(Duration::from_millis(20))))
            .on_log_event(move |happened| _ = event.send(happened));
        let room = within(with(builder).connect(RoomHubContract, Screen(sender))).await.expect("it connects");
        Self { room, heard, events, network }
    }

    async fn next(&mut self) -> String {
        within(self.heard.recv()).await.expect("the client is there")
    }

    /// What is next told of a group.
    pub(crate) async fn event(&mut self) -> LogEvent {
        loop {
            let event = within(self.events.recv()).await.expect("the client is there");
            let (LogEvent::Recovered { scope, .. } | LogEvent::Gap { scope, .. }) = &event else { continue };
            if *scope != LogScope::User {
                return event;
            }
        }
    }

    /// Loses its connection, and finds no other.
    pub(crate) async fn leave(&self) {
        self.network.lead_to(None);
        self.network.cut();
        let mut states = self.room.connection().states();
        within(states.wait_for(|state| !state.is_connected())).await.expect("the client is there");
    }

    /// Finds this node.
    pub(crate) async fn come_back(&self, node: &Node) {
        self.network.lead_to(Some(node.address()));
        let mut states = self.room.connection().states();
        within(states.wait_for(HubConnectionState::is_connected)).await.expect("the client is there");
    }

    /// Everything that was heard up to this text, it included.
    pub(crate) async fn until(&mut self, last: &str) -> Vec<String> {
        let mut heard = Vec::new();
        while heard.last().is_none_or(|text| text != last) {
            heard.push(self.next().await);
        }
        heard
    }
}

pub(crate) fn recovered(group: &str, messages: u64) -> LogEvent {
    LogEvent::Recovered { scope: LogScope::Group(group.to_owned()), messages }
}

pub(crate) fn texts(from: u32, to: u32) -> Vec<String> {
    (from..=to).map(|number| format!("{number}")).collect()
}

/// RELIABILITY 56: a client that was away comes back to another node.
async fn misses_nothing(nodes: &[Node; 2], with: fn(HubConnectionBuilder) -> HubConnectionBuilder) {
    let [north, south] = nodes;
    let speaker = Guest::come(south, "speaker").await;
    let mut guest = Guest::come_with(north, "guest", with).await;
    within(guest.room.join("red".into())).await.expect("joined");
    for text in texts(1, 3) {
        within(speaker.room.say("red".into(), text)).await.expect("said");
    }
    assert_eq!(guest.until("3").await, texts(1, 3));
    guest.leave().await;
    for text in texts(4, 300) {
        within(speaker.room.say("red".into(), text)).await.expect("said");
    }
    guest.come_back(south).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    within(speaker.room.say("red".into(), "301".into())).await.expect("said");
    assert_eq!(guest.until("301").await, texts(4, 301));
    assert_eq!(guest.event().await, recovered("red", 297));
    // The next time it has missed nothing.
    guest.leave().await;
    guest.come_back(north).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    assert_eq!(guest.event().await, recovered("red", 0));
    within(speaker.room.whisper("red".into(), "end".into())).await.expect("whispered");
    assert_eq!(guest.next().await, "whispered: end");
}

fn over_memory(options: fn() -> HubOptions) -> ([Node; 2], [MemoryBackplane; 2]) {
    let cluster = MemoryCluster::new();
    let nodes = ["north", "south"].map(|name| cluster.node(name));
    (nodes.clone().map(|node| Node::start(Some(node), options())), nodes)
}

fn over_redis(redis: &RedisServer, options: fn() -> HubOptions) -> [Node; 2] {
    ["north", "south"].map(|name| {
        let node = Redis::connect(&redis.url()).and_then(|node| node.node_name(name)).expect("an address");
        Node::start(Some(node), options())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_to_another_node_misses_nothing() {
    misses_nothing(&over_memory(HubOptions::default).0, |builder| builder).await;
    let redis = RedisServer::start();
    misses_nothing(&over_redis(&redis, HubOptions::default), HubConnectionBuilder::messagepack).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_of_one_node_needs_no_backplane() {
    let node = Node::start(None::<MemoryBackplane>, HubOptions::default());
    let speaker = Guest::come(&node, "speaker").await;
    let mut guest = Guest::come(&node, "guest").await;
    within(guest.room.join("red".into())).await.expect("joined");
    guest.leave().await;
    within(speaker.room.say("red".into(), "1".into())).await.expect("said");
    guest.come_back(&node).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    assert_eq!(guest.next().await, "1");
    assert_eq!(guest.event().await, recovered("red", 1));
    let metrics = node.hubs.metrics::<RoomHubContract>();
    assert_eq!(metrics.durable_messages(DurableMessages::Recorded), 1);
    assert_eq!(metrics.durable_messages(DurableMessages::Replayed), 1);
}

/// RELIABILITY 57: nothing is replayed in part.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_was_away_for_longer_than_the_log_is_kept_learns_of_a_gap() {
    let (nodes, _) = over_memory(|| HubOptions::default().durable_log_entries(5));
    let [north, south] = &nodes;
    let speaker = Guest::come(south, "speaker").await;
    let mut guest = Guest::come(north, "guest").await;
    within(guest.room.join("red".into())).await.expect("joined");
    guest.leave().await;
    for text in texts(1, 6) {
        within(speaker.room.say("red".into(), text)).await.expect("said");
    }
    guest.come_back(south).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    within(speaker.room.say("red".into(), "next".into())).await.expect("said");
    assert_eq!(guest.next().await, "next");
    let gap = LogEvent::Gap { scope: LogScope::Group("red".into()), reason: "trimmed".into() };
    assert_eq!(guest.event().await, gap);
    assert_eq!(south.hubs.metrics::<RoomHubContract>().durable_messages(DurableMessages::Gap), 1);
}

/// What is sent to its user reaches a client that was let in while Redis was away.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_while_redis_is_away_reads_the_log_of_its_user_as_soon_as_redis_is_back() {
    let mut redis = RedisServer::start();
    let nodes = over_redis(&redis, || HubOptions::default().durable_publish_timeout(Duration::from_secs(1)));
    let speaker = Guest::come_with(&nodes[1], "speaker", HubConnectionBuilder::skip_negotiation).await;
    redis.kill();
    // No lease is taken for a connection that was not negotiated, so it needs no Redis.
    let mut guest = Guest::come_with(&nodes[0], "guest", HubConnectionBuilder::skip_negotiation).await;
    redis.restart();
    let mut sent = 0;
    let first = loop {
        sent += 1;
        let told = within(speaker.room.tell("guest".into(), sent.to_string())).await;
        if told.is_ok()
            && let Ok(heard) = tokio::time::timeout(Duration::from_millis(200), guest.next()).await
        {
            break heard.parse::<u32>().expect("a number");
        }
        assert!(sent < 100, "nothing has come");
    };
    for text in texts(sent + 1, sent + 5) {
        within(speaker.room.tell("guest".into(), text)).await.expect("told");
    }
    // From the first one on nothing is missing.
    let rest = guest.until(&(sent + 5).to_string()).await;
    assert_eq!(rest, texts(first + 1, sent + 5));
}

/// RELIABILITY 58: a Redis that has lost its logs.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_that_redis_has_lost_its_logs() {
    let redis = RedisServer::start();
    let [north, south] = &over_redis(&redis, HubOptions::default);
    let speaker = Guest::come(south, "speaker").await;
    let mut guest = Guest::come(north, "guest").await;
    let mut stays = Guest::come(north, "stays").await;
    for client in [&guest, &stays] {
        within(client.room.join("red".into())).await.expect("joined");
    }
    within(speaker.room.say("red".into(), "1".into())).await.expect("said");
    assert_eq!((guest.next().await, stays.next().await), ("1".to_owned(), "1".to_owned()));
    guest.leave().await;
    redis.command("FLUSHALL");
    within(speaker.room.say("red".into(), "2".into())).await.expect("said");
    let gap = LogEvent::Gap { scope: LogScope::Group("red".into()), reason: "epoch".into() };
    assert_eq!(stays.event().await, gap, "one that has stayed learns it, too");
    guest.come_back(south).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    assert_eq!(guest.event().await, gap);
    within(speaker.room.say("red".into(), "3".into())).await.expect("said");
    assert_eq!((guest.until("3").await.pop(), stays.until("3").await.pop()), (Some("3".into()), Some("3".into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_to_a_user_finds_it_when_it_comes_back() {
    let (nodes, _) = over_memory(HubOptions::default);
    let [north, south] = &nodes;
    let speaker = Guest::come(south, "speaker").await;
    let mut guest = Guest::come(north, "guest").await;
    within(speaker.room.tell("guest".into(), "1".into())).await.expect("told");
    assert_eq!(guest.next().await, "1");
    guest.leave().await;
    for text in texts(2, 9) {
        within(speaker.room.tell("guest".into(), text)).await.expect("told");
    }
    guest.come_back(south).await;
    within(speaker.room.tell("guest".into(), "10".into())).await.expect("told");
    assert_eq!(guest.until("10").await, texts(2, 10));
    let event = within(guest.events.recv()).await.expect("the client is there");
    assert!(matches!(event, LogEvent::Recovered { scope: LogScope::User, .. }), "{event:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_member_gets_the_last_messages_and_one_that_comes_back_what_it_has_missed() {
    let (nodes, _) = over_memory(HubOptions::default);
    let [north, south] = &nodes;
    let speaker = Guest::come(south, "speaker").await;
    for text in texts(1, 9) {
        within(speaker.room.say("red".into(), text)).await.expect("said");
    }
    let mut guest = Guest::come(north, "guest").await;
    within(guest.room.join_with_history("red".into(), 3)).await.expect("joined");
    assert_eq!(guest.until("9").await, texts(7, 9));
    guest.leave().await;
    within(speaker.room.say("red".into(), "10".into())).await.expect("said");
    guest.come_back(south).await;
    within(guest.room.join_with_history("red".into(), 3)).await.expect("joined");
    assert_eq!(guest.until("10").await, texts(10, 10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_does_not_get_again_what_it_said_to_others_and_nothing_of_a_group_that_it_left() {
    let (nodes, _) = over_memory(HubOptions::default);
    let [north, south] = &nodes;
    let speaker = Guest::come(south, "speaker").await;
    let mut guest = Guest::come(north, "guest").await;
    within(guest.room.join("red".into())).await.expect("joined");
    within(guest.room.join("blue".into())).await.expect("joined");
    within(guest.room.say_to_others("red".into(), "mine".into())).await.expect("said");
    within(guest.room.leave("blue".into())).await.expect("left");
    guest.leave().await;
    within(speaker.room.say("blue".into(), "not for the guest".into())).await.expect("said");
    within(speaker.room.say("red".into(), "theirs".into())).await.expect("said");
    guest.come_back(south).await;
    within(guest.room.join("red".into())).await.expect("joined again");
    within(guest.room.join("blue".into())).await.expect("joined again");
    within(speaker.room.say("blue".into(), "end".into())).await.expect("said");
    assert_eq!(guest.until("end").await, ["theirs", "end"]);
    assert_eq!(guest.event().await, recovered("red", 1));
}

/// A join that fails loses nothing: the next one does what it could not.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_could_not_join_at_once_misses_nothing() {
    let redis = RedisServer::start();
    let [north, south] = &over_redis(&redis, HubOptions::default);
    let speaker = Guest::come(south, "speaker").await;
    let mut guest = Guest::come(north, "guest").await;
    within(guest.room.join("red".into())).await.expect("joined");
    guest.leave().await;
    for text in texts(1, 3) {
        within(speaker.room.say("red".into(), text)).await.expect("said");
    }
    guest.come_back(south).await;
    redis.freeze(true);
    assert!(within(guest.room.join("red".into())).await.is_err(), "the log cannot be read");
    redis.freeze(false);
    let again = async { while guest.room.join("red".into()).await.is_err() {} };
    within(again).await;
    assert_eq!(guest.until("3").await, texts(1, 3));
    assert_eq!(guest.event().await, recovered("red", 3));
}

/// RELIABILITY 59, from the caller's end.
#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_answer_is_lost_is_made_again_and_recorded_once() {
    let (nodes, _) = over_memory(HubOptions::default);
    let [north, _] = &nodes;
    let mut guest = Guest::come(north, "guest").await;
    within(guest.room.join("red".into())).await.expect("joined");
    let speaker = Guest::come(north, "speaker").await;
    let room = speaker.room.clone();
    let said = tokio::spawn(async move { room.say_twice("red".into(), "said".into()).await });
    assert_eq!(guest.until("said, and more").await, ["said", "said, and more"]);
    // The call has run, and its answer does not come.
    speaker.network.cut();
    assert_eq!(within(said).await.expect("it ends").expect("it is answered"), 2);
    within(guest.room.say("red".into(), "end".into())).await.expect("said");
    assert_eq!(guest.next().await, "end");
}

/// RELIABILITY 60: another node is told nothing of the last message, and finds it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_a_node_is_not_told_of_is_found_in_the_log() {
    let redis = RedisServer::start();
    let [north, south] = &over_redis(&redis, HubOptions::default);
    let mut guest = Guest::come(north, "guest").await;
    within(guest.room.join("red".into())).await.expect("joined");
    let speaker = Guest::come(south, "speaker").await;
    redis.command("CLIENT KILL TYPE pubsub");
    within(speaker.room.say("red".into(), "1".into())).await.expect("said");
    assert_eq!(guest.next().await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_may_be_joined_from_another_node() {
    let (nodes, _) = over_memory(HubOptions::default);
    let [north, south] = &nodes;
    let mut guest = Guest::come(north, "guest").await;
    let id = guest.room.connection().id().expect("it was negotiated");
    let context = south.hubs.context::<RoomHubContract>();
    within(context.groups().add(&id, "red")).await.expect("added");
    within(context.clients().with_key("first").group("red").said("1".into())).await.expect("said");
    within(context.clients().with_key("first").group("red").said("again".into())).await.expect("said");
    within(context.clients().with_key("second").group("red").said("2".into())).await.expect("said");
    assert_eq!(guest.until("2").await, texts(1, 2));
}
