//! How many sockets a client keeps, and how often it writes to them.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use hubs::{HubOptions, TransportKind, client::HubConnectionBuilder};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    sync::watch,
    task::JoinSet,
};

use crate::hub::{Server, connect, within};

/// What is known of all sockets of a client.
#[derive(Clone, Default)]
struct Sockets {
    open: watch::Sender<usize>,
    writes: Arc<AtomicUsize>,
}

struct Socket(TcpStream, Sockets);

impl Sockets {
    /// Has the client's sockets opened here.
    fn watch(&self, builder: HubConnectionBuilder) -> HubConnectionBuilder {
        let sockets = self.clone();
        builder.connector(move |to| {
            let sockets = sockets.clone();
            async move {
                let socket = TcpStream::connect((to.host, to.port)).await?;
                sockets.open.send_modify(|open| *open += 1);
                Ok(Socket(socket, sockets))
            }
        })
    }

    async fn settle_at(&self, count: usize) {
        within(self.open.subscribe().wait_for(|open| *open == count)).await.expect("a sender lives");
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.1.open.send_modify(|open| *open -= 1);
    }
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.1.writes.fetch_add(1, Ordering::SeqCst);
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

#[tokio::test]
async fn a_web_socket_is_all_that_its_connection_keeps() {
    for stateful in [false, true] {
        let server = Server::start(HubOptions::default().stateful_reconnect(stateful));
        let sockets = Sockets::default();
        let builder = sockets.watch(server.client().transports([TransportKind::WebSockets]));
        let client = connect(if stateful { builder.stateful_reconnect() } else { builder }).await;
        sockets.settle_at(1).await;
        client.lab.nothing().await.unwrap();
        drop(client);
        sockets.settle_at(0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn calls_of_many_tasks_leave_together() {
    const CALLERS: usize = 16;
    const CALLS: usize = 50;
    let server = Server::start(HubOptions::default());
    let sockets = Sockets::default();
    let client = connect(sockets.watch(server.client().transports([TransportKind::WebSockets]))).await;
    let before = sockets.writes.load(Ordering::SeqCst);
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let lab = client.lab.clone();
        callers.spawn(async move {
            for _ in 0..CALLS {
                lab.nothing().await.unwrap();
            }
        });
    }
    within(callers.join_all()).await;
    let writes = sockets.writes.load(Ordering::SeqCst) - before;
    assert!(writes < CALLERS * CALLS / 4, "{writes} writes for {} calls", CALLERS * CALLS);
    println!("{writes} writes for {} calls", CALLERS * CALLS);
}
