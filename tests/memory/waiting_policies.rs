//! Policies that have to wait: what they hold up, and what becomes of a call meanwhile.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::StreamExt;
use hubs::{
    HubCallerContext, HubResult, HubStream, Hubs, InvokeError, NoClient, Principal, Require, UploadStream,
    client::ConnectError,
    hub,
    testing::{TestClient, TestServer, with_default_timeout},
};
use tokio::sync::{mpsc, oneshot};

type Cx = HubCallerContext<NoClient>;

#[hub]
trait FileHub {
    #[authorize(policy = "asks")]
    async fn open(&self, cx: &Cx, name: String) -> HubResult<usize>;
    async fn opened(&self, cx: &Cx) -> HubResult<usize>;
    #[authorize(policy = "asks")]
    async fn lines(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    #[authorize(policy = "asks")]
    async fn add(&self, cx: &Cx, numbers: UploadStream<u32>) -> HubResult<u32>;
    async fn check(&self, cx: &Cx, waits: bool) -> HubResult<()>;
}

#[hub]
#[authorize(policy = "asks")]
trait CellarHub {
    async fn enter(&self, cx: &Cx) -> HubResult<u32>;
}

struct Files {
    opened: Arc<AtomicUsize>,
}

impl FileHub for Files {
    async fn open(&self, _: &Cx, _: String) -> HubResult<usize> {
        Ok(self.opened.fetch_add(1, Ordering::SeqCst) + 1)
    }

    async fn opened(&self, _: &Cx) -> HubResult<usize> {
        Ok(self.opened.load(Ordering::SeqCst))
    }

    async fn lines(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(futures_util::stream::iter([1, 2])))
    }

    async fn add(&self, _: &Cx, mut numbers: UploadStream<u32>) -> HubResult<u32> {
        let mut sum = 0;
        while let Some(number) = numbers.next().await {
            sum += number?;
        }
        Ok(sum)
    }

    async fn check(&self, cx: &Cx, waits: bool) -> HubResult<()> {
        let require = Require::Policy("asks");
        if waits { cx.authorize_async(require).await } else { cx.authorize(require) }
    }
}

impl CellarHub for Files {
    async fn enter(&self, _: &Cx) -> HubResult<u32> {
        Ok(1)
    }
}

/// A question of the policy: the argument `name`, and how to answer.
type Question = (Option<String>, oneshot::Sender<bool>);

struct Served {
    server: TestServer,
    questions: mpsc::UnboundedReceiver<Question>,
    opened: Arc<AtomicUsize>,
}

fn serve() -> Served {
    let (asked, questions) = mpsc::unbounded_channel();
    let opened = Arc::<AtomicUsize>::default();
    let files = || Files { opened: Arc::clone(&opened) };
    let hubs = Hubs::new()
        .policy_async("asks", move |access| {
            let (answer, said) = oneshot::channel();
            let _ = asked.send((access.argument("name"), answer));
            async move { said.await.expect("the test answers, or the policy panics") }
        })
        .map("/files", FileHubContract, files())
        .map("/cellar", CellarHubContract, files());
    Served { server: TestServer::new(hubs), questions, opened }
}

impl Served {
    async fn connect(&self) -> TestClient<FileHubContract> {
        let client = self.server.client().user(Principal::new("ann"));
        with_default_timeout(client.connect(FileHubContract, ())).await.expect("connects")
    }

    async fn question(&mut self) -> Question {
        with_default_timeout(self.questions.recv()).await.expect("the policy is asked")
    }

