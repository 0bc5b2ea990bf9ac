//! Many or large messages at once to clients that read: none of them is too slow.

use futures_util::{FutureExt, StreamExt, stream::FuturesUnordered};
use hubs::{
    HubCallerContext, HubError, HubResult, Hubs, client_interface, hub,
    testing::{TestClient, TestServer, with_default_timeout},
};
use tokio::sync::mpsc;

#[client_interface]
trait BurstClient {
    async fn receive(&self, text: String) -> HubResult<()>;
}

type Cx = HubCallerContext<BurstClientContract>;

#[hub(client = BurstClient)]
trait Bursts {
    async fn join(&self, cx: &Cx, group: String) -> HubResult<()>;
    /// Sends `count` texts of `size` bytes, one after the other.
    async fn burst(&self, cx: &Cx, target: String, name: String, count: u32, size: u32) -> HubResult<()>;
}

struct BurstHub;

impl Bursts for BurstHub {
    async fn join(&self, cx: &Cx, group: String) -> HubResult<()> {
        cx.groups().add(cx.connection_id(), group).await?;
        Ok(())
    }

    async fn burst(&self, cx: &Cx, target: String, name: String, count: u32, size: u32) -> HubResult<()> {
        let clients = cx.clients();
        for _ in 0..count {
            let text = "x".repeat(size as usize);
            match target.as_str() {
                "caller" => clients.caller().receive(text).await?,
                "client" => clients.client(name.as_str()).receive(text).await?,
                "group" => clients.group(name.as_str()).receive(text).await?,
                "others" => clients.others().receive(text).await?,
                _ => return Err(HubError::client("unknown target")),
            }
        }
        Ok(())
    }
}

struct Receiver(mpsc::UnboundedSender<usize>);

impl BurstClient for Receiver {
    async fn receive(&self, text: String) -> HubResult<()> {
        self.0.send(text.len())?;
        Ok(())
    }
}

struct Client {
    client: TestClient<BurstsContract>,
    received: mpsc::UnboundedReceiver<usize>,
}

impl Client {
    async fn connect(server: &TestServer) -> Self {
        let (sender, received) = mpsc::unbounded_channel();
        let client = server.connect(BurstsContract, Receiver(sender)).await.expect("connects");
        Self { client, received }
    }

    fn id(&self) -> String {
        self.client.connection_id().as_str().to_owned()
    }

    async fn receives(&mut self, count: u32, size: u32) {
        for number in 0..count {
            let length = with_default_timeout(self.received.recv()).await;
            assert_eq!(length, Some(size as usize), "message {number} of {count}");
        }
    }
}

fn server() -> TestServer {
    TestServer::new(Hubs::new().map("/bursts", BurstsContract, BurstHub))
}

fn slow_consumers(server: &TestServer) -> u64 {
    server.hubs().metrics::<BurstsContract>().slow_consumers()
}

/// Number and size of the messages of a burst: many small ones, and a few around and above the limit of 1 MiB.
const BURSTS: [(u32, u32); 6] =
    [(20_000, 200), (106, 10_000), (40, 30_000), (100, 64_000), (2, 600_000), (2, 1_500_000)];

#[tokio::test(start_paused = true)]
async fn a_burst_to_an_idle_reader_arrives() {
    for target in ["client", "group", "others"] {
        for (count, size) in BURSTS {
            let server = server();
            let (sender, mut reader) = (Client::connect(&server).await, Client::connect(&server).await);
            reader.client.hub().join("one".to_owned()).await.unwrap();
            let name = if target == "client" { reader.id() } else { "one".to_owned() };
            sender.client.hub().burst(target.to_owned(), name, count, size).await.unwrap();
            reader.receives(count, size).await;
            assert_eq!(slow_consumers(&server), 0, "{count} x {size} to {target}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_burst_to_the_caller_arrives_however_it_is_named() {
    for (count, size) in BURSTS {
        let server = server();
        let mut caller = Client::connect(&server).await;
        for (target, name) in [("caller", String::new()), ("client", caller.id())] {
            let sent = caller.client.hub().burst(target.to_owned(), name, count, size);
            let sent = tokio::spawn(async move { sent.await.unwrap() });
            caller.receives(count, size).await;
            with_default_timeout(sent).await.unwrap();
            assert_eq!(slow_consumers(&server), 0, "{count} x {size} to {target}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_burst_closes_none_of_many_readers() {
    let server = server();
    let sender = Client::connect(&server).await;
    let mut readers: Vec<Client> =
        FuturesUnordered::from_iter((0..20).map(|_| Client::connect(&server))).collect().await;
    sender.client.hub().burst("others".to_owned(), String::new(), 120, 10_000).await.unwrap();
    for reader in &mut readers {
        reader.receives(120, 10_000).await;
    }
    assert_eq!(slow_consumers(&server), 0);
}

/// A sender that never yields is bounded by the hard limit: 40 x 500 KB are 20 MB.
#[tokio::test(start_paused = true)]
async fn a_sender_that_never_yields_is_bounded_by_the_hard_limit() {
    let server = server();
    let reader = Client::connect(&server).await;
    let context = server.hubs().context::<BurstsContract>();
    for _ in 0..40 {
        // Queues, and is not polled again.
        let _ = context.clients().client(reader.id()).receive("x".repeat(500_000)).now_or_never();
    }
    assert!(server.hubs().metrics::<BurstsContract>().queued_bytes() <= 16 << 20);
    with_default_timeout(reader.client.closed()).await;
    assert_eq!(slow_consumers(&server), 1);
}
