//! The hub that benchmarks talk to: a typed hub like anyone's, with default options, and stateful reconnect for a client
//! that asks for it. Listens on 127.0.0.1 at `PORT` (5010). `TRACING=1` installs tracing's usual subscriber;
//! `TLS=1` speaks TLS with the certificate in `tls`; `PART` switches on one of the parts in `parts.rs`; `REDIS=redis://host:port` makes it a node of a cluster.

mod parts;

use std::io;

use axum::serve::ListenerExt;
use futures_util::{StreamExt, stream};
use hubs::{
    HubCallerContext, HubContext, HubResult, HubStream, Hubs, TlsCertificate, UploadStream, backplane::Redis,
    client_interface, hub,
};
use tokio::sync::mpsc;

/// What the server calls.
#[client_interface]
pub trait BenchClient {
    /// A broadcast.
    async fn receive(&self, text: String) -> HubResult<()>;
}

/// What the caller of a method is here.
pub type Cx = HubCallerContext<BenchClientContract>;

/// What the load generator calls.
#[hub(client = BenchClient)]
pub trait BenchHub {
    /// Returns the text.
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    /// Sends the text to everybody.
    async fn broadcast(&self, cx: &Cx, text: String) -> HubResult<()>;
    /// Hands the text to a task outside of the hub, which sends it to everybody.
    async fn relay(&self, cx: &Cx, text: String) -> HubResult<()>;
    /// Counts from 0.
    async fn counter(&self, cx: &Cx, count: i32) -> HubResult<HubStream<i32>>;
    /// Adds up.
    async fn upload_sum(&self, cx: &Cx, items: UploadStream<i32>) -> HubResult<i64>;
    /// Joins a group.
    async fn join_group(&self, cx: &Cx, group: String) -> HubResult<()>;
    /// Leaves it.
    async fn leave_group(&self, cx: &Cx, group: String) -> HubResult<()>;
    /// Sends the text to a group.
    async fn send_to_group(&self, cx: &Cx, group: String, text: String) -> HubResult<()>;
}

struct Bench {
    relayed: mpsc::UnboundedSender<String>,
}

impl BenchHub for Bench {
    async fn echo(&self, _: &Cx, text: String) -> HubResult<String> {
        Ok(text)
    }

    async fn broadcast(&self, cx: &Cx, text: String) -> HubResult<()> {
        cx.clients().all().receive(text).await?;
        Ok(())
    }

    async fn relay(&self, _: &Cx, text: String) -> HubResult<()> {
        drop(self.relayed.send(text));
        Ok(())
    }

    async fn counter(&self, _: &Cx, count: i32) -> HubResult<HubStream<i32>> {
        Ok(HubStream::new(stream::iter(0..count)))
    }

    async fn upload_sum(&self, _: &Cx, mut items: UploadStream<i32>) -> HubResult<i64> {
        let mut sum = 0;
        while let Some(item) = items.next().await {
            sum += i64::from(item?);
        }
        Ok(sum)
    }

    async fn join_group(&self, cx: &Cx, group: String) -> HubResult<()> {
        cx.groups().add(cx.connection_id(), group).await?;
        Ok(())
    }

    async fn leave_group(&self, cx: &Cx, group: String) -> HubResult<()> {
        cx.groups().remove(cx.connection_id(), group).await?;
        Ok(())
    }

    async fn send_to_group(&self, cx: &Cx, group: String, text: String) -> HubResult<()> {
        cx.clients().group(group).receive(text).await?;
        Ok(())
    }
}

/// Sends what methods hand over, through the door that any other part of a program would use.
async fn relay(mut texts: mpsc::UnboundedReceiver<String>, hub: HubContext<BenchHubContract>) {
    while let Some(text) = texts.recv().await {
        if let Err(error) = hub.clients().all().receive(text).await {
            eprintln!("a text was not sent: {error}");
        }
    }
}

/// The benchmark's own certificate, for `localhost`.
fn certificate() -> io::Result<TlsCertificate> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tls");
    TlsCertificate::from_pem_files(format!("{folder}/certificate.pem"), format!("{folder}/key.pem"))
}

#[tokio::main]
async fn main() -> io::Result<()> {
    if std::env::var("TRACING").is_ok_and(|on| on == "1") {
        tracing_subscriber::fmt::init();
    }
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(5010);
    let (relayed, texts) = mpsc::unbounded_channel();
    let part = std::env::var("PART").unwrap_or_default();
    parts::record(&part);
    let options = parts::options(&part);
    let hubs = match std::env::var("REDIS") {
        Ok(url) => Hubs::new().backplane(Redis::connect(&url).map_err(io::Error::other)?),
        Err(_) => Hubs::new(),
    };
    let tls = std::env::var("TLS").is_ok_and(|on| on == "1");
    let hubs = if tls { hubs.tls(certificate()?) } else { hubs };
    let hubs = parts::hubs(&part, |path| hubs.map_with(path, BenchHubContract, Bench { relayed }, options));
    tokio::spawn(relay(texts, hubs.context::<BenchHubContract>()));
    let router = parts::router(&part, &hubs);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("pid {} port {port}", std::process::id());
    if tls {
        hubs.serve(listener, router, async { drop(tokio::signal::ctrl_c().await) }).await;
        return Ok(());
    }
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    let stopped = hubs.shutdown_on(async { drop(tokio::signal::ctrl_c().await) });
    axum::serve(listener, router.into_make_service()).with_graceful_shutdown(stopped).await
}
