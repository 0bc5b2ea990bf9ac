//! What is queued for clients that do not read, under each policy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use hubs::{
    CloseReason, HubResult, Hubs, LostMessages, client_interface, hub,
    testing::{TestClient, TestServer, with_default_timeout},
};
use tokio::{sync::Notify, time::Instant};

use crate::hub::{HubContract, TestHub};

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_gets_all_of_a_flood() {
    let test = TestHub::new();
    let mut ann = test.connect().await;
    with_default_timeout(ann.hub().flood_me(200, 64 * 1024)).await.unwrap();
    assert_eq!(ann.all_heard().await.len(), 200);
    assert_eq!(test.server.hubs().metrics::<HubContract>().slow_consumers(), 0);
}

#[client_interface]
trait Screen {
    async fn fill(&self, bytes: String) -> HubResult<()>;
    async fn must(&self, n: u64) -> HubResult<()>;
    #[method(latest)]
    async fn latest(&self, n: u64) -> HubResult<()>;
    #[method(coalesce = "key")]
    async fn coalesce(&self, key: u64, n: u64) -> HubResult<()>;
    #[method(drop_oldest)]
    async fn drop_oldest(&self, n: u64) -> HubResult<()>;
    #[method(every = "100ms")]
    async fn every(&self, n: u64) -> HubResult<()>;
}

#[hub(client = Screen)]
trait Board {}

struct BoardImpl;

impl Board for BoardImpl {}

/// What one client has seen. It stops in its first call, until it may go on, if it is to.
#[derive(Default)]
struct Seen {
    count: AtomicU64,
    last: AtomicU64,
    in_order: AtomicBool,
    stops: Option<Arc<Notify>>,
}

impl Seen {
    fn note(&self, n: u64) {
        self.count.fetch_add(1, Ordering::Relaxed);
        if self.last.swap(n, Ordering::Relaxed) >= n {
            self.in_order.store(false, Ordering::Relaxed);
        }
    }
}

#[derive(Clone)]
struct Viewer(Arc<Seen>);

impl Screen for Viewer {
    async fn fill(&self, _: String) -> HubResult<()> {
        if let Some(goes_on) = &self.0.stops {
            goes_on.notified().await;
            goes_on.notify_one();
        }
        Ok(())
    }

    async fn must(&self, n: u64) -> HubResult<()> {
        self.0.note(n);
        Ok(())
    }

    async fn latest(&self, n: u64) -> HubResult<()> {
        self.0.note(n);
        Ok(())
    }

    async fn coalesce(&self, _: u64, n: u64) -> HubResult<()> {
        self.0.note(n);
        Ok(())
    }

    async fn drop_oldest(&self, n: u64) -> HubResult<()> {
        self.0.note(n);
        Ok(())
    }

    async fn every(&self, n: u64) -> HubResult<()> {
        self.0.note(n);
        Ok(())
    }
}

/// A hub with readers, of which the first has stopped.
struct Audience {
    server: TestServer,
    clients: Vec<(TestClient<BoardContract>, Arc<Seen>)>,
    goes_on: Arc<Notify>,
}

const FILL: usize = 64 * 1024;

impl Audience {
    async fn of(readers: usize) -> Self {
        let server = TestServer::new(Hubs::new().map("/board", BoardContract, BoardImpl));
        let goes_on = Arc::new(Notify::new());
        let mut clients = Vec::new();
        for index in 0..readers {
            let stops = (index == 0).then(|| Arc::clone(&goes_on));
            let seen = Arc::new(Seen { in_order: AtomicBool::new(true), stops, ..Seen::default() });
            let client = server.connect(BoardContract, Viewer(Arc::clone(&seen)));
            clients.push((with_default_timeout(client).await.expect("connects"), seen));
        }
        let audience = Self { server, clients, goes_on };
        // A client runs 1000 calls at once, and then reads on until 64 KiB wait for their turn.
        let texts = std::iter::repeat_n(String::new(), 1_000).chain(std::iter::repeat_n("x".repeat(FILL), 6));
        for text in texts {
            let sent = audience.context().clients().client(audience.stopped()).fill(text);
            with_default_timeout(sent).await.expect("queued");
        }
        // Time passes only when nothing else is left to do.
        tokio::time::sleep(Duration::from_millis(100)).await;
        audience
    }

    fn context(&self) -> hubs::HubContext<BoardContract> {
        self.server.hubs().context::<BoardContract>()
    }

    fn stopped(&self) -> String {
        self.clients[0].0.connection_id().to_string()
    }

    /// Bytes that wait for the stopped reader.
    fn queued(&self) -> usize {
        self.context().clients().queued_bytes(self.stopped()).expect("it is connected")
    }

