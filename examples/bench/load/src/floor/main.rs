//! The floor: what the machine and tokio cost with no hub on top. Bare sockets, own framing, the members of a message
//! found by their places in what `bench-load` writes, nothing parsed and nothing checked. Not a server for any other use.
//!
//! Listens on 127.0.0.1 at `PORT` (5001; 0: any that is free), and prints at which. `BROADCAST=batch` joins what waits for a
//! receiver into one write instead of writing each broadcast from the sender's task. `HTTP=1` serves Server-Sent Events and long
//! polling by bare hyper instead, over HTTP/1.1 or HTTP/2, `TLS=1` speaks TLS by bare tokio-rustls.

mod answer;
mod frame;
mod http;
mod opening;
mod peers;
mod session;
mod tls;

use std::io;

use tokio::net::TcpSocket;

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 4096;

#[tokio::main]
async fn main() -> io::Result<()> {
    let port: u16 = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(5001);
    let batch = std::env::var("BROADCAST").is_ok_and(|how| how == "batch");
    let http = std::env::var("HTTP").is_ok_and(|on| on == "1");
    let tls = std::env::var("TLS").is_ok_and(|on| on == "1").then(tls::acceptor).transpose()?;
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(([127, 0, 0, 1], port).into())?;
    let listener = socket.listen(BACKLOG)?;
    println!("pid {} port {}", std::process::id(), listener.local_addr()?.port());
    loop {
        let (socket, _) = listener.accept().await?;
        socket.set_nodelay(true)?;
        if let Some(tls) = &tls {
            tokio::spawn(tls::serve(tls.accept(socket)));
            continue;
        }
        if http {
            tokio::spawn(http::serve(socket));
            continue;
        }
        tokio::spawn(async move {
            if let Some(socket) = opening::upgrade(socket).await {
                // A task of its own, so that an idle connection keeps nothing of its HTTP part.
                tokio::spawn(session::run(socket, batch));
            }
        });
    }
}
