//! Accepts sockets, also where the process has no file descriptor for one more: it logs an error, waits, and goes on. Must not
//! know what sockets are for.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    time::{Instant, sleep},
};

use crate::counters;

/// How long it waits after a failure. Those who connect meanwhile wait in the listener's queue.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a failure is written to the log, at most.
const INTERVAL: Duration = Duration::from_secs(10);

/// A listener that goes on after failures.
#[derive(Debug)]
pub(super) struct Accepting {
    listener: TcpListener,
    logged: Option<Instant>,
}

impl Accepting {
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, logged: None }
    }

    /// The next socket. It can be cancelled: no socket is lost.
    pub(super) async fn next(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            match self.listener.accept().await {
                Ok(accepted) => return accepted,
                Err(error) if left_before_its_turn(&error) => {}
                Err(error) => {
                    counters::accept_failed();
                    self.log(&error);
                    sleep(PAUSE).await;
                }
            }
        }
    }

    fn log(&mut self, error: &io::Error) {
        if self.logged.is_some_and(|logged| logged.elapsed() < INTERVAL) {
            return;
        }
        self.logged = Some(Instant::now());
        tracing::error!(
            %error,
            "no new socket can be accepted; open connections are served. Raise the limit of open files (ulimit -n, LimitNOFILE=)"
        );
    }
}

fn left_before_its_turn(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
