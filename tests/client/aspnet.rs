//! The client against a real ASP.NET Core SignalR server, which `HUBS_ASPNET` starts: a command that serves the hubs of
//! this test on the port in `PORT`. Without it nothing is tested here, and the test says that.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use hubs::{
    HubCallerContext, HubError, HubResult, HubStream, InvokeError, TransportKind, UploadStream,
    client::{Closed, ConnectError, HubClient, HubConnection, HubConnectionBuilder, HubConnectionState, RetryPolicy},
    client_interface, hub, hub_type,
};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{
    hub::{until, within},
    network::Network,
};

#[hub_type]
#[derive(Debug, Clone, PartialEq)]
struct Order {
    symbol: String,
    quantity: i32,
    limit: Option<f64>,
    at: String,
    tags: Vec<String>,
    notes: std::collections::BTreeMap<String, i32>,
    parent: Option<Box<Order>>,
}

#[client_interface]
trait InteropClient {
    async fn receive(&self, user: String, text: String) -> HubResult<()>;
    async fn add(&self, a: i32, b: i32) -> HubResult<i32>;
    async fn ponder(&self, question: String) -> HubResult<String>;
}

type Cx = HubCallerContext<InteropClientContract>;

#[hub(client = InteropClient)]
trait InteropHub {
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    async fn echo_order(&self, cx: &Cx, order: Order) -> HubResult<Order>;
    async fn sum(&self, cx: &Cx, a: i32, b: i32) -> HubResult<i32>;
    async fn nothing(&self, cx: &Cx) -> HubResult<()>;
    async fn connection_id(&self, cx: &Cx) -> HubResult<String>;
    async fn user_id(&self, cx: &Cx) -> HubResult<Option<String>>;
    async fn header(&self, cx: &Cx, name: String) -> HubResult<Option<String>>;
    async fn big(&self, cx: &Cx, length: i32) -> HubResult<String>;
    async fn slow(&self, cx: &Cx, milliseconds: i32) -> HubResult<i32>;
    async fn shown(&self, cx: &Cx) -> HubResult<String>;
    async fn hidden(&self, cx: &Cx) -> HubResult<String>;
    async fn count(&self, cx: &Cx, count: i32, delay: i32) -> HubResult<HubStream<i32>>;
    async fn count_then_fail(&self, cx: &Cx, count: i32) -> HubResult<HubStream<i32>>;
    async fn endless(&self, cx: &Cx) -> HubResult<HubStream<String>>;
    async fn cancelled(&self, cx: &Cx) -> HubResult<u32>;
    async fn total(&self, cx: &Cx, numbers: UploadStream<i32>) -> HubResult<i32>;
    async fn zip(
        &self,
        cx: &Cx,
        left: UploadStream<String>,
        between: String,
        right: UploadStream<String>,
    ) -> HubResult<String>;
    async fn doubled(&self, cx: &Cx, numbers: UploadStream<i32>) -> HubResult<HubStream<i32>>;
    async fn say_to_all(&self, cx: &Cx, text: String) -> HubResult<()>;
    async fn join(&self, cx: &Cx, group: String) -> HubResult<()>;
    async fn leave(&self, cx: &Cx, group: String) -> HubResult<()>;
    async fn say_to_group(&self, cx: &Cx, group: String, text: String) -> HubResult<()>;
    async fn say_to_caller(&self, cx: &Cx, text: String) -> HubResult<()>;
    async fn burst(&self, cx: &Cx, count: i32) -> HubResult<()>;
    async fn ask_me(&self, cx: &Cx, a: i32, b: i32) -> HubResult<()>;
    async fn ask_and_give_up(&self, cx: &Cx, milliseconds: i32) -> HubResult<()>;
    async fn abort(&self, cx: &Cx) -> HubResult<()>;
}

struct Screen(mpsc::UnboundedSender<(String, String)>);

impl InteropClient for Screen {
    async fn receive(&self, user: String, text: String) -> HubResult<()> {
        Ok(self.0.send((user, text))?)
    }

    async fn add(&self, a: i32, b: i32) -> HubResult<i32> {
        if a == 0 { Err(HubError::client("nothing to add")) } else { Ok(a + b) }
    }

    async fn ponder(&self, _: String) -> HubResult<String> {
        std::future::pending().await
    }
}

