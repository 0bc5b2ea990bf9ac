//! The server of the trading board: the hub at `/ticker`, the built page at `/`, and a way in for programs.
//!
//! This file puts the parts together and serves them. It knows no rule of the market.

mod accounts;
mod audit;
mod clock;
mod cluster;
mod companies;
mod feed;
mod history;
mod http;
mod market;
mod page;
#[cfg(test)]
mod tests;
mod ticker;

use std::{env, io::IsTerminal, sync::Arc, time::Duration};

use anyhow::{Context, anyhow, bail};
use axum::Router;
use hubs::{HubOptions, Hubs, LogFilter};
use ticker_contract::TickerHubContract;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{accounts::Accounts, cluster::Cluster, history::History, market::Market, ticker::Ticker};

/// Calls that take longer are in the log, and so are those that fail.
const SLOW: Duration = Duration::from_millis(250);

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).init();

    let market = Arc::new(Market::new(rate()?, fastrand::u64(..)));
    let history = Arc::new(History::from_env().await?);
    feed::open(&market, &history).await.map_err(|error| anyhow!("the prices in the database: {error}"))?;
    let accounts = Accounts::from_env()?;
    let cluster = Cluster::from_env()?;
    let _followed = cluster.follow(&market);
    // They end when this set is dropped.
    let mut background = JoinSet::new();
    let hubs = accounts.guard(board(&market, &history, &mut background)).filter(LogFilter::new().slower_than(SLOW));
    // Every node reads the tokens that the others have given out.
    let hubs = cluster.connect(hubs.options(HubOptions::default().token_keys(accounts.keys())));
    background.spawn(feed::publish(hubs.context(), Arc::clone(&market), cluster.clone()));
    background.spawn(feed::keep(Arc::clone(&market), history, cluster));

    let programs = http::routes(http::Press { hub: hubs.context(), market });
    let app = Router::new()
        .merge(hubs.router())
        .merge(programs)
        .merge(accounts.routes())
        .merge(hubs.health_routes())
        .fallback_service(page::service());
    let address = env::var("HUBS_TICKER_ADDR").unwrap_or_else(|_| "127.0.0.1:5090".into());
    let listener = TcpListener::bind(&address)
        .await
        .with_context(|| format!("cannot listen on {address}; set HUBS_TICKER_ADDR to another address"))?;
    println!("the board is at http://{}", listener.local_addr()?);
    hubs.serve(listener, app, hubs::stop_signal()).await;
    Ok(())
}

/// The board's hub, over this market and this database. What is audited is written by a task in `background`.
fn board(market: &Arc<Market>, history: &Arc<History>, background: &mut JoinSet<()>) -> Hubs {
    let (audit, records) = audit::filter();
    background.spawn(audit::write(records, Arc::clone(history)));
    let ticker = Ticker::new(Arc::clone(market), Arc::clone(history));
    Hubs::new().map("/ticker", TickerHubContract, ticker).hub_filter(TickerHubContract, audit)
}

/// How many prices change in a second: each of the 200 every 5 ms, at most.
fn rate() -> anyhow::Result<u32> {
    let Ok(text) = env::var("HUBS_TICKER_RATE") else { return Ok(2000) };
    match text.parse() {
        Ok(rate @ 0..=40_000) => Ok(rate),
        _ => bail!("HUBS_TICKER_RATE is `{text}`; it must be a number from 0 to 40000"),
    }
}
