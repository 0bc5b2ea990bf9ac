//! The server of the chat example: the hub at `/chat`, the built page at `/`.
//!
//! This file puts the parts together and serves them. It knows no rule of the chat.

mod announcer;
mod chat;
mod clock;
mod page;
mod rooms;
mod roster;
#[cfg(test)]
mod tests;
mod words;

use std::{env, io::IsTerminal, sync::Arc};

use anyhow::Context;
use axum::{
    Router,
    serve::{Listener, ListenerExt},
};
use chat_contract::ChatHubContract;
use hubs::{HubOptions, Hubs};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{chat::Chat, rooms::Rooms};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(colours).init();

    let rooms = Arc::new(Rooms::new());
    let hubs = chat_over(&rooms);

    // Both push to pages from outside any hub method. They end when this set is dropped.
    let mut background = JoinSet::new();
    background.spawn(roster::publish(hubs.context(), Arc::clone(&rooms)));
    background.spawn(announcer::announce(hubs.context(), rooms, announcer::period()?));

    let app = Router::new().merge(hubs.router()).fallback_service(page::service());
    let listener = listen().await?;
    println!("chat is at http://{}", listener.local_addr()?);
    axum::serve(listener, app).with_graceful_shutdown(hubs.shutdown_on(stop_signal())).await?;
    Ok(())
}

/// The chat's hub, over these rooms.
fn chat_over(rooms: &Arc<Rooms>) -> Hubs {
    let options = HubOptions::default().client_result_timeout(chat::ANSWER_WITHIN);
    Hubs::new().map_with("/chat", ChatHubContract, Chat::new(Arc::clone(rooms)), options)
}

/// Listens where `HUBS_CHAT_ADDR` says.
async fn listen() -> anyhow::Result<impl Listener<Addr = std::net::SocketAddr>> {
    let address = env::var("HUBS_CHAT_ADDR").unwrap_or_else(|_| "127.0.0.1:5080".into());
    let listener = TcpListener::bind(&address)
        .await
        .with_context(|| format!("cannot listen on {address}; set HUBS_CHAT_ADDR to another address"))?;
    // Small messages must not wait for more to come. A router cannot set this, so it is set where sockets are accepted.
    Ok(listener.tap_io(|socket| {
        if let Err(error) = socket.set_nodelay(true) {
            tracing::debug!(%error, "a socket stays without TCP_NODELAY");
        }
    }))
}

/// Waits for ctrl-c, or for what `kill` sends.
async fn stop_signal() {
    let ctrl_c = async {
        if let Err(error) = tokio::signal::ctrl_c().await {
            tracing::error!(%error, "ctrl-c cannot be heard");
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => _ = signal.recv().await,
            Err(error) => {
                tracing::error!(%error, "SIGTERM cannot be heard");
                std::future::pending::<()>().await;
            }
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = ctrl_c => {}
        () = terminate => {}
    }
    tracing::info!("stopping");
}
