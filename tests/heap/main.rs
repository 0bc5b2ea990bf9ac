//! Memory is back to its start after everyone left: not what the system counts, of which the allocator keeps what it
//! once had, but the bytes that this process has allocated and not freed. Real sockets, server and clients in one process.

mod client;
mod hub;

use std::{net::SocketAddr, time::Duration};

use axum::serve::ListenerExt;
use hubs::{HubMetrics, HubOptions, Hubs, UserId};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use peak_alloc::PeakAlloc;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};

use crate::{
    client::Client,
    hub::{HallContract, Host},
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// How many are there at once, and with how many the server is warmed up.
const MANY: usize = 3_000;
const FEW: usize = 300;
/// How many connect and leave at the same time.
const WIDTH: usize = 50;
/// What may stay of them: a leak of two words for each shows. Each thread of the server keeps lists of the connections to
/// be written to, and every map room for a few.
const STAYS: usize = 16 * MANY + 64 * 1024;
/// For so many looks at the heap, one every 10 ms, nothing is freed: that was all.
const STILL: usize = 50;

/// A whole crowd may take longer than a single step.
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
            // Who polls is not polling while the others come.
            .options(HubOptions::default().disconnect_timeout(Duration::from_secs(60)))
            .map("/hall", HallContract, Host);
        let metrics = hubs.metrics::<HallContract>();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let listener = listener.tap_io(|socket| socket.set_nodelay(true).expect("a socket of this machine"));
        tokio::spawn(async move { axum::serve(listener, hubs.router::<()>()).await });
        Self { address, metrics }
    }

    /// So many come, use what there is, hear the same text, and leave in every way there is. Gives the live bytes while
    /// all were there.
    async fn crowd(&self, count: usize) -> usize {
        let mut guests = Vec::new();
        let mut coming = JoinSet::new();
        for number in 0..count {
            coming.spawn(Client::come(self.address, number));
            if coming.len() == WIDTH || number + 1 == count {
                guests.extend(coming.join_next().await.map(|guest| guest.expect("it came")));
            }
        }
        guests.extend(coming.join_all().await);
        assert_eq!((self.metrics.connections(), self.metrics.groups()), (count, count + 1));
        guests[0].tell_all().await;
        for guest in &mut guests {
            guest.hears_all().await;
        }
        let live = MEMORY.current_usage();
        let mut leaving = JoinSet::new();
        for guest in guests {
            leaving.spawn(guest.leave());
            if leaving.len() == WIDTH {
                leaving.join_next().await.expect("one leaves").expect("in peace");
            }
        }
        leaving.join_all().await;
        live
    }

    /// The live bytes when all have left and nothing more is freed; where that is more than `expected`, waits longer.
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
async fn memory_is_back_at_its_start_after_everyone_left() {
    raise_limit();
    let server = Server::start().await;
    // The clock of the hub, the tasks that write, and what each thread keeps.
    soon(server.crowd(FEW)).await;
    let start = soon(server.empty(usize::MAX)).await;
    for round in 1..=2 {
        let live = soon(server.crowd(MANY)).await - start;
        let stayed = soon(server.empty(start + STAYS)).await.saturating_sub(start);
        println!("{MANY} connections, round {round}: {} live bytes each, {stayed} stayed of all", live / MANY);
        assert!(stayed <= STAYS, "{stayed} bytes stayed of {live} after round {round}");
    }
}