    fn lost(&self, kind: LostMessages) -> u64 {
        self.server.hubs().metrics::<BoardContract>().lost_messages(kind)
    }
}

const MESSAGES: u64 = 100;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Policy {
    Must,
    Latest,
    Coalesce,
    DropOldest,
    Every,
}

async fn send(audience: &Audience, policy: Policy, n: u64) {
    let all = audience.context().clients().all();
    let before = Instant::now();
    match policy {
        Policy::Must => all.must(n).await,
        Policy::Latest => all.latest(n).await,
        Policy::Coalesce => all.coalesce(n % 4, n).await,
        Policy::DropOldest => all.drop_oldest(n).await,
        Policy::Every => all.every(n).await,
    }
    .expect("queued");
    assert_eq!(before.elapsed(), Duration::ZERO, "a broadcast never waits");
}

/// One stopped reader among 1000, with 100 messages a second.
async fn test_51(policy: Policy) {
    let audience = Audience::of(1_000).await;
    let filled = audience.queued();
    assert!(filled > FILL, "it has stopped: {filled}");
    for n in 1..=MESSAGES {
        send(&audience, policy, n).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let queued = audience.queued() - filled;
    let message = 60;
    let most = match policy {
        Policy::Must => MESSAGES as usize * message,
        Policy::Coalesce => 4 * message,
        Policy::Latest | Policy::DropOldest | Policy::Every => message,
    };
    assert!(queued <= most, "{queued} bytes are queued, and {most} may be");
    tokio::time::sleep(Duration::from_millis(200)).await;
    for (_, seen) in &audience.clients[1..] {
        let (count, last) = (seen.count.load(Ordering::Relaxed), seen.last.load(Ordering::Relaxed));
        let all = if policy == Policy::Every { 10..=11 } else { MESSAGES..=MESSAGES };
        assert!(all.contains(&count) && last == MESSAGES, "{count} came, the last was {last}");
        assert!(seen.in_order.load(Ordering::Relaxed));
    }
    let (kind, most) = match policy {
        Policy::Must => (LostMessages::Dropped, 0),
        Policy::Latest => (LostMessages::Coalesced, MESSAGES - 1),
        Policy::Coalesce => (LostMessages::Coalesced, MESSAGES - 4),
        Policy::DropOldest => (LostMessages::Dropped, MESSAGES - 1),
        // For every client, nine of ten.
        Policy::Every => (LostMessages::Throttled, 89 * 1_000 + 11),
    };
    assert!(audience.lost(kind).abs_diff(most) <= 1_010, "{} of {most}", audience.lost(kind));
    tokio::time::sleep(Duration::from_secs(20)).await;
    let metrics = audience.server.hubs().metrics::<BoardContract>();
    assert_eq!((metrics.slow_consumers(), metrics.connections()), (1, 999), "the stopped one was closed");
    with_default_timeout(audience.clients[0].0.closed()).await;
    assert_eq!(metrics.closes(CloseReason::TooSlow), 1);
}

/// Case 51.
#[tokio::test(start_paused = true)]
async fn test_51_under_must_one_stopped_reader_among_1000_holds_up_no_other() {
    test_51(Policy::Must).await;
}

/// Case 51.
#[tokio::test(start_paused = true)]
async fn test_51_under_latest_one_stopped_reader_among_1000_holds_up_no_other() {
    test_51(Policy::Latest).await;
}

/// Case 51.
#[tokio::test(start_paused = true)]
async fn test_51_under_coalesce_one_stopped_reader_among_1000_holds_up_no_other() {
    test_51(Policy::Coalesce).await;
}

/// Case 51.
#[tokio::test(start_paused = true)]
async fn test_51_under_drop_oldest_one_stopped_reader_among_1000_holds_up_no_other() {
    test_51(Policy::DropOldest).await;
}

/// Case 51.
#[tokio::test(start_paused = true)]
async fn test_51_under_every_one_stopped_reader_among_1000_holds_up_no_other() {
    test_51(Policy::Every).await;
}

/// 1000 updates a second, of four keys, to a reader that stops for five seconds: it ends on the newest value of each.
/// Case 53.
#[tokio::test(start_paused = true)]
async fn test_53_a_slow_reader_ends_on_the_newest_values() {
    let audience = Audience::of(2).await;
    let filled = audience.queued();
    for n in 1..=5_000 {
        send(&audience, Policy::Coalesce, n).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(audience.queued() <= filled + 4 * 60, "one message for each key");
    }
    audience.goes_on.notify_one();
    let slow = &audience.clients[0].1;
    let newest = async {
        while slow.last.load(Ordering::Relaxed) < 5_000 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    with_default_timeout(newest).await;
    assert_eq!(slow.count.load(Ordering::Relaxed), 4);
    assert!(slow.in_order.load(Ordering::Relaxed));
}