/// The server's process.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    async fn start(command: &str) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .expect("a port is free")
            .local_addr()
            .expect("it has one")
            .port();
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("exec {command}")).env("PORT", port.to_string()).stdout(Stdio::null());
        let server =
            Self { process: shell.spawn().expect("the server starts"), url: format!("http://127.0.0.1:{port}") };
        let up = HubConnection::builder(&format!("{}/hub", server.url)).retry_first_connection();
        let up = up.reconnect(RetryPolicy::new(|_| Some(Duration::from_millis(100)))).start();
        // The first time it may have to unpack a runtime.
        tokio::time::timeout(Duration::from_secs(90), up).await.expect("the server is up in time").expect("it answers");
        server
    }

    fn at(&self, path: &str) -> HubConnectionBuilder {
        HubConnection::builder(&format!("{}{path}", self.url))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Connected {
    hub: HubClient<InteropHubContract>,
    told: mpsc::UnboundedReceiver<(String, String)>,
}

impl Connected {
    async fn over(builder: HubConnectionBuilder) -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        let hub = within(builder.connect(InteropHubContract, Screen(sender))).await.expect("it connects");
        Self { hub, told }
    }

    async fn next(&mut self) -> (String, String) {
        within(self.told.recv()).await.expect("the client is there")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_of_a_real_server() {
    let Ok(command) = std::env::var("HUBS_ASPNET") else {
        eprintln!(
            "\n*** HUBS_ASPNET is not set: NOTHING was tested against ASP.NET Core. Set it to a command that starts the server. ***\n"
        );
        return;
    };
    let server = Server::start(&command).await;
    for (path, kind) in [
        ("/hub", TransportKind::WebSockets),
        ("/ws", TransportKind::WebSockets),
        ("/sse", TransportKind::ServerSentEvents),
        ("/lp", TransportKind::LongPolling),
    ] {
        println!("{path}");
        let mut client = Connected::over(server.at(path)).await;
        values(&client.hub).await;
        errors(&client.hub).await;
        streams(&client.hub).await;
        pushes(&mut client).await;
        results(&mut client).await;
        assert_eq!(within(client.hub.connection().stop()).await, Closed::Stopped, "{path}, {kind}");
    }
    tokens_and_redirects(&server).await;
    ends(&server).await;
    quick(&server).await;
    resume(&server).await;
}

async fn values(hub: &HubClient<InteropHubContract>) {
    let order = |parent| Order {
        symbol: "é😀\u{2028}\"".to_owned(),
        quantity: -3,
        limit: Some(0.1),
        at: "2026-01-02T03:04:05+00:00".to_owned(),
        tags: vec!["a".to_owned()],
        notes: [("k".to_owned(), 1)].into(),
        parent,
    };
    within(async {
        assert_eq!(hub.echo("é😀".to_owned()).await.expect("an answer"), "é😀");
        let nested = order(Some(Box::new(order(None))));
        assert_eq!(hub.echo_order(nested.clone()).await.expect("an answer"), nested);
        assert_eq!(hub.sum(1, 2).await.expect("an answer"), 3);
        hub.nothing().await.expect("an answer");
        assert_eq!(hub.big(300_000).await.expect("an answer").len(), 300_000);
        let id = hub.connection_id().await.expect("an answer");
        assert_eq!(hub.connection().id().expect("it has negotiated").as_str(), id);
        assert_eq!(hub.user_id().await.expect("an answer"), None);
        // Each value is written as it was read.
        let mut everything: Value = hub.connection().invoke("GetEverything", ()).await.expect("an answer");
        // This end writes no number that a browser could not hold.
        (everything["long"], everything["ulong"]) = (Value::from(-5), Value::from(5));
        let again: Value = hub.connection().invoke("EchoEverything", (&everything,)).await.expect("an answer");
        assert_eq!(again, everything);
    })
    .await;
}

async fn errors(hub: &HubClient<InteropHubContract>) {
    let shown = within(hub.shown()).await.expect_err("it fails");
    assert_eq!(shown.client_text(), Some("meant for you"));
    let hidden = within(hub.hidden()).await.expect_err("it fails").to_string();
    assert_eq!(hidden, "An unexpected error occurred invoking 'Hidden' on the server.");
    let unknown = within(hub.connection().invoke::<()>("Missing", ())).await.expect_err("it fails").to_string();
    assert!(unknown.ends_with("HubException: Method does not exist."), "{unknown}");
    let late = within(hub.within(Duration::from_millis(50)).slow(300)).await.expect_err("it is slow");
    assert!(matches!(late, InvokeError::TimedOut(_)), "{late}");
}

async fn streams(hub: &HubClient<InteropHubContract>) {
    within(async {
        let counted = hub.count(50, 0).await.expect("a stream");
        assert_eq!(counted.try_collect::<Vec<_>>().await.expect("items"), (0..50).collect::<Vec<_>>());
        let items: Vec<_> = hub.count_then_fail(2).await.expect("a stream").collect().await;
        assert_eq!(items.len(), 3);
        let text = items[2].as_ref().expect_err("it breaks").to_string();
        assert_eq!(text, "An error occurred on the server while streaming results. HubException: the stream broke");
        let numbers = UploadStream::new(stream::iter(1..=100));
        assert_eq!(hub.total(numbers).await.expect("an answer"), 5_050);
        let texts = |text: &'static str| UploadStream::new(stream::iter([1, 2]).map(move |n| format!("{text}{n}")));
        assert_eq!(hub.zip(texts("a"), "-".to_owned(), texts("b")).await.expect("an answer"), "a1-b1,a2-b2");
        let doubled = hub.doubled(UploadStream::new(stream::iter([1, 2]))).await.expect("a stream");
        assert_eq!(doubled.try_collect::<Vec<_>>().await.expect("items"), [2, 4]);
        let mut endless = hub.endless().await.expect("a stream");
        assert_eq!(endless.next().await.expect("an item").expect("no error"), "tick 0");
    })
    .await;
    until(1, || hub.cancelled()).await;
}

async fn pushes(client: &mut Connected) {
    let said = |from: &str, text: &str| (from.to_owned(), text.to_owned());
    within(client.hub.say_to_all("x".to_owned())).await.expect("an answer");
    assert_eq!(client.next().await, said("all", "x"));
    within(client.hub.join("g".to_owned())).await.expect("an answer");
    within(client.hub.say_to_group("g".to_owned(), "y".to_owned())).await.expect("an answer");
    assert_eq!(client.next().await, said("group", "y"));
    within(client.hub.leave("g".to_owned())).await.expect("an answer");
    within(client.hub.say_to_group("g".to_owned(), "z".to_owned())).await.expect("an answer");
    within(client.hub.without_waiting().burst(200)).await.expect("it is queued");
    for number in 0..200 {
        assert_eq!(client.next().await, said("burst", &number.to_string()));
    }
}

async fn results(client: &mut Connected) {
    for (a, answer) in [(40, "42"), (0, "error: nothing to add")] {
        within(client.hub.ask_me(a, 2)).await.expect("an answer");
        assert_eq!(client.next().await, ("answer".to_owned(), answer.to_owned()));
    }
    within(client.hub.ask_and_give_up(20)).await.expect("an answer");
    let (_, text) = client.next().await;
    assert!(text.starts_with("gave up: "), "{text}");
}

async fn tokens_and_redirects(server: &Server) {
    let error = within(server.at("/secure").start()).await.expect_err("it needs a token");
    assert!(matches!(error, ConnectError::Status { status: 401, .. }), "{error}");
    let error = within(server.at("/turned-down").start()).await.expect_err("it is turned down");
    assert!(matches!(&error, ConnectError::Declined(text) if text == "no room"), "{error}");
    let token = || async { std::io::Result::Ok("let-me-in".to_owned()) };
    for kind in [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling] {
        let alice = Some("alice".to_owned());
        let secure = Connected::over(server.at("/secure").access_token_provider(token).transports([kind])).await;
        assert_eq!(within(secure.hub.user_id()).await.expect("an answer"), alice, "{kind}");
        let moved = Connected::over(server.at("/moved-twice").transports([kind])).await;
        assert_eq!(within(moved.hub.user_id()).await.expect("an answer"), alice, "{kind}");
    }
    let skipping = server.at("/secure").access_token_provider(token).skip_negotiation();
    let skipping = Connected::over(skipping).await;
    assert_eq!(within(skipping.hub.user_id()).await.expect("an answer").as_deref(), Some("alice"));
}

async fn ends(server: &Server) {
    for path in ["/ws", "/sse", "/lp"] {
        let client = Connected::over(server.at(path)).await;
        within(client.hub.without_waiting().abort()).await.expect("it is queued");
        let reason = within(client.hub.connection().closed()).await;
        assert_eq!(reason, Closed::Server { error: None, allow_reconnect: false }, "{path}");
    }
}

/// The same connection over one socket after the other, with a call and messages under way.
async fn resume(server: &Server) {
    let address = server.url.trim_start_matches("http://").parse().expect("an address");
    let network = Network::to(address).await;
    let builder = HubConnection::builder(&network.url("/resume")).stateful_reconnect();
    let mut client = Connected::over(builder.reconnect(RetryPolicy::never())).await;
    let id = within(client.hub.connection_id()).await.expect("an answer");
    let mut states = client.hub.connection().states();
    for round in 0..10 {
        let hub = client.hub.clone();
        let slow = tokio::spawn(async move { hub.slow(100).await });
        for number in 0..20 {
            let text = format!("{round}-{number}");
            within(client.hub.without_waiting().say_to_caller(text)).await.expect("it is queued");
        }
        // The server refuses a socket while it has not seen the last one end.
        network.lead_to(None);
        network.cut();
        let resuming = |state: &HubConnectionState| matches!(state, HubConnectionState::Resuming { .. });
        within(states.wait_for(resuming)).await.expect("the client is there");
        network.lead_to(Some(address));
        assert_eq!(within(slow).await.expect("no panic").expect("an answer"), 100, "round {round}");
        for number in 0..20 {
            assert_eq!(client.next().await, ("caller".to_owned(), format!("{round}-{number}")));
        }
        within(states.wait_for(HubConnectionState::is_connected)).await.expect("the client is there");
    }
    assert_eq!(within(client.hub.connection_id()).await.expect("an answer"), id);
}

/// The server expects a ping each two seconds here, and the client keeps to it.
async fn quick(server: &Server) {
    let builder = server.at("/quick").keep_alive_interval(Duration::from_millis(500));
    let builder = builder.server_timeout(Duration::from_secs(2)).reconnect(RetryPolicy::never());
    let client = Connected::over(builder).await;
    let items = within(client.hub.count(3, 1_000)).await.expect("a stream");
    assert_eq!(within(items.try_collect::<Vec<_>>()).await.expect("items"), [0, 1, 2]);
}
