//! The hub that these tests talk to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt, stream};
use hubs::{
    DisconnectError, HubCallerContext, HubError, HubOptions, HubResult, HubStream, Hubs, InvokeError, UploadStream,
    client_interface, hub, hub_type,
    testing::{TestClient, TestServer, with_default_timeout},
};
use tokio::sync::mpsc;

/// What the server may call.
#[client_interface]
pub(crate) trait Listener {
    async fn heard(&self, text: String) -> HubResult<()>;
    async fn answer(&self, question: String) -> HubResult<u32>;
}

/// A result whose encoding fails in the way it says.
#[hub_type]
#[derive(Debug)]
pub(crate) struct Trap {
    #[serde(serialize_with = "spring")]
    #[schemars(with = "String")]
    pub(crate) how: String,
}

fn spring<S: serde::Serializer>(how: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match how {
        "panic" => panic!("secret"),
        "fail" => Err(serde::ser::Error::custom("secret")),
        _ => serializer.serialize_str(how),
    }
}

pub(crate) type Cx = HubCallerContext<ListenerContract>;

#[hub(client = Listener)]
pub(crate) trait Hub {
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    async fn sum(&self, cx: &Cx, a: i32, b: Option<i32>) -> HubResult<i32>;
    async fn fail(&self, cx: &Cx, how: String) -> HubResult<()>;
    async fn trap(&self, cx: &Cx, how: String) -> HubResult<Trap>;
    async fn join(&self, cx: &Cx, group: String) -> HubResult<()>;
    async fn leave(&self, cx: &Cx, group: String) -> HubResult<()>;
    async fn tell(&self, cx: &Cx, whom: String, name: String, text: String) -> HubResult<()>;
    async fn ask_me(&self, cx: &Cx, question: String) -> HubResult<String>;
    async fn ask(&self, cx: &Cx, id: String, question: String) -> HubResult<String>;
    async fn wait(&self, cx: &Cx, millis: u32) -> HubResult<()>;
    async fn flood_me(&self, cx: &Cx, count: u32, size: u32) -> HubResult<()>;
    async fn who(&self, cx: &Cx) -> HubResult<Option<String>>;
    async fn abort(&self, cx: &Cx) -> HubResult<()>;
    async fn count(&self, cx: &Cx, to: u32, then: String) -> HubResult<HubStream<u32>>;
    async fn endless(&self, cx: &Cx, size: u32) -> HubResult<HubStream<String>>;
    async fn add_up(&self, cx: &Cx, start: i64, numbers: UploadStream<i64>) -> HubResult<i64>;
    async fn zip(
        &self,
        cx: &Cx,
        left: UploadStream<u32>,
        right: UploadStream<String>,
    ) -> HubResult<HubStream<(u32, String)>>;
    async fn ignore(&self, cx: &Cx, numbers: UploadStream<i64>) -> HubResult<()>;
}

/// What happened to connections.
#[derive(Debug, Default)]
pub(crate) struct Events {
    pub(crate) connected: AtomicUsize,
    pub(crate) disconnected: AtomicUsize,
    pub(crate) errors: std::sync::Mutex<Vec<DisconnectError>>,
    pub(crate) finished: AtomicUsize,
    /// Items that an endless stream has made, and such streams that were dropped.
    pub(crate) produced: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
}

