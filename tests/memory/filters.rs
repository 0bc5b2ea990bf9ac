//! Filters around calls and connections, through typed clients: who runs when, what they see, and what callers read.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::stream;
use hubs::{
    AuditAction, AuditFilter, AuditOutcome, AuditRecord, ConnectNext, DisconnectError, DisconnectNext,
    HubCallerContext, HubError, HubFilter, HubInvocationContext, HubLifetimeContext, HubResult, HubStream, Hubs,
    InvokeNext, NoClient, Principal, Returned, TimeoutFilter, hub,
    testing::{TestClient, TestServer, with_default_timeout},
};
use parking_lot::Mutex;

type Cx = HubCallerContext<NoClient>;

/// What happened, in order.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<Vec<String>>>);

impl Events {
    fn add(&self, event: impl Into<String>) {
        self.0.lock().push(event.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock())
    }

    async fn wait_for(&self, event: &str) {
        let there = async {
            while !self.0.lock().iter().any(|known| known == event) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        with_default_timeout(there).await;
    }
}

#[hub]
trait Desk {
    async fn greet(&self, cx: &Cx, name: String, times: u32) -> HubResult<String>;
    async fn parse(&self, cx: &Cx, text: String) -> HubResult<u32>;
    async fn sleep(&self, cx: &Cx) -> HubResult<()>;
    async fn count(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    #[authorize(role = "admin")]
    async fn wipe(&self, cx: &Cx) -> HubResult<()>;
    async fn panics(&self, cx: &Cx) -> HubResult<()>;
}

struct TheDesk(Events);

impl Desk for TheDesk {
    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        self.0.add("hub connected");
        if cx.request().uri.path() == "/fails" { Err(HubError::internal("the hook failed")) } else { Ok(()) }
    }

    async fn on_disconnected(&self, _: &Cx, _: Option<&DisconnectError>) {
        self.0.add("hub disconnected");
    }

    async fn greet(&self, _: &Cx, name: String, times: u32) -> HubResult<String> {
        self.0.add("method");
        Ok(vec![name; times as usize].join(" "))
    }

    async fn parse(&self, _: &Cx, text: String) -> HubResult<u32> {
        Ok(text.parse()?)
    }

    async fn sleep(&self, _: &Cx) -> HubResult<()> {
        std::future::pending().await
    }

    async fn count(&self, _: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(stream::iter(0..to)))
    }

    async fn wipe(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }

    async fn panics(&self, _: &Cx) -> HubResult<()> {
        panic!("secret")
    }
}

/// Writes down when it runs.
struct Named(&'static str, Events);

impl HubFilter for Named {
    async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
        self.1.add(format!("{} before {}", self.0, call.method()));
        let done = next.run().await;
        self.1.add(format!("{} after", self.0));
        done
    }

    async fn on_connected(&self, _: &HubLifetimeContext, next: ConnectNext<'_>) -> HubResult<()> {
        self.1.add(format!("{} connects", self.0));
        next.run().await
    }

    async fn on_disconnected(&self, _: &HubLifetimeContext, _: Option<&DisconnectError>, next: DisconnectNext<'_>) {
        next.run().await;
        self.1.add(format!("{} disconnected", self.0));
    }
}

fn hubs(events: &Events) -> Hubs {
    Hubs::new().map("/desk", DeskContract, TheDesk(events.clone()))
}

async fn connect(server: &TestServer) -> TestClient<DeskContract> {
    with_default_timeout(server.connect(DeskContract, ())).await.expect("connects")
}

