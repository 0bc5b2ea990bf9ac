//! Feeds: what a hub calls on its clients, as plain Server-Sent Events. Requests go to the router itself, without ports.

use std::time::{Duration, SystemTime};

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::{Request, StatusCode};
use hubs::{
    HubCallerContext, HubContext, HubError, HubOptions, HubResult, Hubs, Principal, client_interface, hub,
    testing::{TestServer, with_default_timeout},
};
use tower::ServiceExt;

#[client_interface]
trait NewsClient {
    async fn published(&self, title: String, number: u32) -> HubResult<()>;
    #[method(latest)]
    async fn price(&self, value: u32) -> HubResult<()>;
}

type Cx = HubCallerContext<NewsClientContract>;

#[hub(client = NewsClient)]
trait NewsHub {
    async fn publish(&self, cx: &Cx, title: String) -> HubResult<()>;
}

struct News;

impl NewsHub for News {
    async fn publish(&self, cx: &Cx, title: String) -> HubResult<()> {
        Ok(cx.clients().others().published(title, 0).await?)
    }
}

/// Readers may name groups; `?refuse=..` says how they are refused.
fn hubs(options: HubOptions) -> Hubs {
    Hubs::new().options(options).map("/news", NewsHubContract, News).feed(
        "/news/feed",
        NewsHubContract,
        |reader| async move {
            match reader.query("refuse").as_deref() {
                Some("client") => Err(HubError::client("not today")),
                Some("unauthorized") => Err(HubError::unauthorized()),
                Some("internal") => Err(HubError::internal("secret")),
                Some("panic") => panic!("secret"),
                _ => {
                    let groups = reader.query("groups").unwrap_or_default();
                    Ok(groups.split(',').filter(|group| !group.is_empty()).map(Into::into).collect())
                }
            }
        },
    )
}

struct Feed {
    server: TestServer,
    router: axum::Router,
}

impl Feed {
    fn new(options: HubOptions) -> Self {
        Self::of(hubs(options))
    }

    fn of(hubs: Hubs) -> Self {
        let router = hubs.router();
        Self { server: TestServer::new(hubs), router }
    }

    fn context(&self) -> HubContext<NewsHubContract> {
        self.server.hubs().context()
    }

    async fn answer(&self, request: Request<Body>) -> axum::response::Response {
        with_default_timeout(self.router.clone().oneshot(request)).await.expect("a router answers")
    }

