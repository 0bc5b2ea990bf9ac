//! The hub as pages see it: typed clients in this process, no ports, and a database in memory. Time is not paused: what the database does takes some.

use std::{sync::Arc, time::Duration};

use chat_contract::{
    ChatClient, ChatHubContract, ChatHubProxy, ChatMessage, Notice, NoticeKind, RoomSnapshot, RoomSummary,
};
use hubs::{
    HubOptions, HubResult, InvokeError, Principal,
    backplane::MemoryCluster,
    testing::{TestClient, TestClientBuilder, TestServer, with_default_timeout},
};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};

use crate::{chat, chat_over, cluster::Cluster, history::History, run};

/// How long people are shown who have gone.
const SOON: Duration = Duration::from_millis(300);

/// What a page was told.
#[derive(Debug)]
enum News {
    Message(ChatMessage),
    Notice(Notice),
    Typing(String, String, bool),
    Rooms(Vec<RoomSummary>),
    Question(String),
}

/// A page that writes down what it is told, and returns the answer it was made with.
struct Page {
    news: mpsc::UnboundedSender<News>,
    answer: Option<bool>,
}

impl Page {
    fn note(&self, news: News) -> HubResult<()> {
        Ok(self.news.send(news)?)
    }
}

impl ChatClient for Page {
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()> {
        self.note(News::Message(message))
    }

    async fn receive_notice(&self, notice: Notice) -> HubResult<()> {
        self.note(News::Notice(notice))
    }

    async fn typing_changed(&self, room: String, user: String, typing: bool) -> HubResult<()> {
        self.note(News::Typing(room, user, typing))
    }

    async fn rooms_changed(&self, rooms: Vec<RoomSummary>) -> HubResult<()> {
        self.note(News::Rooms(rooms))
    }

    async fn confirm(&self, question: String) -> HubResult<bool> {
        self.note(News::Question(question))?;
        match self.answer {
            Some(answer) => Ok(answer),
            None => std::future::pending().await,
        }
    }
}

/// A connected page, and what it was told.
struct Visitor {
    client: TestClient<ChatHubContract>,
    news: Mutex<mpsc::UnboundedReceiver<News>>,
}

impl Visitor {
    fn hub(&self) -> ChatHubProxy {
        self.client.hub()
    }

    async fn join(&self, room: &str, user: &str) -> RoomSnapshot {
        with_default_timeout(self.hub().join_room(room.to_owned(), user.to_owned())).await.unwrap()
    }

    async fn say(&self, text: &str) -> ChatMessage {
        self.say_as(text, text.trim()).await
    }

    async fn say_as(&self, text: &str, key: &str) -> ChatMessage {
        let sent = self.hub().send_message("lobby".to_owned(), text.to_owned(), Some(key.to_owned()));
        with_default_timeout(sent).await.unwrap()
    }

    /// The next news of this kind; all before it is skipped.
    async fn next<T>(&self, pick: impl Fn(News) -> Option<T>) -> T {
        with_default_timeout(async {
            loop {
                let news = self.news.lock().await.recv().await.expect("the page is connected");
                if let Some(found) = pick(news) {
                    return found;
                }
            }
        })
        .await
    }

    async fn next_notice(&self) -> (NoticeKind, String) {
        self.next(|news| if let News::Notice(notice) = news { Some((notice.kind, notice.text)) } else { None }).await
    }

    async fn next_message(&self) -> (String, String) {
        self.next(|news| if let News::Message(message) = news { Some((message.user, message.text)) } else { None })
            .await
    }
}

/// The whole server but for its sockets.
struct Server {
    hubs: TestServer,
    _background: JoinSet<()>,
}

impl Server {
    async fn start() -> Self {
        Self::start_with(Duration::from_secs(60), chat::options()).await
    }

    async fn start_with(announced_every: Duration, options: HubOptions) -> Self {
        let history = Arc::new(History::open("sqlite::memory:").await.unwrap());
        Self::start_over(&history, Cluster::default(), announced_every, options)
    }

