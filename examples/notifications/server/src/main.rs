//! The server of the notifications: the feed, a way in for programs, and the built page at `/`.
//!
//! This file puts the parts together and serves them.

mod http;
mod people;
mod store;

use std::{env, path::PathBuf, sync::Arc};

use anyhow::Context as _;
use axum::Router;
use hubs::{HubError, Hubs};
use notifications_contract::{NotificationsHub, NotificationsHubContract};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::{http::App, people::People, store::Store};

/// Pages only listen: the hub has no methods.
struct Notifications;
impl NotificationsHub for Notifications {}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(false).init();
    let people = People::from_env()?;
    let hubs = Hubs::new()
        .cookies(people.cookies())
        .map("/notifications", NotificationsHubContract, Notifications)
        .feed("/notifications/feed", NotificationsHubContract, async |reader| {
            // Who may read, and what: the groups of this person. What goes to the person or to all needs no group.
            let user = reader.user().ok_or_else(HubError::unauthorized)?;
            Ok(people::team(user).into_iter().map(|team| http::group(team).into()).collect())
        });
    let store = Arc::new(Store::from_env().await?);
    let app = App { hub: hubs.context(), people, store };
    let app = Router::new().merge(hubs.router()).merge(http::routes(app)).fallback_service(page());

    let address = env::var("HUBS_NOTIFICATIONS_ADDR").unwrap_or_else(|_| "127.0.0.1:5082".into());
    let listener = TcpListener::bind(&address).await;
    let listener = listener
        .with_context(|| format!("cannot listen on {address}; set HUBS_NOTIFICATIONS_ADDR to another address"))?;
    println!("notifications are at http://{}", listener.local_addr()?);
    hubs.serve(listener, app, hubs::stop_signal()).await;
    Ok(())
}

/// The built page, from `HUBS_NOTIFICATIONS_WEB`, or from where `npm run build` puts it.
fn page() -> ServeDir {
    let built = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../web/dist"));
    ServeDir::new(env::var_os("HUBS_NOTIFICATIONS_WEB").map_or_else(built, PathBuf::from))
}