    async fn read(&self, query: &str, last: Option<&str>, user: Option<Principal>) -> Reader {
        let mut request = Request::builder().uri(format!("/news/feed{query}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        if let Some(user) = user {
            request = request.extension(user);
        }
        let response = self.answer(request.body(Body::empty()).expect("it is a request")).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let mut reader =
            Reader { body: response.into_body().into_data_stream(), text: String::new(), last: String::new() };
        // Once it is told where it begins, nothing is missed.
        if last.is_none() {
            reader.begins().await;
        }
        reader
    }
}

/// Reads as an `EventSource` does.
struct Reader {
    body: BodyDataStream,
    text: String,
    last: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Event {
    name: String,
    data: String,
}

fn event(name: &str, data: &str) -> Event {
    Event { name: name.to_owned(), data: data.to_owned() }
}

impl Reader {
    /// The next block of lines, with its id, event and data. `None`: the stream has ended.
    async fn block(&mut self) -> Option<(Option<String>, Event)> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\r\n\r\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let (mut id, mut read) = (None, event("", ""));
                for line in block.lines() {
                    match line.split_once(": ") {
                        Some(("id", value)) => id = Some(value.to_owned()),
                        Some(("event", value)) => read.name = value.to_owned(),
                        Some(("data", value)) => read.data.push_str(value),
                        _ => assert!(line.starts_with(':'), "{line:?}"),
                    }
                }
                self.last = id.clone().unwrap_or_else(|| self.last.clone());
                return Some((id, read));
            }
            let bytes = with_default_timeout(self.body.next()).await?.ok()?;
            self.text.push_str(std::str::from_utf8(&bytes).expect("it is text"));
        }
    }

    /// Reads up to the first id.
    async fn begins(&mut self) {
        while self.last.is_empty() {
            self.block().await.expect("it begins");
        }
    }

    /// The next event.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let (_, read) = self.block().await?;
            if !read.data.is_empty() {
                return Some(read);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn readers_get_what_all_clients_and_their_groups_and_their_user_get() {
    let feed = Feed::new(HubOptions::default());
    let mut ann = feed.read("?groups=a,b", None, Some(Principal::new("ann"))).await;
    let mut ben = feed.read("", None, None).await;
    let clients = feed.context().clients();
    clients.group("a").published("for a".to_owned(), 1).await.unwrap();
    clients.groups(["a", "b"]).published("for a or b".to_owned(), 2).await.unwrap();
    clients.user("ann").published("for Ann".to_owned(), 3).await.unwrap();
    clients.all().published("line\nbreak \"quoted\"".to_owned(), 4).await.unwrap();
    let expected = [
        event("Published", r#"["for a",1]"#),
        event("Published", r#"["for a or b",2]"#),
        event("Published", r#"["for Ann",3]"#),
        event("Published", r#"["line\nbreak \"quoted\"",4]"#),
    ];
    for expected in expected {
        assert_eq!(ann.next().await, Some(expected));
    }
    assert_eq!(ben.next().await, Some(event("Published", r#"["line\nbreak \"quoted\"",4]"#)), "once, and nothing else");
}

#[tokio::test(start_paused = true)]
async fn a_method_of_the_hub_reaches_readers_in_every_protocol_of_its_caller() {
    let feed = Feed::new(HubOptions::default());
    let mut reader = feed.read("", None, None).await;
    let json = with_default_timeout(feed.server.record(NewsHubContract)).await.unwrap();
    json.hub().publish("by JSON".to_owned()).await.unwrap();
    assert_eq!(reader.next().await, Some(event("Published", r#"["by JSON",0]"#)));
    let packed = with_default_timeout(feed.server.client().messagepack().record(NewsHubContract)).await.unwrap();
    packed.hub().publish("by MessagePack".to_owned()).await.unwrap();
    assert_eq!(reader.next().await, Some(event("Published", r#"["by MessagePack",0]"#)));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_comes_back_gets_what_it_has_missed_and_was_meant_for_it() {
    let feed = Feed::new(HubOptions::default());
    let clients = feed.context().clients();
    let mut reader = feed.read("?groups=a", None, None).await;
    clients.group("a").published("seen".to_owned(), 1).await.unwrap();
    assert_eq!(reader.next().await, Some(event("Published", r#"["seen",1]"#)));
    let last = reader.last.clone();
    drop(reader);
    clients.group("a").published("missed".to_owned(), 2).await.unwrap();
    clients.group("b").published("of others".to_owned(), 3).await.unwrap();
    clients.all().published("missed too".to_owned(), 4).await.unwrap();
    let mut back = feed.read("?groups=a", Some(&last), None).await;
    assert_eq!(back.next().await, Some(event("Published", r#"["missed",2]"#)));
    assert_eq!(back.next().await, Some(event("Published", r#"["missed too",4]"#)));
    clients.group("a").published("live".to_owned(), 5).await.unwrap();
    assert_eq!(back.next().await, Some(event("Published", r#"["live",5]"#)));
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_is_said_once_and_the_stream_goes_on() {
    let feed = Feed::new(HubOptions::default().feed_history_events(3_usize));
    let clients = feed.context().clients();
    let reader = feed.read("", None, None).await;
    let last = reader.last.clone();
    drop(reader);
    for number in 0..4 {
        clients.all().published("news".to_owned(), number).await.unwrap();
    }
    let mut back = feed.read("", Some(&last), None).await;
    assert_eq!(back.next().await, Some(event("hubs:missed", r#"{"reason":"expired"}"#)));
    clients.all().published("live".to_owned(), 9).await.unwrap();
    assert_eq!(back.next().await, Some(event("Published", r#"["live",9]"#)));
    for unknown in ["0-0", "ffff-7", "nonsense", "-", &format!("{last}9999")] {
        let mut reader = feed.read("", Some(unknown), None).await;
        assert_eq!(reader.next().await, Some(event("hubs:missed", r#"{"reason":"restarted"}"#)), "{unknown}");
    }
}

#[tokio::test(start_paused = true)]
async fn as_many_events_come_again_as_are_kept_and_one_more_is_too_many() {
    let feed = Feed::new(HubOptions::default().feed_history_events(3_usize));
    let clients = feed.context().clients();
    let mut reader = feed.read("", None, None).await;
    clients.all().published("news".to_owned(), 0).await.unwrap();
    assert_eq!(reader.next().await, Some(event("Published", r#"["news",0]"#)));
    let last = reader.last.clone();
    drop(reader);
    for number in 1..=3 {
        clients.all().published("news".to_owned(), number).await.unwrap();
    }
    let mut back = feed.read("", Some(&last), None).await;
    for number in 1..=3 {
        assert_eq!(back.next().await, Some(event("Published", &format!(r#"["news",{number}]"#))));
    }
    clients.all().published("news".to_owned(), 4).await.unwrap();
    let mut late = feed.read("", Some(&last), None).await;
    assert_eq!(late.next().await, Some(event("hubs:missed", r#"{"reason":"expired"}"#)));
}

#[tokio::test(start_paused = true)]
async fn a_reader_whose_groups_are_silent_can_come_back_while_others_are_busy() {
    let feed = Feed::new(HubOptions::default().feed_history_events(10_usize));
    let clients = feed.context().clients();
    let mut reader = feed.read("?groups=quiet", None, None).await;
    for number in 0..100 {
        clients.group("busy").published("noise".to_owned(), number).await.unwrap();
    }
    let number = |id: &str| id.split_once('-').expect("a number").1.parse::<u32>().expect("a number");
    while number(&reader.last) < 95 {
        let (id, read) = reader.block().await.expect("it goes on");
        assert!(id.is_some() && read.data.is_empty(), "nothing was meant for it");
    }
    let last = reader.last.clone();
    drop(reader);
    clients.group("quiet").published("while away".to_owned(), 2).await.unwrap();
    let mut back = feed.read("?groups=quiet", Some(&last), None).await;
    assert_eq!(back.next().await, Some(event("Published", r#"["while away",2]"#)));
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_reads_nothing_is_closed_and_holds_up_no_other() {
    let options =
        HubOptions::default().maximum_send_queue_size(64 * 1024_usize).slow_consumer_grace(Duration::from_secs(1));
    let feed = Feed::new(options);
    let clients = feed.context().clients();
    let mut stopped = feed.read("", None, None).await;
    let mut reads = feed.read("", None, None).await;
    let text = "x".repeat(10_000);
    for number in 0..40 {
        clients.all().published(text.clone(), number).await.unwrap();
        let read = reads.next().await.expect("it is not held up");
        assert!(read.data.ends_with(&format!(",{number}]")));
    }
    let metrics = feed.server.hubs().metrics::<NewsHubContract>();
    let closed = async {
        while metrics.slow_consumers() == 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        while metrics.feed_readers() > 1 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    with_default_timeout(closed).await;
    assert_eq!(metrics.slow_consumers(), 1);
    let mut read = 0;
    while stopped.next().await.is_some() {
        read += 1;
    }
    assert!(read < 40, "its stream has ended");
}

#[tokio::test(start_paused = true)]
async fn what_may_be_lost_is_lost_for_a_reader_that_is_behind() {
    let feed = Feed::new(HubOptions::default());
    let clients = feed.context().clients();
    let mut reader = feed.read("", None, None).await;
    for value in 0..10_000 {
        clients.all().price(value).await.unwrap();
    }
    let (mut count, mut last) = (0, String::new());
    while last != "[9999]" {
        last = reader.next().await.expect("it goes on").data;
        count += 1;
    }
    assert!(count < 10_000, "{count} prices");
}

#[tokio::test(start_paused = true)]
async fn a_silent_stream_is_kept_open_with_comments() {
    let feed = Feed::new(HubOptions::default().keep_alive_interval(Duration::from_secs(2)));
    let mut reader = feed.read("", None, None).await;
    let before = tokio::time::Instant::now();
    let (id, read) = reader.block().await.unwrap();
    assert_eq!((id, read), (None, event("", "")));
    assert!(before.elapsed() <= Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn readers_are_refused_as_the_application_says() {
    let feed = Feed::new(HubOptions::default());
    let ask = async |query: &str, user: bool| {
        let mut request = Request::builder().uri(format!("/news/feed{query}"));
        if user {
            request = request.extension(Principal::new("ann"));
        }
        let response = feed.answer(request.body(Body::empty()).unwrap()).await;
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    };
    assert_eq!(ask("?refuse=client", false).await, (403, "not today".to_owned()));
    assert_eq!(ask("?refuse=unauthorized", false).await, (401, String::new()));
    assert_eq!(ask("?refuse=unauthorized", true).await, (403, String::new()));
    assert_eq!(ask("?refuse=internal", false).await, (500, String::new()));
    assert_eq!(ask("?refuse=panic", false).await, (500, String::new()));
    let foreign =
        Request::builder().uri("/news/feed").header("host", "here").header("origin", "https://elsewhere.example");
    assert_eq!(feed.answer(foreign.body(Body::empty()).unwrap()).await.status(), StatusCode::FORBIDDEN);
    let post = Request::post("/news/feed").body(Body::empty()).unwrap();
    assert_eq!(feed.answer(post).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(start_paused = true)]
async fn readers_are_counted_with_the_connections_and_their_groups_are_bounded() {
    let options = HubOptions::default().maximum_connections(1_usize).maximum_groups_per_connection(2_usize);
    let feed = Feed::new(options.maximum_group_name_length(5_usize));
    let ask = async |query: &str| {
        let request = Request::builder().uri(format!("/news/feed{query}")).body(Body::empty()).unwrap();
        feed.answer(request).await.status().as_u16()
    };
    assert_eq!((ask("?groups=a,b,c").await, ask("?groups=longer").await), (400, 400));
    let reader = feed.read("?groups=a,b", None, None).await;
    assert_eq!(ask("").await, 503);
    drop(reader);
    let again = async {
        while ask("").await == 503 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(again).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_with_its_authentication_its_user_and_its_server() {
    let feed = Feed::new(HubOptions::default());
    let mut banned = feed.read("", None, Some(Principal::new("ben"))).await;
    assert_eq!(feed.context().disconnect_user("ben").await.unwrap(), 1);
    assert_eq!(banned.next().await, None);
    let minute = SystemTime::now() + Duration::from_secs(60);
    let mut expires = feed.read("", None, Some(Principal::new("ann").with_expiry(minute))).await;
    assert_eq!(expires.next().await, None);
    let mut stays = feed.read("", None, None).await;
    feed.context().clients().all().published("still there".to_owned(), 1).await.unwrap();
    assert_eq!(stays.next().await, Some(event("Published", r#"["still there",1]"#)));
    with_default_timeout(feed.server.hubs().shutdown_on(std::future::ready(()))).await;
    assert_eq!(stays.next().await, None);
    let late = feed.answer(Request::builder().uri("/news/feed").body(Body::empty()).unwrap()).await;
    assert_eq!(late.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[test]
#[should_panic(expected = "no hub `NewsHub` is mapped")]
fn a_feed_of_a_hub_that_is_not_mapped_is_a_mistake() {
    let _ = Hubs::new().feed("/feed", NewsHubContract, |_| async { Ok(Vec::new()) });
}
