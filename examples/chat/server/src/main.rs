//! The server of the chat example: the hub at `/chat`, the built page at `/`, and a way in for programs.
//!
//! This file puts the parts together and serves them. It knows no rule of the chat.

mod accounts;
mod announcer;
mod chat;
mod clock;
mod cluster;
mod history;
mod http;
mod metrics;
mod nodes;
mod page;
mod rooms;
mod roster;
#[cfg(test)]
mod tests;
mod words;

use std::{env, io::IsTerminal, sync::Arc, time::Duration};

use anyhow::Context;
use axum::Router;
use chat_contract::ChatHubContract;
use hubs::{HubOptions, Hubs};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{accounts::Accounts, chat::Chat, cluster::Cluster, history::History, rooms::Rooms};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).init();

    metrics::serve()?;
    let rooms = Arc::default();
    let history = Arc::new(History::from_env().await?);
    let accounts = Accounts::from_env()?;
    let cluster = Cluster::from_env()?;
    // Every node reads the tokens that the others have given out.
    let options = chat::options().token_keys(accounts.keys());
    let hubs = cluster.connect(accounts.guard(chat_over(&rooms, &history, options)));

    // What runs beside the hub ends when this set is dropped.
    let mut background = JoinSet::new();
    run(&hubs, &rooms, cluster, announcer::period()?, &mut background);

    let programs = http::routes(http::Chat { hub: hubs.context(), history });
    let app = Router::new()
        .merge(hubs.router())
        .merge(programs)
        .merge(accounts.routes())
        .merge(hubs.health_routes())
        .fallback_service(page::service());
    let address = env::var("HUBS_CHAT_ADDR").unwrap_or_else(|_| "127.0.0.1:5080".into());
    let listener = TcpListener::bind(&address)
        .await
        .with_context(|| format!("cannot listen on {address}; set HUBS_CHAT_ADDR to another address"))?;
    println!("chat is at http://{}", listener.local_addr()?);
    hubs.serve(listener, app, hubs::stop_signal()).await;
    Ok(())
}

/// What pushes to pages from outside any hub method, and what speaks with other nodes.
fn run(hubs: &Hubs, rooms: &Arc<Rooms>, cluster: Cluster, announced_every: Duration, background: &mut JoinSet<()>) {
    if let Some(backplane) = cluster.backplane() {
        background.spawn(nodes::share(backplane, Arc::clone(rooms)));
    }
    background.spawn(roster::publish(hubs.context(), Arc::clone(rooms)));
    background.spawn(announcer::announce(hubs.context(), Arc::clone(rooms), cluster, announced_every));
}

/// The chat's hub, over these rooms and these messages.
fn chat_over(rooms: &Arc<Rooms>, history: &Arc<History>, options: HubOptions) -> Hubs {
    let chat = Chat::new(Arc::clone(rooms), Arc::clone(history));
    Hubs::new().map_with("/chat", ChatHubContract, chat, options)
}
