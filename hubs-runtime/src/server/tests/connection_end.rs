//! The end of a connection over real sockets, while a method runs and another call waits behind it; and what is left in
//! the log where the server ends it.

use std::{
    fmt::{self, Write},
    sync::Arc,
};

use axum::Router;
use parking_lot::Mutex;
use tokio::{io::AsyncWriteExt, sync::mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span,
};

use super::{
    App, HubOptions, Server,
    sessions::{self, call, websocket_at},
    soon, text_frame,
};
use crate::{DisconnectError, HubCallerContext, HubMetrics, HubResult, Hubs, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
pub(super) trait WaitingHub {
    async fn until_gone(&self, cx: &Cx) -> HubResult<()>;
    async fn save(&self, cx: &Cx) -> HubResult<()>;
}

struct Waits(mpsc::UnboundedSender<String>);

impl WaitingHub for Waits {
    async fn until_gone(&self, cx: &Cx) -> HubResult<()> {
        self.0.send("waits".to_owned())?;
        cx.cancelled().await;
        self.0.send("gone".to_owned())?;
        Ok(())
    }

    async fn save(&self, _: &Cx) -> HubResult<()> {
        self.0.send("saved".to_owned())?;
        Ok(())
    }

    async fn on_disconnected(&self, _: &Cx, error: Option<&DisconnectError>) {
        self.0.send(format!("disconnected {error:?}")).ok();
    }
}

async fn start() -> (Server, mpsc::UnboundedReceiver<String>, HubMetrics) {
    let (log, noted) = mpsc::unbounded_channel();
    let hubs = Hubs::new().map("/chat", WaitingHubContract, Waits(log));
    let metrics = hubs.metrics::<WaitingHubContract>();
    let (_, begun) = mpsc::unbounded_channel();
    let (_, ended) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
    let down = hubs.shutdown_on(app.shutdown.clone().cancelled_owned());
    (Server::serve_until(Router::new().merge(hubs.router()), app, down).await, noted, metrics)
}

/// Two calls: the second waits for the first.
fn calls() -> String {
    call("UntilGone", "[]") + &call("Save", "[]")
}

async fn ends_in_order(noted: &mut mpsc::UnboundedReceiver<String>, metrics: &HubMetrics) {
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(soon(noted.recv()).await.expect("the hub is there"));
    }
    assert_eq!(seen, ["gone", "saved", "disconnected None"]);
    let gone = async {
        while metrics.connections() > 0 {
            tokio::task::yield_now().await;
        }
    };
    soon(gone).await;
}

#[tokio::test]
async fn a_websocket_that_is_lost() {
    let (server, mut noted, metrics) = start().await;
    let mut socket = websocket_at(&server, "/chat").await;
    for message in calls().split_inclusive('\u{1e}') {
        socket.write_all(&text_frame(message)).await.unwrap();
    }
    assert_eq!(soon(noted.recv()).await.unwrap(), "waits");
    drop(socket);
    ends_in_order(&mut noted, &metrics).await;
}

#[tokio::test]
async fn an_event_source_that_is_lost() {
    let (server, mut noted, metrics) = start().await;
    let (target, events) = sessions::events(&server).await;
    assert_eq!(server.post(&target, &calls()).await.status, 200);
    assert_eq!(soon(noted.recv()).await.unwrap(), "waits");
    drop(events);
    ends_in_order(&mut noted, &metrics).await;
}

#[tokio::test]
async fn a_client_that_polls_and_leaves() {
    let (server, mut noted, metrics) = start().await;
    let target = sessions::polled(&server).await;
    assert_eq!(server.post(&target, &calls()).await.status, 200);
    assert_eq!(soon(noted.recv()).await.unwrap(), "waits");
    assert_eq!(server.request("DELETE", &target, "").await.status, 202);
    ends_in_order(&mut noted, &metrics).await;
}

/// Keeps the warnings of this thread.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().push(line.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").expect("a string takes all");
    }
}

#[tokio::test]
async fn a_connection_that_has_to_be_closed_leaves_one_line() {
    let warnings = Warnings::default();
    let _guard = tracing::subscriber::set_default(warnings.clone());
    let server = sessions::start(HubOptions::default().maximum_receive_message_size(100_usize)).await;
    for (message, expected) in
        [("x".repeat(101) + "\u{1e}", "reason=too_large"), ("{not json\u{1e}".to_owned(), "reason=protocol_error")]
    {
        let mut socket = websocket_at(&server, "/chat").await;
        let peer = socket.local_addr().unwrap();
        socket.write_all(&text_frame(&message)).await.unwrap();
        let line = async {
            loop {
                if let Some(line) = warnings.0.lock().pop() {
                    return line;
                }
                tokio::task::yield_now().await;
            }
        };
        let line = soon(line).await;
        assert!(line.starts_with("WARN") && line.contains(expected), "{line}");
        assert!(line.contains(&format!("peer={peer}")), "{line}");
        assert!(expected != "reason=too_large" || line.contains("maximum_receive_message_size"), "{line}");
    }
    assert!(warnings.0.lock().is_empty(), "one line each");
}
