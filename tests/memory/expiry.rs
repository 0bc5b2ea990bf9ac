//! What ends a user's connections: the end of its authentication, and the application.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use hubs::{
    CloseReason, DisconnectError, HubCallerContext, HubResult, Hubs, NoClient, Principal, hub,
    testing::{TestServer, with_default_timeout},
};
use tokio::{
    sync::{Notify, mpsc},
    time::Instant,
};

type Cx = HubCallerContext<NoClient>;

#[hub]
trait WorkHub {
    async fn hold(&self, cx: &Cx) -> HubResult<()>;
    async fn count(&self, cx: &Cx) -> HubResult<u32>;
}

struct Work {
    held: mpsc::UnboundedSender<()>,
    release: Arc<Notify>,
    counted: Arc<AtomicUsize>,
    gone: mpsc::UnboundedSender<()>,
}

impl WorkHub for Work {
    async fn hold(&self, _: &Cx) -> HubResult<()> {
        self.held.send(()).ok();
        self.release.notified().await;
        Ok(())
    }

    async fn count(&self, _: &Cx) -> HubResult<u32> {
        Ok(self.counted.fetch_add(1, Ordering::SeqCst) as u32)
    }

    async fn on_disconnected(&self, _: &Cx, _: Option<&DisconnectError>) {
        self.gone.send(()).ok();
    }
}

struct Served {
    server: TestServer,
    held: mpsc::UnboundedReceiver<()>,
    release: Arc<Notify>,
    counted: Arc<AtomicUsize>,
    gone: mpsc::UnboundedReceiver<()>,
}

fn serve() -> Served {
    let ((held_in, held), (gone_in, gone)) = (mpsc::unbounded_channel(), mpsc::unbounded_channel());
    let (release, counted) = (Arc::<Notify>::default(), Arc::<AtomicUsize>::default());
    let work = Work { held: held_in, release: Arc::clone(&release), counted: Arc::clone(&counted), gone: gone_in };
    let server = TestServer::new(Hubs::new().map("/work", WorkHubContract, work));
    Served { server, held, release, counted, gone }
}

#[tokio::test(start_paused = true)]
async fn b3_09_a_connection_ends_within_a_second_of_its_authentication() {
    let served = serve();
    let ann = Principal::new("ann").with_expiry(SystemTime::now() + Duration::from_secs(60));
    let client = served.server.client().user(ann).connect(WorkHubContract, ());
    let client = with_default_timeout(client).await.expect("connects");
    let stays = served.server.client().user(Principal::new("bob")).connect(WorkHubContract, ());
    let stays = with_default_timeout(stays).await.expect("connects");
    let began = Instant::now();
    tokio::time::timeout(Duration::from_secs(70), client.closed()).await.expect("it ends");
    let after = began.elapsed();
    assert!((59..=61).contains(&after.as_secs()), "{after:?}");
    assert_eq!(stays.hub().count().await.expect("no end is known of its authentication"), 0);
    let metrics = served.server.hubs().metrics::<WorkHubContract>();
    assert_eq!(metrics.closes(CloseReason::AuthenticationExpired), 1);
}

#[tokio::test(start_paused = true)]
async fn b3_10_all_connections_of_a_user_are_ended_and_queued_calls_do_not_run() {
    let mut served = serve();
    let connect = async |user: &str| {
        let client = served.server.client().user(Principal::new(user)).connect(WorkHubContract, ());
        with_default_timeout(client).await.expect("connects")
    };
    let (first, second, bob) = (connect("ann").await, connect("ann").await, connect("bob").await);
    let hub = first.hub();
    let holding = tokio::spawn(async move { hub.hold().await });
    with_default_timeout(served.held.recv()).await.expect("it runs");
    let hub = first.hub();
    let queued = tokio::spawn(async move { hub.count().await });
    // The call is on its way before the user is ended.
    tokio::time::sleep(Duration::from_millis(10)).await;
    let context = served.server.hubs().context::<WorkHubContract>();
    let began = Instant::now();
    assert_eq!(context.disconnect_user("ann").await.expect("there is one node"), 2);
    with_default_timeout(first.closed()).await;
    with_default_timeout(second.closed()).await;
    assert!(began.elapsed() <= Duration::from_secs(1), "{:?}", began.elapsed());
    served.release.notify_waiters();
    assert!(holding.await.expect("no panic").is_err() && queued.await.expect("no panic").is_err());
    for _ in 0..2 {
        with_default_timeout(served.gone.recv()).await.expect("the hook runs");
    }
    assert_eq!(served.counted.load(Ordering::SeqCst), 0, "the queued call did not run");
    assert_eq!(bob.hub().count().await.expect("others are not affected"), 0);
    assert_eq!(context.disconnect_user("cem").await.expect("there is one node"), 0);
}