#[tokio::test(start_paused = true)]
async fn filters_run_in_the_order_of_their_registration_and_those_of_all_hubs_first() {
    let events = Events::default();
    let hubs = hubs(&events)
        .hub_filter(DeskContract, Named("hub 1", events.clone()))
        .filter(Named("all 1", events.clone()))
        .hub_filter(DeskContract, Named("hub 2", events.clone()))
        .filter(Named("all 2", events.clone()));
    let server = TestServer::new(hubs);
    let client = connect(&server).await;
    assert_eq!(client.hub().greet("hi".to_owned(), 2).await.unwrap(), "hi hi");
    client.stop().await;
    events.wait_for("all 1 disconnected").await;
    let expected = [
        "all 1 connects",
        "all 2 connects",
        "hub 1 connects",
        "hub 2 connects",
        "hub connected",
        "all 1 before Greet",
        "all 2 before Greet",
        "hub 1 before Greet",
        "hub 2 before Greet",
        "method",
        "hub 2 after",
        "hub 1 after",
        "all 2 after",
        "all 1 after",
        "hub disconnected",
        "hub 2 disconnected",
        "hub 1 disconnected",
        "all 2 disconnected",
        "all 1 disconnected",
    ];
    assert_eq!(events.take(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_filter_of_one_hub_is_around_no_other() {
    let events = Events::default();
    let hubs = hubs(&events)
        .map_named("other", "/other", DeskContract, TheDesk(events.clone()), hubs::HubOptions::default())
        .hub_filter_named("other", DeskContract, Named("other", events.clone()));
    let server = TestServer::new(hubs);
    let client = connect(&server).await;
    client.hub().greet("hi".to_owned(), 1).await.unwrap();
    assert_eq!(events.take(), ["hub connected", "method"]);
    let other = with_default_timeout(server.client().hub("other").connect(DeskContract, ())).await.unwrap();
    other.hub().greet("hi".to_owned(), 1).await.unwrap();
    assert_eq!(events.take(), ["other connects", "hub connected", "other before Greet", "method", "other after"]);
}

#[test]
#[should_panic(expected = "no hub `Desk` is mapped")]
fn a_filter_of_a_hub_that_is_not_mapped_is_a_mistake() {
    let _ = Hubs::new().hub_filter(DeskContract, Named("lost", Events::default()));
}

#[test]
#[should_panic(expected = "call `Hubs::filter` before")]
fn a_filter_comes_before_the_hubs_start() {
    let hubs = hubs(&Events::default());
    let _ = hubs.context::<DeskContract>();
    let _ = hubs.filter(Named("late", Events::default()));
}

/// Refuses, counts, rewrites and panics, as the name of the method says.
struct Decides;

impl HubFilter for Decides {
    async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
        match call.method() {
            "Greet" if call.argument::<u32>("times").is_none_or(|times| times > 3) => {
                Err(HubError::client("three times at most"))
            }
            "Wipe" => Err(HubError::internal("the filter ran")),
            "Sleep" => panic!("secret of a filter"),
            _ => next.run().await.map_err(|error| match error.downcast_ref::<std::num::ParseIntError>() {
                Some(_) => HubError::client("that is no number"),
                None => error,
            }),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_refuses_rewrites_and_panics_as_a_method_does() {
    let events = Events::default();
    let server = TestServer::new(hubs(&events).filter(Decides));
    let client = connect(&server).await;
    let failed =
        |method: &str, text: &str| format!("An unexpected error occurred invoking '{method}' on the server.{text}");
    let refused = client.hub().greet("hi".to_owned(), 4).await.unwrap_err();
    assert_eq!(refused.to_string(), failed("Greet", " HubException: three times at most"));
    assert_eq!(events.take(), ["hub connected"], "the method did not start");
    let rewritten = client.hub().parse("x".to_owned()).await.unwrap_err();
    assert_eq!(rewritten.to_string(), failed("Parse", " HubException: that is no number"));
    assert_eq!(client.hub().sleep().await.unwrap_err().to_string(), failed("Sleep", ""));
    assert_eq!(client.hub().panics().await.unwrap_err().to_string(), failed("Panics", ""));
    assert_eq!(client.hub().greet("hi".to_owned(), 3).await.unwrap(), "hi hi hi");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_caller_may_not_make_reaches_no_filter() {
    let server = TestServer::new(hubs(&Events::default()).filter(Decides));
    let client = connect(&server).await;
    let refused = client.hub().wipe().await.unwrap_err();
    assert_eq!(refused.to_string(), "Failed to invoke 'Wipe' because user is unauthorized");
    let admin = server.client().user(Principal::new("ann").with_role("admin"));
    let admin = with_default_timeout(admin.connect(DeskContract, ())).await.unwrap();
    let reached = admin.hub().wipe().await.unwrap_err().to_string();
    assert_eq!(reached, "An unexpected error occurred invoking 'Wipe' on the server.", "the filter ran");
}

/// Says what it sees.
struct Sees(Events);

impl HubFilter for Sees {
    async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
        // The message that brought the arguments may be gone by then.
        tokio::task::yield_now().await;
        self.0.add(format!(
            "{} {} of {:?}: {:?} {:?} {:?} {:?} {}",
            call.hub(),
            call.method(),
            call.user_id().map(ToString::to_string),
            call.argument::<String>("name"),
            call.argument::<u32>("times"),
            call.argument::<u32>("name"),
            call.argument::<String>("other"),
            call.items().get::<u8>().unwrap_or_default(),
        ));
        let returned = next.run().await?;
        self.0.add(format!("{} {returned:?}", call.is_stream()));
        Ok(returned)
    }

    async fn on_connected(&self, connection: &HubLifetimeContext, next: ConnectNext<'_>) -> HubResult<()> {
        connection.items().insert(7_u8);
        next.run().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_sees_the_call_its_caller_and_its_arguments_in_every_protocol() {
    let events = Events::default();
    let server = TestServer::new(hubs(&events).filter(Sees(events.clone())));
    for messagepack in [false, true] {
        let builder = server.client().user(Principal::new("ann"));
        let builder = if messagepack { builder.messagepack() } else { builder };
        let client = with_default_timeout(builder.connect(DeskContract, ())).await.unwrap();
        events.take();
        assert_eq!(client.hub().greet("a, \"b\"".to_owned(), 2).await.unwrap(), "a, \"b\" a, \"b\"");
        let seen = r#"Desk Greet of Some("ann"): Some("a, \"b\"") Some(2) None None 7"#;
        assert_eq!(events.take(), [seen, "method", "false Returned(value)"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_sees_where_a_stream_begins_and_all_items_pass() {
    let events = Events::default();
    let server = TestServer::new(hubs(&events).filter(Sees(events.clone())));
    let client = connect(&server).await;
    events.take();
    let items = client.hub().count(3).await.unwrap();
    let items: Vec<u32> = futures_util::TryStreamExt::try_collect(items).await.unwrap();
    assert_eq!(items, [0, 1, 2]);
    assert_eq!(events.take(), ["Desk Count of None: None None None None 7", "true Returned(stream)"]);
}

/// Lets no one in.
struct Closed;

impl HubFilter for Closed {
    async fn on_connected(&self, _: &HubLifetimeContext, _: ConnectNext<'_>) -> HubResult<()> {
        Err(HubError::client("we are closed"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_filter_that_refuses_a_connection_ends_it_before_the_hub_knows_it() {
    let events = Events::default();
    let server = TestServer::new(hubs(&events).filter(Named("outer", events.clone())).filter(Closed));
    let client = connect(&server).await;
    with_default_timeout(client.closed()).await;
    let metrics = server.hubs().metrics::<DeskContract>();
    let gone = async {
        while metrics.connections() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(gone).await;
    assert_eq!(events.take(), ["outer connects"], "neither hook of the hub ran");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_fails_with_its_limit() {
    let limits = TimeoutFilter::only().method("sleep", Duration::from_secs(3));
    let server = TestServer::new(hubs(&Events::default()).filter(limits));
    let client = connect(&server).await;
    let began = tokio::time::Instant::now();
    let late = client.hub().sleep().await.unwrap_err();
    let text =
        "An unexpected error occurred invoking 'Sleep' on the server. HubException: the call took longer than 3s";
    assert_eq!(late.to_string(), text);
    assert!(began.elapsed() >= Duration::from_secs(3));
    assert_eq!(client.hub().greet("hi".to_owned(), 1).await.unwrap(), "hi");
}

#[tokio::test(start_paused = true)]
async fn an_audit_has_a_record_of_each_action_and_of_how_it_ended() {
    let records: Arc<Mutex<Vec<AuditRecord>>> = Arc::default();
    let sink = Arc::clone(&records);
    let before = SystemTime::now();
    let events = Events::default();
    let hubs = hubs(&events).filter(AuditFilter::new(move |record| sink.lock().push(record))).filter(Decides);
    let server = TestServer::new(hubs);
    let client = server.client().user(Principal::new("ann"));
    let client = with_default_timeout(client.connect(DeskContract, ())).await.unwrap();
    client.hub().greet("hi".to_owned(), 1).await.unwrap();
    client.hub().greet("hi".to_owned(), 4).await.unwrap_err();
    client.hub().wipe().await.unwrap_err();
    client.hub().panics().await.unwrap_err();
    client.stop().await;
    events.wait_for("hub disconnected").await;
    let ended = async {
        while records.lock().last().is_none_or(|record| record.action != AuditAction::Disconnect) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(ended).await;
    let records = std::mem::take(&mut *records.lock());
    let seen: Vec<_> = records.iter().map(|record| (record.action, record.outcome.clone())).collect();
    let expected = [
        (AuditAction::Connect, AuditOutcome::Success),
        (AuditAction::Call("Greet"), AuditOutcome::Success),
        (AuditAction::Call("Greet"), AuditOutcome::Refused("three times at most".to_owned())),
        (AuditAction::Call("Panics"), AuditOutcome::Dropped),
        (AuditAction::Disconnect, AuditOutcome::Success),
    ];
    assert_eq!(seen, expected, "`Wipe` was refused before any filter");
    for record in records {
        assert_eq!((record.hub.as_str(), record.user_id.as_ref().map(|id| id.as_str())), ("Desk", Some("ann")));
        assert_eq!(record.connection_id, *client.connection_id());
        assert!(record.at >= before && record.at <= SystemTime::now());
    }
}
