//! A hub as one would write it by hand for one application: axum's WebSockets, serde_json, a reading and a writing task
//! for each connection, a match over method names. It has no limits, no time-outs and no cancellation, and bounds no
//! queue. Listens on 127.0.0.1 at `PORT` (5003).

mod hub;
mod message;
mod session;

use std::io;

use axum::{
    Router,
    extract::ws::WebSocketUpgrade,
    response::IntoResponse,
    routing::{get, post},
    serve::ListenerExt as _,
};

/// axum's own default of 128 KiB costs memory and time for each connection.
const READ_BUFFER: usize = 4096;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port: u16 = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(5003);
    let app = Router::new().route("/hub/negotiate", post(negotiate)).route("/hub", get(connect));
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(4096)?.tap_io(|socket| drop(socket.set_nodelay(true)));
    axum::serve(listener, app).await
}

async fn connect(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    upgrade.read_buffer_size(READ_BUFFER).on_upgrade(session::run)
}

async fn negotiate() -> impl IntoResponse {
    let id = hub::next_id();
    let answer = serde_json::json!({
        "negotiateVersion": 1,
        "connectionId": format!("{id:022}"),
        "connectionToken": format!("{id:022}"),
        "availableTransports": [{ "transport": "WebSockets", "transferFormats": ["Text"] }],
    });
    ([("content-type", "application/json")], answer.to_string())
}