struct Dropped(Arc<Events>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

pub(crate) struct HubImpl {
    pub(crate) events: Arc<Events>,
}

impl Hub for HubImpl {
    async fn echo(&self, _: &Cx, text: String) -> HubResult<String> {
        Ok(text)
    }

    async fn sum(&self, _: &Cx, a: i32, b: Option<i32>) -> HubResult<i32> {
        Ok(a + b.unwrap_or(100))
    }

    async fn fail(&self, _: &Cx, how: String) -> HubResult<()> {
        match how.as_str() {
            "client" => Err(HubError::client("for your eyes")),
            "internal" => {
                "secret".parse::<u32>()?;
                Ok(())
            }
            _ => panic!("secret"),
        }
    }

    async fn trap(&self, _: &Cx, how: String) -> HubResult<Trap> {
        Ok(Trap { how })
    }

    async fn join(&self, cx: &Cx, group: String) -> HubResult<()> {
        cx.groups().add(cx.connection_id(), group).await?;
        Ok(())
    }

    async fn leave(&self, cx: &Cx, group: String) -> HubResult<()> {
        cx.groups().remove(cx.connection_id(), group).await?;
        Ok(())
    }

    async fn tell(&self, cx: &Cx, whom: String, name: String, text: String) -> HubResult<()> {
        let clients = cx.clients();
        match whom.as_str() {
            "all" => clients.all().heard(text).await?,
            "all_except" => clients.all_except([name]).heard(text).await?,
            "caller" => clients.caller().heard(text).await?,
            "others" => clients.others().heard(text).await?,
            "client" => clients.client(name).heard(text).await?,
            "clients" => clients.clients([name]).heard(text).await?,
            "group" => clients.group(name).heard(text).await?,
            "groups" => clients.groups([name.as_str(), "lobby"]).heard(text).await?,
            "group_except" => clients.group_except(name, [cx.connection_id()]).heard(text).await?,
            "others_in_group" => clients.others_in_group(name).heard(text).await?,
            "user" => clients.user(name).heard(text).await?,
            "users" => clients.users([name.as_str(), "unknown"]).heard(text).await?,
            _ => return Err(HubError::client("whom?")),
        }
        Ok(())
    }

    async fn ask_me(&self, cx: &Cx, question: String) -> HubResult<String> {
        Ok(as_text(cx.clients().caller().answer(question).await))
    }

    async fn ask(&self, cx: &Cx, id: String, question: String) -> HubResult<String> {
        Ok(as_text(cx.clients().client(id).answer(question).await))
    }

    async fn wait(&self, _: &Cx, millis: u32) -> HubResult<()> {
        tokio::time::sleep(Duration::from_millis(u64::from(millis))).await;
        self.events.finished.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn flood_me(&self, cx: &Cx, count: u32, size: u32) -> HubResult<()> {
        for _ in 0..count {
            cx.clients().caller().heard("x".repeat(size as usize)).await?;
        }
        Ok(())
    }

    async fn who(&self, cx: &Cx) -> HubResult<Option<String>> {
        Ok(cx.user_id().map(|id| id.as_str().to_owned()))
    }

    async fn abort(&self, cx: &Cx) -> HubResult<()> {
        cx.abort();
        Ok(())
    }

    async fn count(&self, _: &Cx, to: u32, then: String) -> HubResult<HubStream<u32>> {
        let end = match then.as_str() {
            "end" => None,
            "client" => Some(Err(HubError::client("that is all"))),
            "internal" => Some(Err(HubError::internal("secret"))),
            "panic" => return Ok(HubStream::new(stream::iter(1..=to).map(|_| panic!("secret")))),
            _ => return Err(HubError::client("how?")),
        };
        Ok(HubStream::fallible(stream::iter((1..=to).map(Ok).chain(end))))
    }

    async fn endless(&self, _: &Cx, size: u32) -> HubResult<HubStream<String>> {
        let events = Arc::clone(&self.events);
        let dropped = Dropped(Arc::clone(&events));
        Ok(HubStream::new(stream::repeat_with(move || {
            let _ = &dropped;
            events.produced.fetch_add(1, Ordering::SeqCst);
            "x".repeat(size as usize)
        })))
    }

    async fn add_up(&self, _: &Cx, start: i64, mut numbers: UploadStream<i64>) -> HubResult<i64> {
        let mut sum = start;
        while let Some(number) = numbers.next().await {
            sum += number?;
        }
        Ok(sum)
    }

    async fn zip(
        &self,
        _: &Cx,
        left: UploadStream<u32>,
        right: UploadStream<String>,
    ) -> HubResult<HubStream<(u32, String)>> {
        Ok(HubStream::fallible(left.zip(right).map(|(left, right)| Ok((left?, right?)))))
    }

    async fn ignore(&self, _: &Cx, _: UploadStream<i64>) -> HubResult<()> {
        Ok(())
    }

    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        let query = cx.request().uri.query().unwrap_or_default();
        match query {
            "refuse" => return Err(HubError::client("not you")),
            "panic" => panic!("secret"),
            "ask" => {
                let error = cx.clients().caller().answer("?".to_owned()).await.expect_err("not allowed");
                cx.clients().caller().heard(error.to_string()).await?;
            }
            _ => {}
        }
        self.events.connected.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn on_disconnected(&self, cx: &Cx, error: Option<&DisconnectError>) {
        self.events.disconnected.fetch_add(1, Ordering::SeqCst);
        self.events.errors.lock().expect("no test panics here").extend(error.cloned());
        assert_ne!(cx.request().uri.query(), Some("panic-at-the-end"), "as told");
    }
}

fn as_text(answer: Result<u32, InvokeError>) -> String {
    match answer {
        Ok(number) => number.to_string(),
        Err(error) => format!("error: {error}"),
    }
}

/// A client that passes on what it next_heard.
pub(crate) struct Forwarding {
    heard: mpsc::UnboundedSender<String>,
}

impl Listener for Forwarding {
    async fn heard(&self, text: String) -> HubResult<()> {
        self.heard.send(text)?;
        Ok(())
    }

    async fn answer(&self, question: String) -> HubResult<u32> {
        match question.as_str() {
            "never" => std::future::pending().await,
            "refuse" => Err(HubError::client("I will not say")),
            _ => Ok(u32::try_from(question.len())?),
        }
    }
}

/// A connected client and what it next_heard.
pub(crate) struct Connected {
    pub(crate) client: TestClient<HubContract>,
    heard: mpsc::UnboundedReceiver<String>,
}

impl Connected {
    pub(crate) fn id(&self) -> String {
        self.client.connection_id().as_str().to_owned()
    }

    pub(crate) fn hub(&self) -> HubProxy {
        self.client.hub()
    }

    /// The next text it next_heard.
    pub(crate) async fn next_heard(&mut self) -> String {
        with_default_timeout(self.heard.recv()).await.expect("still connected")
    }

    /// All it has heard, once everything sent before has arrived: an echo takes the same way.
    pub(crate) async fn all_heard(&mut self) -> Vec<String> {
        with_default_timeout(self.hub().echo("there?".to_owned())).await.expect("an echo");
        std::iter::from_fn(|| self.heard.try_recv().ok()).collect()
    }
}

/// A server with the hub, and what happened on it.
pub(crate) struct TestHub {
    pub(crate) server: TestServer,
    pub(crate) events: Arc<Events>,
}

impl TestHub {
    pub(crate) fn new() -> Self {
        Self::with(HubOptions::default())
    }

    pub(crate) fn with(options: HubOptions) -> Self {
        let events = Arc::<Events>::default();
        let hub = HubImpl { events: Arc::clone(&events) };
        let hubs = Hubs::new().map_with("/hub", HubContract, hub, options);
        Self { server: TestServer::new(hubs), events }
    }

    pub(crate) async fn connect(&self) -> Connected {
        self.connect_at("/hub").await
    }

    pub(crate) async fn connect_at(&self, uri: &str) -> Connected {
        let request = http::Request::builder().uri(uri).body(()).expect("a request");
        let (heard, receiver) = mpsc::unbounded_channel();
        let connecting = self.server.client().request(request).connect(HubContract, Forwarding { heard });
        let client = with_default_timeout(connecting).await.expect("connects");
        Connected { client, heard: receiver }
    }

    /// A client of the hub of this name.
    pub(crate) async fn connect_on(&self, hub: &str) -> Connected {
        let (heard, receiver) = mpsc::unbounded_channel();
        let connecting = self.server.client().hub(hub).connect(HubContract, Forwarding { heard });
        let client = with_default_timeout(connecting).await.expect("connects");
        Connected { client, heard: receiver }
    }

    pub(crate) async fn connect_user(&self, user: &str) -> Connected {
        self.connect_as(hubs::Principal::new(user)).await
    }

    pub(crate) async fn connect_as(&self, user: hubs::Principal) -> Connected {
        let (heard, receiver) = mpsc::unbounded_channel();
        let connect = self.server.client().user(user);
        let client = with_default_timeout(connect.connect(HubContract, Forwarding { heard })).await.expect("connects");
        Connected { client, heard: receiver }
    }

    /// Waits until no connection is left, the hooks included.
    pub(crate) async fn all_closed(&self) {
        let empty = async {
            while self.server.hubs().metrics::<HubContract>().connections() > 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        with_default_timeout(empty).await;
    }
}
