//! Readers that are slow, and not stopped, over every transport: what is kept for them has a limit, and the others get
//! everything at once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::serve::ListenerExt;
use futures_util::FutureExt;
use hubs::{CloseReason, HubOptions, Hubs};
use tokio::{net::TcpSocket, task::JoinSet};

use crate::{
    ALONE, MEMORY,
    client::Client,
    hub::{HeapHubContract, Hub},
    raise_limit, soon,
};

/// A fifth of them is slow.
const READERS: usize = 150;
const LONG_READERS: usize = 2_000;
/// What may wait for a reader.
const LIMIT: usize = 256 * 1024;
/// So short that each reader has a copy. The head of such a frame has no `#` in it.
const TEXT: usize = 1_000;
const HOUR: Duration = Duration::from_secs(3600);
/// What a slow reader may cost: its queue, and as much in an answer to a poll, which is not queued any more.
const COST: usize = 2 * (LIMIT + TEXT);
/// What all may cost besides: the messages on their way to readers that are not slow.
const REST: usize = 4 * 1024 * 1024;

/// Case 52.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn test_52_slow_readers_cost_no_more_than_their_limit_and_hold_up_no_other() {
    let _alone = ALONE.lock().await;
    raise_limit();
    let options = HubOptions::default().maximum_send_queue_size(LIMIT).send_queue_hard_limit(LIMIT);
    // Clients here send nothing, and poll once: none is closed for that while thousands connect.
    let options = options.keep_alive_interval(HOUR).client_timeout_interval(HOUR).disconnect_timeout(HOUR);
    let hubs = Hubs::new().map_with("/heap", HeapHubContract, Hub, options);
    let (metrics, hub) = (hubs.metrics::<HeapHubContract>(), hubs.context::<HeapHubContract>());
    let socket = TcpSocket::new_v4().expect("a socket");
    // The kernel keeps little for those that do not read.
    socket.set_send_buffer_size(64 * 1024).expect("a size");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a free port");
    let listener = socket.listen(1024).expect("it listens");
    let address = listener.local_addr().expect("it is bound");
    let listener = listener.tap_io(|socket| socket.set_nodelay(true).expect("a socket of this machine"));
    let server = tokio::spawn(async move { axum::serve(listener, hubs.router::<()>()).await });

    let readers = if std::env::var_os("HUBS_SOAK").is_some() { LONG_READERS } else { READERS };
    let (slow, mut counts, mut reading) = (readers / 5, Vec::new(), JoinSet::new());
    for number in 0..readers {
        // The client's number decides its transport: a third of the slow ones has each, the others have WebSockets.
        let transport = if number < slow { [0, 4, 5][number % 3] } else { 0 };
        let client = Client::start(address, 6 * number + transport).await;
        if number < slow {
            reading.spawn(client.reads_slowly());
        } else {
            let count = Arc::<AtomicUsize>::default();
            counts.push(Arc::clone(&count));
            reading.spawn(client.counts_texts(count));
        }
    }
    assert_eq!(metrics.connections(), readers);

    let (start, text, mut most, mut sent) = (MEMORY.current_usage(), "x".repeat(TEXT) + "#", 0, 0);
    while metrics.slow_consumers() < slow as u64 {
        let sending = hub.clients().all().receive(text.clone());
        sending.now_or_never().expect("a broadcast never waits").expect("queued");
        sent += 1;
        assert!(sent < 10_000, "{} of {slow} are too slow", metrics.slow_consumers());
        soon(async {
            while counts.iter().any(|count| count.load(Ordering::Relaxed) < sent) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
        most = most.max(MEMORY.current_usage().saturating_sub(start));
    }
    println!("{slow} of {readers} readers are slow: at most {} KiB for each, over {sent} messages", most / slow / 1024);
    assert!(most <= slow * COST + REST, "{most} bytes for {slow} slow readers");
    soon(async {
        while metrics.connections() > readers - slow {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    assert_eq!(metrics.closes(CloseReason::TooSlow), slow as u64);
    assert!(counts.iter().all(|count| count.load(Ordering::Relaxed) == sent), "none came twice");
    reading.shutdown().await;
    server.abort();
}
