//! The bench's methods on socketioxide: events with an acknowledgement. Listens on 127.0.0.1 at `PORT` (5004).

use std::io;

use axum::serve::ListenerExt as _;
use socketioxide::{
    SocketIo,
    extract::{AckSender, Data, SocketRef},
};

#[tokio::main]
async fn main() -> io::Result<()> {
    let port: u16 = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(5004);
    // Room for 16 broadcasts to 1 000 receivers at once; the default of 128 packets a socket drops some.
    let (layer, io) = SocketIo::builder().max_buffer_size(8192).build_layer();
    io.ns("/", async |socket: SocketRef| {
        socket.on("echo", async |ack: AckSender, Data::<String>(text)| {
            let _ = ack.send(&text);
        });
        socket.on("broadcast", async |io: SocketIo, ack: AckSender, Data::<String>(text)| {
            let _ = io.emit("receive", &text).await;
            let _ = ack.send(&());
        });
    });
    let listener = listener(port).await?.tap_io(|socket| drop(socket.set_nodelay(true)));
    axum::serve(listener, axum::Router::new().layer(layer)).await
}

async fn listener(port: u16) -> io::Result<tokio::net::TcpListener> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    socket.listen(4096)
}