    fn refused_calls(&self) -> u64 {
        self.server.hubs().metrics::<FileHubContract>().refused_calls()
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, InvokeError>, method: &str) {
    let error = result.expect_err("it is refused");
    assert_eq!(error.to_string(), format!("Failed to invoke '{method}' because user is unauthorized"));
}

#[tokio::test(start_paused = true)]
async fn later_calls_wait_for_the_policy_as_for_the_method() {
    let mut served = serve();
    let client = served.connect().await;
    let (first, second) = (client.hub(), client.hub());
    let first = tokio::spawn(async move { first.open("a".to_owned()).await });
    let (name, answer) = served.question().await;
    assert_eq!((name.as_deref(), served.opened.load(Ordering::SeqCst)), (Some("a"), 0), "it has not started");
    let mut second = tokio::spawn(async move { second.opened().await });
    // All that can happen has happened when the paused clock moves.
    let waits = tokio::time::timeout(std::time::Duration::from_secs(5), &mut second).await;
    assert!(waits.is_err(), "the second call came later");
    answer.send(true).expect("it waits");
    assert_eq!(with_default_timeout(first).await.expect("no panic").expect("allowed"), 1);
    assert_eq!(with_default_timeout(second).await.expect("no panic").expect("its turn"), 1);
    assert_eq!(served.refused_calls(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_or_whose_policy_panics_starts_nothing() {
    let mut served = serve();
    let client = served.connect().await;
    for answer in [Some(false), None] {
        let hub = client.hub();
        let call = tokio::spawn(async move { hub.open("a".to_owned()).await });
        let (_, ask) = served.question().await;
        match answer {
            Some(answer) => ask.send(answer).expect("it waits"),
            None => drop(ask),
        }
        refused(with_default_timeout(call).await.expect("no panic"), "Open");
    }
    assert_eq!(client.hub().opened().await.expect("the connection goes on"), 0);
    assert_eq!(served.refused_calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn streams_in_both_directions_begin_after_the_policy() {
    let mut served = serve();
    let client = served.connect().await;
    for allowed in [true, false] {
        let mut lines = client.hub().lines().await.expect("a stream begins before it is answered");
        served.question().await.1.send(allowed).expect("it waits");
        let first = with_default_timeout(lines.next()).await.expect("an item or the end");
        if allowed {
            assert_eq!((first.expect("an item"), lines.next().await.map(Result::ok)), (1, Some(Some(2))));
        } else {
            let error = first.expect_err("it is refused").to_string();
            assert!(error.contains("Failed to invoke 'Lines' because user is unauthorized"), "{error}");
        }
        let hub = client.hub();
        let sum = tokio::spawn(async move { hub.add(UploadStream::new(futures_util::stream::iter([1, 2, 3]))).await });
        served.question().await.1.send(allowed).expect("it waits");
        match with_default_timeout(sum).await.expect("no panic") {
            Ok(sum) => assert!(allowed && sum == 6),
            refusal => refused(refusal, "Add"),
        }
    }
    assert_eq!(client.hub().opened().await.expect("the connection goes on"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_user_who_is_disconnected_meanwhile_starts_nothing() {
    let mut served = serve();
    let client = served.connect().await;
    let hub = client.hub();
    let call = tokio::spawn(async move { hub.open("a".to_owned()).await });
    let (_, answer) = served.question().await;
    served.server.hubs().context::<FileHubContract>().disconnect_user("ann").await.expect("there is one node");
    with_default_timeout(client.closed()).await;
    let _ = answer.send(true);
    assert!(with_default_timeout(call).await.expect("no panic").is_err());
    with_default_timeout(async {
        while served.refused_calls() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(served.opened.load(Ordering::SeqCst), 0, "it did not start");
}

#[tokio::test(start_paused = true)]
async fn a_hub_asks_before_it_lets_in() {
    let mut served = serve();
    for allowed in [false, true] {
        let client = served.server.client().user(Principal::new("ann"));
        let connecting = client.connect(CellarHubContract, ());
        let answering = async {
            let (_, answer) = with_default_timeout(served.questions.recv()).await.expect("the policy is asked");
            answer.send(allowed).expect("it waits");
        };
        let (connected, ()) = tokio::join!(with_default_timeout(connecting), answering);
        match connected {
            Ok(client) => assert!(allowed && client.hub().enter().await.expect("inside") == 1),
            Err(ConnectError::Refused(text)) => assert!(!allowed && text.starts_with("403"), "{text}"),
            Err(error) => panic!("{error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_method_asks_with_the_call_that_waits() {
    let mut served = serve();
    let client = served.connect().await;
    for allowed in [true, false] {
        let hub = client.hub();
        let call = tokio::spawn(async move { hub.check(true).await });
        served.question().await.1.send(allowed).expect("it waits");
        let result = with_default_timeout(call).await.expect("no panic");
        if allowed { result.expect("allowed") } else { refused(result, "Check") }
    }
    refused(client.hub().check(false).await, "Check");
}
