//! A network that can be cut: a TCP proxy in front of a server.

use std::{net::SocketAddr, sync::Arc};

use parking_lot::Mutex;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinHandle},
};

/// Passes sockets on to a server, until they are cut.
pub(crate) struct Network {
    pub(crate) address: SocketAddr,
    sockets: Arc<Mutex<Vec<AbortHandle>>>,
    /// Where sockets lead; `None`: they are closed at once.
    server: Arc<Mutex<Option<SocketAddr>>>,
    accepting: JoinHandle<()>,
}

impl Network {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (server, sockets) = (Arc::new(Mutex::new(Some(server))), Arc::default());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&server), Arc::clone(&sockets)));
        Self { address, sockets, server, accepting }
    }

    /// Cuts all sockets that are open.
    pub(crate) fn cut(&self) {
        self.sockets.lock().drain(..).for_each(|socket| socket.abort());
    }

    /// From now on new sockets lead there, or nowhere.
    pub(crate) fn lead_to(&self, server: Option<SocketAddr>) {
        *self.server.lock() = server;
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/lab", self.address)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: Arc<Mutex<Option<SocketAddr>>>, sockets: Arc<Mutex<Vec<AbortHandle>>>) {
    loop {
        let Ok((mut near, _)) = listener.accept().await else { continue };
        let Some(server) = *server.lock() else { continue };
        let passing = tokio::spawn(async move {
            if let Ok(mut far) = TcpStream::connect(server).await {
                let _ = copy_bidirectional(&mut near, &mut far).await;
            }
        });
        sockets.lock().push(passing.abort_handle());
    }
}
