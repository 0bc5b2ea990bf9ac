//! Stateful reconnect over real sockets, with a client that decides about every message.

mod client;
mod golden;
mod limits;
mod sessions;

use std::{sync::Arc, time::Duration};

use axum::Router;
use parking_lot::Mutex;
use tokio::sync::{Notify, mpsc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::client::{Client, Socket, status};
use super::{App, HubOptions, Server, soon};
use crate::{
    DisconnectError, HubCallerContext, HubContext, HubMetrics, HubResult, HubStream, Hubs, Principal, client_interface,
    hub,
};

const HUB: &str = "/chat";

type Cx = HubCallerContext<ListenerContract>;

#[client_interface(crate = "crate")]
trait Listener {
    async fn tick(&self, number: u32) -> HubResult<()>;
}

#[hub(crate = "crate", client = Listener)]
trait Talk {
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    async fn note(&self, cx: &Cx, number: u32) -> HubResult<()>;
    /// Answers when it may go on.
    async fn hold(&self, cx: &Cx) -> HubResult<String>;
    /// Answers with the number when it may go on.
    async fn slow(&self, cx: &Cx, number: u32) -> HubResult<u32>;
    async fn until_gone(&self, cx: &Cx) -> HubResult<()>;
    async fn count(&self, cx: &Cx, to: u32) -> HubResult<HubStream<u32>>;
    async fn abort(&self, cx: &Cx) -> HubResult<()>;
}

#[derive(Clone)]
struct Talker {
    log: mpsc::UnboundedSender<String>,
    go_on: Arc<Notify>,
    noted: Arc<Mutex<Vec<u32>>>,
}

impl Talker {
    fn note(&self, text: impl Into<String>) {
        self.log.send(text.into()).ok();
    }
}

impl Talk for Talker {
    async fn echo(&self, _: &Cx, text: String) -> HubResult<String> {
        Ok(text)
    }

    async fn note(&self, _: &Cx, number: u32) -> HubResult<()> {
        self.noted.lock().push(number);
        Ok(())
    }

    async fn hold(&self, _: &Cx) -> HubResult<String> {
        self.note("holds");
        self.go_on.notified().await;
        Ok("held".to_owned())
    }

    async fn slow(&self, _: &Cx, number: u32) -> HubResult<u32> {
        self.go_on.notified().await;
        Ok(number)
    }

    async fn until_gone(&self, cx: &Cx) -> HubResult<()> {
        self.note("waits");
        cx.cancelled().await;
        self.note("cancelled");
        Ok(())
    }

    async fn count(&self, _: &Cx, to: u32) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(futures_util::stream::iter(0..to)))
    }

    async fn abort(&self, cx: &Cx) -> HubResult<()> {
        cx.abort();
        Ok(())
    }

    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        cx.groups().add(cx.connection_id(), "all").await?;
        self.note("connected");
        Ok(())
    }

    async fn on_disconnected(&self, _: &Cx, error: Option<&DisconnectError>) {
        self.note(format!("disconnected {error:?}"));
    }
}

/// The hub, and what the test sees of it.
struct Running {
    server: Server,
    context: HubContext<TalkContract>,
    metrics: HubMetrics,
    log: mpsc::UnboundedReceiver<String>,
    talker: Talker,
}

/// Long enough for a busy machine.
fn options() -> HubOptions {
    HubOptions::default().stateful_reconnect(true)
}

impl Running {
    async fn start(options: HubOptions) -> Self {
        let (log, noted) = mpsc::unbounded_channel();
        let talker = Talker { log, go_on: Arc::default(), noted: Arc::default() };
        let hubs = Hubs::new().map_with(HUB, TalkContract, talker.clone(), options);
        let (context, metrics) = (hubs.context(), hubs.metrics::<TalkContract>());
        let shutdown = CancellationToken::new();
        let (_, begun) = mpsc::unbounded_channel();
        let (_, ended) = mpsc::unbounded_channel();
        let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
        let down = hubs.shutdown_on(app.shutdown.clone().cancelled_owned());
        let router = Router::new().merge(hubs.router()).layer(axum::middleware::map_request(authenticate));
        let server = Server::serve_until(router, app, down).await;
        Self { server, context, metrics, log: noted, talker }
    }

    async fn logged(&mut self) -> String {
        soon(self.log.recv()).await.unwrap()
    }

    /// Sends to every connection.
    async fn tick(&self, number: u32) {
        self.context.clients().group("all").tick(number).await.unwrap();
    }

    /// Waits until something is so that no event tells of.
    async fn until(&self, what: &str, holds: impl Fn(&HubMetrics) -> bool) {
        let wait = async {
            while !holds(&self.metrics) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok(), "{what}");
    }

    async fn until_parked(&self, count: usize) {
        self.until("the connections wait for their clients", |metrics| metrics.parked_connections() == count).await;
    }
}

async fn authenticate(mut request: axum::extract::Request) -> axum::extract::Request {
    if let Some(user) = request.headers().get("x-user").and_then(|user| user.to_str().ok()) {
        let user = Principal::new(user);
        request.extensions_mut().insert(user);
    }
    request
}

fn tick(number: u32) -> String {
    format!(r#"{{"type":1,"target":"Tick","arguments":[{number}]}}"#)
}

fn result(value: &str) -> String {
    format!(r#"{{"type":3,"invocationId":"1","result":{value}}}"#)
}

fn sequence(number: u64) -> String {
    format!(r#"{{"type":9,"sequenceId":{number}}}"#)
}

fn ack(number: i64) -> String {
    format!(r#"{{"type":8,"sequenceId":{number}}}"#)
}
