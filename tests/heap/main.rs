//! Memory is back to its start after all clients left. Counted are the bytes that this process has allocated and not
//! freed: the allocator keeps freed memory, so the figures of the system say less. Real sockets, server and clients in one process.

mod client;
mod hub;
mod slow;

use std::{net::SocketAddr, time::Duration};

use axum::serve::ListenerExt;
use hubs::{HubMetrics, HubOptions, Hubs, UserId};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use peak_alloc::PeakAlloc;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::timeout,
};

use crate::{
    client::Client,
    hub::{HeapHubContract, Hub},
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How many clients there are at once, and how many warm the server up.
const MANY: usize = 3_000;
const FEW: usize = 300;
/// How often they connect and disconnect, and how often in the long form.
const ROUNDS: usize = 2;
const LONG_ROUNDS: usize = 20;
/// How many connect, or disconnect, at the same time.
const WIDTH: usize = 50;
/// What may stay allocated; a leak of two words for each connection is more. Each thread of the server keeps lists of the
/// connections to write to, and maps keep capacity for a few entries.
const STAYS: usize = 16 * MANY + 64 * 1024;
/// What each connection may leave for a while, up to a minute here: that its token was used.
const USED: usize = 40;
/// The heap is read every 10 ms. When nothing was freed for so many readings, all is freed.
const STILL: usize = 50;

/// One test at a time: they count the same bytes.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// Many clients may take longer than a single step.
async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(60), future).await.expect("within the time limit")
}

/// A server in this process.
struct Server {
    address: SocketAddr,
    metrics: HubMetrics,
}

impl Server {
    async fn start() -> Self {
        let hubs = Hubs::new()
            .user_id_provider(|request| request.headers.get("x-user")?.to_str().ok().map(UserId::from))
            // Polling clients do not poll while the others connect.
            .options(HubOptions::default().disconnect_timeout(Duration::from_secs(60)))
            .map("/heap", HeapHubContract, Hub);
        let metrics = hubs.metrics::<HeapHubContract>();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let listener = listener.tap_io(|socket| socket.set_nodelay(true).expect("a socket of this machine"));
        tokio::spawn(async move { axum::serve(listener, hubs.router::<()>()).await });
        Self { address, metrics }
    }

    /// So many clients connect, use all features, receive the same text, and disconnect in every possible way. Returns the
    /// live bytes while all were connected.
    async fn serve_clients(&self, count: usize) -> usize {
        let mut clients = Vec::new();
        let mut starting = JoinSet::new();
        for number in 0..count {
            starting.spawn(Client::start(self.address, number));
            if starting.len() == WIDTH || number + 1 == count {
                clients.extend(starting.join_next().await.map(|client| client.expect("it connects")));
            }
        }
        clients.extend(starting.join_all().await);
        assert_eq!((self.metrics.connections(), self.metrics.groups()), (count, count + 1));
        clients[0].broadcast().await;
        for client in &mut clients {
            client.receives_broadcast().await;
        }
        let live = MEMORY.current_usage();
        let mut stopping = JoinSet::new();
        for client in clients {
            stopping.spawn(client.stop());
            if stopping.len() == WIDTH {
                stopping.join_next().await.expect("one stops").expect("without a panic");
            }
        }
        stopping.join_all().await;
        live
    }

    /// The live bytes when all clients have left and nothing more is freed. Waits longer if that is more than `expected`.
    async fn empty(&self, expected: usize) -> usize {
        let (mut live, mut still) = (usize::MAX, 0);
        while self.metrics.connections() > 0 || still < if live <= expected { STILL } else { 10 * STILL } {
            tokio::time::sleep(Duration::from_millis(10)).await;
            let now = MEMORY.current_usage();
            still = if now < live { 0 } else { still + 1 };
            live = live.min(now);
        }
        assert_eq!(self.metrics.groups(), 0);
        live
    }
}

/// Two files for each socket: a third of the connections have two. And some for the rest.
fn raise_limit() {
    let wanted = 3 * MANY as u64;
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).expect("the limit can be read");
    if soft < wanted {
        setrlimit(Resource::RLIMIT_NOFILE, wanted, hard)
            .expect("this test needs more open files: raise the limit with `ulimit -Hn 9000`");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_is_back_at_its_start_after_all_clients_left() {
    let _alone = ALONE.lock().await;
    raise_limit();
    let server = Server::start().await;
    // Allocates what is kept: the clock of the hub, the tasks that write, and state of each thread.
    soon(server.serve_clients(FEW)).await;
    let start = soon(server.empty(usize::MAX)).await;
    let rounds = if std::env::var_os("HUBS_SOAK").is_some() { LONG_ROUNDS } else { ROUNDS };
    for round in 1..=rounds {
        let stays = STAYS + USED * MANY * round.min(8);
        let live = soon(server.serve_clients(MANY)).await - start;
        let stayed = soon(server.empty(start + stays)).await.saturating_sub(start);
        println!("{MANY} connections, round {round}: {} live bytes each, {stayed} stayed of all", live / MANY);
        assert!(stayed <= stays, "{stayed} bytes stayed of {live} after round {round}");
    }
}

/// How many connections a stranger negotiates and never opens.
const UNUSED: usize = 50_000;

/// Negotiates over one socket, again and again. Returns the last answer.
async fn negotiate(socket: &mut BufReader<TcpStream>, times: usize) -> String {
    let request = b"POST /heap/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
    let (mut line, mut body) = (String::new(), Vec::new());
    for _ in 0..times {
        socket.write_all(request).await.expect("the server reads");
        let mut length = 0;
        loop {
            line.clear();
            socket.read_line(&mut line).await.expect("the server answers");
            if let Some(text) = line.to_ascii_lowercase().strip_prefix("content-length: ") {
                length = text.trim().parse().expect("a length");
            }
            if line == "\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        socket.read_exact(&mut body).await.expect("the whole answer");
    }
    String::from_utf8(body).expect("JSON")
}

/// A negotiation keeps nothing, and who comes after fifty thousand of them is let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn b3_11_negotiations_that_are_never_used_take_no_memory() {
    let _alone = ALONE.lock().await;
    let server = Server::start().await;
    let mut socket = BufReader::new(TcpStream::connect(server.address).await.expect("the server listens"));
    soon(negotiate(&mut socket, 100)).await;
    let start = soon(server.empty(usize::MAX)).await;
    let last = timeout(Duration::from_secs(100), negotiate(&mut socket, UNUSED)).await.expect("in time");
    assert!(last.contains("connectionToken"), "{last}");
    let stayed = MEMORY.current_usage().saturating_sub(start);
    println!("{UNUSED} negotiations: {stayed} bytes stayed");
    assert!(stayed < 64 * 1024, "{stayed} bytes stayed");
    soon(server.serve_clients(FEW)).await;
}
