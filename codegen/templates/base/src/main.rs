//! The server: the hub at `/chat`, and the built page at `/`.

use axum::Router;
use hubs::Hubs;
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use {{crate}}::{contract::ChatHubContract, history::History, hub::Chat};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::var("ADDRESS").unwrap_or_else(|_| "127.0.0.1:3000".into());
{{database}}    let history = {{history}};
    let hubs = Hubs::new().map("/chat", ChatHubContract, Chat::new(history));
    let app = Router::new().merge(hubs.router()).fallback_service(ServeDir::new("web/dist"));
    let listener = TcpListener::bind(&address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    hubs.serve(listener, app, stop()).await;
    Ok(())
}

/// Waits for Ctrl-C, or for what `docker stop` sends.
async fn stop() {
    #[cfg(unix)]
    if let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    let _ = tokio::signal::ctrl_c().await;
}
