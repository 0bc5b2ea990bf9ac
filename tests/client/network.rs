//! A network that can be cut: a TCP proxy in front of a server.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinHandle},
};

/// Passes sockets on to a server, until they are cut.
pub(crate) struct Network {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    accepting: JoinHandle<()>,
}

struct State {
    sockets: Mutex<Vec<AbortHandle>>,
    /// Where sockets lead; `None`: they are closed at once.
    server: Mutex<Option<SocketAddr>>,
    /// Whether what is sent disappears.
    held: AtomicBool,
    /// After how many bytes, both directions together, a new socket is cut.
    bytes: AtomicUsize,
}

impl Network {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let state = Arc::new(State {
            sockets: Mutex::default(),
            server: Mutex::new(Some(server)),
            held: AtomicBool::new(false),
            bytes: AtomicUsize::new(usize::MAX),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&state)));
        Self { address, state, accepting }
    }

    /// Cuts all sockets that are open.
    pub(crate) fn cut(&self) {
        self.state.sockets.lock().drain(..).for_each(|socket| socket.abort());
    }

    /// From now on new sockets lead there, or nowhere.
    pub(crate) fn lead_to(&self, server: Option<SocketAddr>) {
        *self.state.server.lock() = server;
    }

    /// Whether from now on what is sent disappears, while sockets look alive.
    pub(crate) fn hold(&self, held: bool) {
        self.state.held.store(held, Ordering::SeqCst);
    }

    /// From now on a new socket is cut after so many bytes.
    pub(crate) fn cut_after(&self, bytes: usize) {
        self.state.bytes.store(bytes, Ordering::SeqCst);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.cut();
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    loop {
        let Ok((near, _)) = listener.accept().await else { continue };
        let Some(server) = *state.server.lock() else { continue };
        let passing = tokio::spawn(pass(near, server, Arc::clone(&state)));
        state.sockets.lock().push(passing.abort_handle());
    }
}

async fn pass(near: TcpStream, server: SocketAddr, state: Arc<State>) {
    let left = AtomicUsize::new(state.bytes.load(Ordering::SeqCst));
    let Ok(far) = TcpStream::connect(server).await else { return };
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    // Either end ends both: a socket that is cut is cut whole.
    tokio::select! {
        () = copy(near_in, far_out, &left, &state.held) => {}
        () = copy(far_in, near_out, &left, &state.held) => {}
    }
}

async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    left: &AtomicUsize,
    held: &AtomicBool,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        if held.load(Ordering::SeqCst) {
            continue;
        }
        let before = left.load(Ordering::SeqCst);
        left.store(before.saturating_sub(read), Ordering::SeqCst);
        if to.write_all(&buffer[..read.min(before)]).await.is_err() || read >= before {
            return;
        }
    }
}