    /// Two nodes of one cluster.
    async fn start_two(announced_every: Duration) -> [Self; 2] {
        let (history, nodes) = (History::open("sqlite::memory:").await.unwrap(), MemoryCluster::new());
        let history = Arc::new(history);
        ["one", "two"]
            .map(|name| Self::start_over(&history, Cluster::of(nodes.node(name)), announced_every, chat::options()))
    }

    fn start_over(history: &Arc<History>, cluster: Cluster, announced_every: Duration, options: HubOptions) -> Self {
        let rooms = Arc::default();
        let hubs = cluster.connect(chat_over(&rooms, history, options));
        let mut background = JoinSet::new();
        run(&hubs, &rooms, cluster, announced_every, &mut background);
        Self { hubs: TestServer::new(hubs), _background: background }
    }

    /// Who is in a room, on all nodes.
    async fn members(&self, room: &str) -> Vec<String> {
        let presence = self.hubs.hubs().context::<ChatHubContract>().presence();
        let members = with_default_timeout(presence.list(room)).await;
        members.into_iter().map(|member| member.meta.user).collect()
    }

    /// Waits until these people are in a room.
    async fn has(&self, room: &str, expected: &[&str]) {
        let told = async {
            while self.members(room).await != expected {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        with_default_timeout(told).await;
    }

    async fn visit(&self, answer: impl Into<Option<bool>>) -> Visitor {
        self.open(self.hubs.client(), answer.into()).await
    }

    /// A person who is signed in.
    async fn visit_as(&self, user: Principal) -> Visitor {
        self.open(self.hubs.client().user(user), None).await
    }

    async fn open(&self, client: TestClientBuilder<'_>, answer: Option<bool>) -> Visitor {
        let (sender, news) = mpsc::unbounded_channel();
        let client =
            with_default_timeout(client.connect(ChatHubContract, Page { news: sender, answer })).await.unwrap();
        Visitor { client, news: Mutex::new(news) }
    }
}

/// The words of a refusal, without the sentence that SignalR puts before them.
fn said<T: std::fmt::Debug>(result: Result<T, InvokeError>) -> String {
    match result {
        Err(InvokeError::Remote(text)) => text.rsplit("HubException: ").next().unwrap_or_default().to_owned(),
        other => panic!("expected the server's refusal, got {other:?}"),
    }
}

#[tokio::test]
async fn two_people_meet_and_talk() {
    let server = Server::start().await;
    let (ada, grace) = (server.visit(true).await, server.visit(true).await);
    ada.join("Lobby", " Ada ").await;
    grace.join("lobby", "Grace").await;
    assert_eq!(server.members("lobby").await, ["Ada", "Grace"]);

    ada.say(" hello ").await;
    assert_eq!(grace.next_message().await, ("Ada".to_owned(), "hello".to_owned()));
    assert_eq!(ada.next_message().await, ("Ada".to_owned(), "hello".to_owned()), "the caller is told too");

    with_default_timeout(grace.hub().set_typing("lobby".to_owned(), true)).await.unwrap();
    let typing = |news| if let News::Typing(room, user, on) = news { Some((room, user, on)) } else { None };
    assert_eq!(ada.next(typing).await, ("lobby".to_owned(), "Grace".to_owned(), true));
}

#[tokio::test]
async fn everybody_learns_who_is_where() {
    let server = Server::start().await;
    let (ada, outsider) = (server.visit(true).await, server.visit(true).await);
    ada.join("notes", "Ada").await;
    let notes = |news| match news {
        News::Rooms(rooms) => rooms.into_iter().find(|room| room.name == "notes").map(|room| room.members),
        _ => None,
    };
    assert_eq!(outsider.next(notes).await, 1);
    outsider.join("notes", "Grace").await;
    assert_eq!(server.members("notes").await, ["Ada", "Grace"]);
    assert_eq!(outsider.next(notes).await, 2);
    with_default_timeout(ada.hub().leave_room("notes".to_owned())).await.unwrap();
    assert_eq!(outsider.next(notes).await, 1);
    server.has("notes", &["Grace"]).await;
}

#[tokio::test]
async fn a_person_has_left_when_the_last_window_is_gone_for_a_while() {
    let server = Server::start_with(Duration::from_secs(60), chat::options().presence_leave_delay(SOON)).await;
    let (ada, grace, window) = (server.visit(true).await, server.visit(true).await, server.visit(true).await);
    ada.join("lobby", "Ada").await;
    grace.join("lobby", "Grace").await;
    window.join("lobby", "Grace").await;
    with_default_timeout(grace.client.disconnect_abruptly()).await;
    assert_eq!(server.members("lobby").await, ["Ada", "Grace"]);
    with_default_timeout(window.client.disconnect_abruptly()).await;
    server.has("lobby", &["Ada"]).await;
}

#[tokio::test]
async fn people_on_two_nodes_are_in_one_room() {
    let [one, two] = Server::start_two(Duration::from_secs(60)).await;
    let (ada, grace) = (one.visit(true).await, two.visit(true).await);
    ada.join("notes", "Ada").await;
    let notes = |news| matches!(news, News::Rooms(rooms) if rooms.iter().any(|room| room.name == "notes"));
    grace.next(|news| notes(news).then_some(())).await;
    grace.join("notes", "Grace").await;
    one.has("notes", &["Ada", "Grace"]).await;
    two.has("notes", &["Ada", "Grace"]).await;

    let typing = |news| if let News::Typing(_, user, on) = news { Some((user, on)) } else { None };
    with_default_timeout(grace.hub().set_typing("notes".to_owned(), true)).await.unwrap();
    assert_eq!(ada.next(typing).await, ("Grace".to_owned(), true));
    with_default_timeout(grace.client.disconnect_abruptly()).await;
    one.has("notes", &["Ada"]).await;
}

#[tokio::test]
async fn the_rooms_of_a_node_that_says_nothing_are_taken_out() {
    let [one, two] = Server::start_two(Duration::from_secs(60)).await;
    let (ada, grace) = (one.visit(true).await, two.visit(true).await);
    grace.join("notes", "Grace").await;
    let has_notes = |rooms: &[RoomSummary]| rooms.iter().any(|room| room.name == "notes");
    ada.next(|news| matches!(news, News::Rooms(rooms) if has_notes(&rooms)).then_some(())).await;
    // As if the node was killed: its connections do not end.
    drop(two._background);
    ada.next(|news| matches!(news, News::Rooms(rooms) if !has_notes(&rooms)).then_some(())).await;
}

#[tokio::test]
async fn history_is_cleared_only_after_a_yes() {
    let server = Server::start().await;
    let (no, yes) = (server.visit(false).await, server.visit(true).await);
    no.join("lobby", "Ada").await;
    yes.join("lobby", "Grace").await;
    no.say("one").await;
    no.say("two").await;
    let clear = |visitor: &Visitor| {
        let hub = visitor.hub();
        async move { with_default_timeout(hub.clear_history("lobby".to_owned())).await }
    };
    let question = |news| if let News::Question(question) = news { Some(question) } else { None };

    assert!(!clear(&no).await.unwrap());
    assert_eq!(no.next(question).await, "Remove all 2 messages of #lobby, for everybody?");
    assert_eq!(no.join("lobby", "Ada").await.history.len(), 2);

    assert!(clear(&yes).await.unwrap());
    assert_eq!(no.next_notice().await, (NoticeKind::System, "Grace cleared the history".to_owned()));
    assert_eq!(no.join("lobby", "Ada").await.history, []);
    assert_eq!(said(clear(&yes).await), "There is nothing to clear.");
}

#[tokio::test]
async fn only_moderators_remove_messages() {
    let server = Server::start().await;
    let (ada, member) = (server.visit(true).await, server.visit_as(Principal::new("Bob")).await);
    let moderator = server.visit_as(Principal::new("Grace").with_role("moderator")).await;
    for (visitor, name) in [(&ada, "Ada"), (&member, "Bob"), (&moderator, "Grace")] {
        visitor.join("lobby", name).await;
    }
    let message = ada.say("rude").await;
    for refused in [&ada, &member] {
        let refused = with_default_timeout(refused.hub().delete_message("lobby".to_owned(), message.id)).await;
        assert!(matches!(&refused, Err(InvokeError::Unauthorized(_))), "{refused:?}");
    }
    assert_eq!(ada.join("lobby", "Ada").await.history.len(), 1);
    let delete = || with_default_timeout(moderator.hub().delete_message("lobby".to_owned(), message.id));
    delete().await.unwrap();
    let removed = |news| match news {
        News::Notice(Notice { kind: NoticeKind::System, text, .. }) => Some(text),
        _ => None,
    };
    assert_eq!(ada.next(removed).await, "Grace removed a message");
    assert_eq!(ada.join("lobby", "Ada").await.history, []);
    assert_eq!(said(delete().await), "This message is gone already.");
}

#[tokio::test]
async fn history_stays_without_an_answer() {
    let server =
        Server::start_with(Duration::from_secs(60), chat::options().client_result_timeout(Duration::from_millis(50)))
            .await;
    let silent = server.visit(None).await;
    silent.join("lobby", "Ada").await;
    silent.say("one").await;
    let cleared = with_default_timeout(silent.hub().clear_history("lobby".to_owned())).await;
    assert_eq!(said(cleared), "There was no answer, so nothing was cleared.");
    assert_eq!(silent.join("lobby", "Ada").await.history.len(), 1);
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_said_once() {
    let server = Server::start().await;
    let ada = server.visit(true).await;
    ada.join("lobby", "Ada").await;
    let first = ada.say_as("hello", "key").await;
    assert_eq!(ada.say_as("hello", "key").await, first);
    let snapshot = ada.join("lobby", "Ada").await;
    assert_eq!((snapshot.history, snapshot.more), (vec![first], false));
}

#[tokio::test]
async fn older_messages_are_read_before_the_first_known() {
    let server = Server::start().await;
    let ada = server.visit(true).await;
    ada.join("lobby", "Ada").await;
    for n in 0..60 {
        ada.say(&n.to_string()).await;
    }
    let snapshot = ada.join("lobby", "Ada").await;
    assert_eq!((snapshot.history[0].text.as_str(), snapshot.more), ("10", true));
    let older = ada.hub().older_messages("lobby".to_owned(), snapshot.history[0].id);
    let older = with_default_timeout(older).await.unwrap();
    assert_eq!((older.len(), older[9].text.as_str()), (10, "9"));
}

#[tokio::test]
async fn refusals_reach_the_person_in_words() {
    let server = Server::start().await;
    let ada = server.visit(true).await;
    let hub = ada.hub();
    let refused = with_default_timeout(hub.send_message("lobby".to_owned(), "hi".to_owned(), None)).await;
    assert_eq!(said(refused), "You are not in #lobby. Please join it first.");
    let refused = with_default_timeout(hub.join_room("a/b".to_owned(), "Ada".to_owned())).await;
    assert_eq!(said(refused), "A room's name is made of letters, digits, - and _.");
}

#[tokio::test]
async fn announcements_come_from_the_background() {
    let server = Server::start_with(Duration::from_millis(50), chat::options()).await;
    let ada = server.visit(true).await;
    ada.join("lobby", "Ada").await;
    let expected = (NoticeKind::Announcement, "1 person is here right now, in 1 room.".to_owned());
    assert_eq!(ada.next_notice().await, expected);
}

#[tokio::test]
async fn one_node_announces_for_all() {
    let [one, two] = Server::start_two(Duration::from_millis(200)).await;
    let (ada, grace) = (one.visit(true).await, two.visit(true).await);
    ada.join("lobby", "Ada").await;
    grace.join("rust", "Grace").await;
    let announced = |news| match news {
        News::Notice(Notice { kind: NoticeKind::Announcement, text, .. }) => Some(text),
        _ => None,
    };
    // With two announcers each text would come twice.
    let mut texts = Vec::new();
    for _ in 0..6 {
        texts.push(ada.next(announced).await);
    }
    let tips: Vec<_> = texts.iter().filter(|text| !text.contains("here right now")).collect();
    assert!(tips.windows(2).all(|pair| pair[0] != pair[1]) && tips.len() == 3, "{texts:?}");
}
