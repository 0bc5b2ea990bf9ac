//! The Rust client under measurement: it calls the bench hub through the typed proxy and says what that cost this process.
//! `signalr.mjs` of the rivals does the same with the official JavaScript client. Owns both measurements; must not know how
//! the server is started.

mod echo;
mod idle;
mod process;

use anyhow::{Context as _, Result};
use clap::Parser;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hubs::{HubCallerContext, HubResult, NoClient, client::HubClient, client::HubConnection, hub};

/// The part of the bench hub that is called.
#[hub]
pub trait BenchHub {
    /// Returns the text.
    async fn echo(&self, cx: &HubCallerContext<NoClient>, text: String) -> HubResult<String>;
}

type Bench = HubClient<BenchHubContract>;

/// How many connections are opened at once.
const OPENING: usize = 64;

/// What to measure. The options are those of `signalr.mjs`.
#[derive(Debug, Parser)]
struct Options {
    /// The hub's address.
    #[arg(long)]
    url: String,
    /// Memory of the connections and not CPU time of echoes.
    #[arg(long)]
    memory: bool,
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Calls in flight on each connection.
    #[arg(long, default_value_t = 1)]
    window: usize,
    /// Bytes of each text.
    #[arg(long, default_value_t = 64)]
    bytes: usize,
    /// Seconds before the measurement begins, and seconds of it.
    #[arg(long, default_value_t = 2.0)]
    warmup: f64,
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Speak MessagePack.
    #[arg(long)]
    messagepack: bool,
}

impl Options {
    async fn open(&self) -> Result<Vec<Bench>> {
        let opening = (0..self.connections).map(|_| async {
            let builder = HubConnection::builder(&self.url);
            let builder = if self.messagepack { builder.messagepack() } else { builder };
            builder.connect(BenchHubContract, ()).await.context("a connection does not open")
        });
        stream::iter(opening).buffer_unordered(OPENING).try_collect().await
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let figures = if options.memory { idle::measure(&options).await? } else { echo::measure(&options).await? };
    println!("{figures}");
    Ok(())
}
