//! A hub with a method of each kind, its server on a port, and clients of it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use axum::Router;
use futures_util::{StreamExt, stream};
use hubs::{
    HubCallerContext, HubError, HubOptions, HubResult, HubStream, Hubs, InvokeError, UploadStream,
    client::{HubClient, HubConnection, HubConnectionBuilder},
    client_interface, hub, hub_type,
};
use tokio::{net::TcpListener, runtime::Runtime, sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

/// A value with the kinds of fields whose encodings differ.
#[hub_type]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) symbol_name: String,
    pub(crate) price: f64,
    pub(crate) limit: Option<u32>,
    pub(crate) side: Side,
    pub(crate) tags: Vec<String>,
}

#[hub_type]
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Side {
    Buy,
    SellShort,
}

#[hub_type]
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("only {left} are left")]
    SoldOut { left: u32 },
}

#[client_interface]
pub(crate) trait LabClient {
    async fn receive(&self, from: String, order: Order) -> HubResult<()>;
    async fn add(&self, a: i32, b: i32) -> HubResult<i32>;
}

type Cx = HubCallerContext<LabClientContract>;

#[hub(client = LabClient)]
pub(crate) trait LabHub {
    async fn echo(&self, cx: &Cx, order: Order) -> HubResult<Order>;
    async fn nothing(&self, cx: &Cx) -> HubResult<()>;
    async fn shown(&self, cx: &Cx) -> HubResult<()>;
    async fn hidden(&self, cx: &Cx) -> HubResult<()>;
    async fn buy(&self, cx: &Cx, count: u32) -> HubResult<u32, Refused>;
    async fn big(&self, cx: &Cx, length: u32) -> HubResult<String>;
    async fn count(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    async fn endless(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    /// How many endless streams are being sent.
    async fn streaming(&self, cx: &Cx) -> HubResult<u32>;
    async fn total(&self, cx: &Cx, numbers: UploadStream<u32>) -> HubResult<u32>;
    async fn doubled(&self, cx: &Cx, numbers: UploadStream<u32>) -> HubResult<HubStream<u32>>;
    async fn broadcast(&self, cx: &Cx, from: String, order: Order) -> HubResult<()>;
    async fn ask(&self, cx: &Cx, a: i32, b: i32) -> HubResult<i32>;
    async fn join(&self, cx: &Cx, group: String) -> HubResult<()>;
    async fn tell_group(&self, cx: &Cx, group: String, order: Order) -> HubResult<()>;
    /// Waits until its caller gives it up.
    #[method(cancellable)]
    async fn hang(&self, cx: &Cx) -> HubResult<()>;
    /// How many calls hang.
    async fn hanging(&self, cx: &Cx) -> HubResult<u32>;
    async fn user(&self, cx: &Cx) -> HubResult<Option<String>>;
    async fn header(&self, cx: &Cx, name: String) -> HubResult<Option<String>>;
    async fn transport(&self, cx: &Cx) -> HubResult<String>;
    async fn id(&self, cx: &Cx) -> HubResult<String>;
    async fn kick_me(&self, cx: &Cx) -> HubResult<()>;
}

#[derive(Default)]
pub(crate) struct Lab {
    streaming: Arc<AtomicU32>,
    hanging: Arc<AtomicU32>,
}

/// Counts for as long as it lives.
struct Counted(Arc<AtomicU32>);

impl Counted {
    fn new(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl LabHub for Lab {
    async fn echo(&self, _: &Cx, order: Order) -> HubResult<Order> {
        Ok(order)
    }

    async fn nothing(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }

    async fn shown(&self, _: &Cx) -> HubResult<()> {
        Err(HubError::client("meant for you"))
    }

    async fn hidden(&self, _: &Cx) -> HubResult<()> {
        Err(HubError::internal("a secret"))
    }

    async fn buy(&self, _: &Cx, count: u32) -> HubResult<u32, Refused> {
        if count > 3 { Err(Refused::SoldOut { left: 3 }) } else { Ok(count) }
    }

    async fn big(&self, _: &Cx, length: u32) -> HubResult<String> {
        Ok("x".repeat(length as usize))
    }

    async fn count(&self, _: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(stream::iter(0..to)))
    }

    async fn endless(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        let counted = Counted::new(&self.streaming);
        // One item, and then none: what fills the network would keep the answers of other calls back.
        let numbers = stream::iter([0]).chain(stream::pending()).inspect(move |_| {
            let _ = &counted;
        });
        Ok(HubStream::new(numbers))
    }

    async fn streaming(&self, _: &Cx) -> HubResult<u32> {
        Ok(self.streaming.load(Ordering::SeqCst))
    }

    async fn total(&self, _: &Cx, mut numbers: UploadStream<u32>) -> HubResult<u32> {
        let mut total = 0;
        while let Some(number) = numbers.next().await {
            total += number?;
        }
        Ok(total)
    }

    async fn doubled(&self, _: &Cx, numbers: UploadStream<u32>) -> HubResult<HubStream<u32>> {
        Ok(HubStream::fallible(numbers.map(|number| Ok(number? * 2))))
    }

    async fn broadcast(&self, cx: &Cx, from: String, order: Order) -> HubResult<()> {
        Ok(cx.clients().all().receive(from, order).await?)
    }

    async fn ask(&self, cx: &Cx, a: i32, b: i32) -> HubResult<i32> {
        Ok(cx.clients().caller().add(a, b).await?)
    }

    async fn join(&self, cx: &Cx, group: String) -> HubResult<()> {
        Ok(cx.groups().add(cx.connection_id().clone(), group).await?)
    }

    async fn tell_group(&self, cx: &Cx, group: String, order: Order) -> HubResult<()> {
        Ok(cx.clients().group(group.clone()).receive(group, order).await?)
    }

    async fn hang(&self, _: &Cx) -> HubResult<()> {
        let _counted = Counted::new(&self.hanging);
        std::future::pending().await
    }

    async fn hanging(&self, _: &Cx) -> HubResult<u32> {
        Ok(self.hanging.load(Ordering::SeqCst))
    }

    async fn user(&self, cx: &Cx) -> HubResult<Option<String>> {
        Ok(cx.user_id().map(ToString::to_string))
    }

    async fn header(&self, cx: &Cx, name: String) -> HubResult<Option<String>> {
        let value = cx.request().headers.get(name.as_str());
        Ok(value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()))
    }

    async fn transport(&self, cx: &Cx) -> HubResult<String> {
        Ok(cx.transport().name().to_owned())
    }

    async fn id(&self, cx: &Cx) -> HubResult<String> {
        Ok(cx.connection_id().to_string())
    }

    async fn kick_me(&self, cx: &Cx) -> HubResult<()> {
        cx.abort();
        Ok(())
    }
}

pub(crate) fn order(symbol: &str) -> Order {
    let tags = vec!["é".to_owned(), "😀".to_owned()];
    Order { symbol_name: symbol.to_owned(), price: 12.5, limit: None, side: Side::SellShort, tags }
}

/// A client that passes on what it is told.
pub(crate) struct Screen(pub(crate) mpsc::UnboundedSender<(String, Order)>);

impl LabClient for Screen {
    async fn receive(&self, from: String, order: Order) -> HubResult<()> {
        self.0.send((from, order))?;
        Ok(())
    }

    async fn add(&self, a: i32, b: i32) -> HubResult<i32> {
        if a == 0 { Err(HubError::client("nothing to add")) } else { Ok(a + b) }
    }
}

/// A connected client, and what it was told.
pub(crate) struct Lively {
    pub(crate) lab: HubClient<LabHubContract>,
    pub(crate) told: mpsc::UnboundedReceiver<(String, Order)>,
}

pub(crate) async fn connect(builder: HubConnectionBuilder) -> Lively {
    let (sender, told) = mpsc::unbounded_channel();
    let lab = within(builder.connect(LabHubContract, Screen(sender))).await.expect("it connects");
    Lively { lab, told }
}

impl Lively {
    pub(crate) async fn next(&mut self) -> (String, Order) {
        within(self.told.recv()).await.expect("the client is there")
    }
}

/// A server of the hub, in a runtime of its own, so that it can be killed with all of its sockets.
pub(crate) struct Server {
    runtime: Option<Runtime>,
    /// Resolves when the server has ended in order.
    serving: JoinHandle<()>,
    stopping: CancellationToken,
    pub(crate) address: SocketAddr,
}

impl Server {
    pub(crate) fn start(options: HubOptions) -> Self {
        Self::at("127.0.0.1:0".parse().expect("an address"), options)
    }

    /// Serves the hub at this address.
    pub(crate) fn at(address: SocketAddr, options: HubOptions) -> Self {
        let hubs = hubs(Hubs::new(), options);
        Self::serve(address, hubs.router(), Some(hubs))
    }

    /// Serves an application that is perhaps no hub.
    pub(crate) fn serve(address: SocketAddr, app: Router, hubs: Option<Hubs>) -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = bind(address);
        let address = listener.local_addr().expect("it has an address");
        listener.set_nonblocking(true).expect("a listener");
        let stopping = CancellationToken::new();
        let signal = stopping.clone().cancelled_owned();
        let serving = runtime.spawn(async move {
            let listener = TcpListener::from_std(listener).expect("a listener");
            match hubs {
                Some(hubs) => hubs.serve(listener, app, signal).await,
                None => axum::serve(listener, app).await.expect("it serves"),
            }
        });
        Self { runtime: Some(runtime), serving, stopping, address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/lab", self.address)
    }

    pub(crate) fn client(&self) -> HubConnectionBuilder {
        HubConnection::builder(&self.url())
    }

    /// Ends the server in order: it tells its clients to come back.
    pub(crate) async fn stop(mut self) -> SocketAddr {
        self.stopping.cancel();
        (&mut self.serving).await.expect("it ends in order");
        self.address
    }

    /// Ends the server and drops all sockets, as a process does that is killed.
    pub(crate) fn kill(mut self) -> SocketAddr {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.runtime.take().into_iter().for_each(Runtime::shutdown_background);
    }
}

/// The hub, in these hubs.
pub(crate) fn hubs(hubs: Hubs, options: HubOptions) -> Hubs {
    let hubs = hubs.user_id_provider(|request| {
        let token = request.headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")?;
        Some(token.into())
    });
    // A call that hangs must not keep others waiting.
    let options = options.maximum_parallel_invocations_per_client(10);
    hubs.map_with("/lab", LabHubContract, Lab::default(), options)
}

/// The last server on a port may still be letting it go.
fn bind(address: SocketAddr) -> std::net::TcpListener {
    for _ in 0..1_000_000 {
        if let Ok(listener) = std::net::TcpListener::bind(address) {
            return listener;
        }
        std::thread::yield_now();
    }
    panic!("{address} stays in use");
}

/// Every wait has a limit.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("it happens within 30 s")
}

/// Asks again and again until the answer is this one.
pub(crate) async fn until<F, R>(expected: u32, ask: F)
where
    F: Fn() -> R,
    R: Future<Output = Result<u32, InvokeError>>,
{
    within(async { while ask().await.expect("an answer") != expected {} }).await;
}
