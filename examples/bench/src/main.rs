//! The hub that benchmarks talk to: a typed hub like anyone's, with default options but for the receive limit. Listens on
//! 127.0.0.1 at `PORT` (5010).

use std::io;

use axum::serve::ListenerExt;
use futures_util::{StreamExt, stream};
use hubs::{HubCallerContext, HubOptions, HubResult, HubStream, Hubs, UploadStream, client_interface, hub};

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
    /// Gives the text back.
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    /// Sends the text to everybody.
    async fn broadcast(&self, cx: &Cx, text: String) -> HubResult<()>;
    /// Counts from 0.
    async fn counter(&self, cx: &Cx, count: i32) -> HubResult<HubStream<i32>>;
    /// Adds up.
    async fn upload_sum(&self, cx: &Cx, items: UploadStream<i32>) -> HubResult<i64>;
    /// Joins a group.
    async fn join_group(&self, cx: &Cx, group: String) -> HubResult<()>;
    /// Sends the text to a group.
    async fn broadcast_group(&self, cx: &Cx, group: String, text: String) -> HubResult<()>;
}

struct Bench;

impl BenchHub for Bench {
    async fn echo(&self, _: &Cx, text: String) -> HubResult<String> {
        Ok(text)
    }

    async fn broadcast(&self, cx: &Cx, text: String) -> HubResult<()> {
        cx.clients().all().receive(text).await?;
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

    async fn broadcast_group(&self, cx: &Cx, group: String, text: String) -> HubResult<()> {
        cx.clients().group(group).receive(text).await?;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(5010);
    let options = HubOptions::default().maximum_receive_message_size(1024 * 1024);
    let hubs = Hubs::new().map_with("/hub", BenchHubContract, Bench, options);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("pid {} port {port}", std::process::id());
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    let stopped = hubs.shutdown_on(async { drop(tokio::signal::ctrl_c().await) });
    axum::serve(listener, hubs.router::<()>()).with_graceful_shutdown(stopped).await
}
