//! Where the clock and the flushers of a hub run: on one of the runtimes that serve its connections. A program may have
//! several, one after another or at once, as a test suite with a static `Hubs` has. When the runtime that hosts these
//! tasks is dropped, they start again on another one that serves connections, or with the next connection.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use tokio::runtime::{Handle, Id};

use super::{LocalConnections, clock, held_back};
use crate::connection::Intervals;

#[derive(Debug)]
pub(crate) struct Background {
    connections: Weak<LocalConnections>,
    intervals: Intervals,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The runtimes that serve connections, and how many.
    serving: Vec<(Handle, usize)>,
    /// Whether the tasks run.
    hosted: bool,
}

/// A connection of this hub that the current runtime serves. Kept for as long as it does.
#[derive(Debug)]
pub(crate) struct Served {
    background: Arc<Background>,
    runtime: Id,
}

/// Shared by the tasks. The last of them to go starts them again.
struct Host {
    background: Weak<Background>,
    runtime: Id,
}

impl Background {
    pub(crate) fn new(connections: &Arc<LocalConnections>, intervals: Intervals) -> Self {
        Self { connections: Arc::downgrade(connections), intervals, state: Mutex::default() }
    }

    /// Notes that the current runtime serves one more connection, and starts the tasks if they do not run.
    pub(crate) fn enter(self: &Arc<Self>) -> Served {
        let handle = Handle::current();
        let runtime = handle.id();
        let mut state = self.state.lock();
        match state.serving.iter_mut().find(|(other, _)| other.id() == runtime) {
            Some((_, count)) => *count += 1,
            None => state.serving.push((handle.clone(), 1)),
        }
        let start = !std::mem::replace(&mut state.hosted, true);
        drop(state);
        if start {
            self.start(&handle);
        }
        Served { background: Arc::clone(self), runtime }
    }

    /// Spawns the tasks. No lock may be held: a runtime that is shutting down drops them at once.
    fn start(self: &Arc<Self>, handle: &Handle) {
        let Some(connections) = self.connections.upgrade() else { return };
        let host = Arc::new(Host { background: Arc::downgrade(self), runtime: handle.id() });
        let clock = clock::run(Weak::clone(&self.connections), self.intervals);
        spawn(handle, &host, clock);
        let held_back = held_back::run(Arc::clone(&connections.held_back), Weak::clone(&self.connections));
        spawn(handle, &host, held_back);
        for flusher in connections.flushers.tasks(handle.metrics().num_workers()) {
            spawn(handle, &host, flusher);
        }
    }

    fn restart(self: &Arc<Self>, ended: Id) {
        let mut state = self.state.lock();
        state.serving.retain(|(handle, _)| handle.id() != ended);
        let next = state.serving.first().map(|(handle, _)| handle.clone());
        state.hosted = next.is_some();
        drop(state);
        if let Some(next) = next {
            self.start(&next);
        }
    }
}

fn spawn(handle: &Handle, host: &Arc<Host>, task: impl Future<Output = ()> + Send + 'static) {
    let host = Arc::clone(host);
    handle.spawn(async move {
        task.await;
        drop(host);
    });
}

impl Drop for Served {
    fn drop(&mut self) {
        let mut state = self.background.state.lock();
        if let Some(at) = state.serving.iter().position(|(handle, _)| handle.id() == self.runtime) {
            state.serving[at].1 -= 1;
            if state.serving[at].1 == 0 {
                let (handle, _) = state.serving.swap_remove(at);
                drop(state);
                drop(handle);
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(background) = self.background.upgrade() {
            background.restart(self.runtime);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::{runtime::Builder, time::timeout};

    use super::*;
    use crate::{
        connection::{OutboxLimits, Peer, Pipe},
        counters::Counters,
        ids::ConnectionId,
        protocol::JsonHubProtocol,
        transport::memory,
    };

    fn background() -> (Arc<LocalConnections>, Arc<Background>) {
        let options = crate::server::HubOptions::default();
        let connections = Arc::new(LocalConnections::new(Arc::<Counters>::default(), options.group_limits()));
        let intervals = options.intervals();
        let background = Arc::new(Background::new(&connections, intervals));
        (connections, background)
    }

    /// Whether a connection is pinged on a runtime of its own time.
    async fn is_pinged(connections: &LocalConnections) -> bool {
        let peer = Arc::new(Peer::new(ConnectionId::new("a"), None, &JsonHubProtocol, OutboxLimits::DEFAULT));
        let (near, _far) = memory::pair(memory::DEFAULT_CAPACITY);
        let _pipe = Pipe::new(near, Arc::clone(&peer));
        connections.registry.connect(Arc::clone(&peer));
        let pinged = async {
            while peer.outbox.waiting() == 0 {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let pinged = timeout(Duration::from_secs(60), pinged).await.is_ok();
        connections.registry.disconnect(&peer);
        pinged
    }

    fn runtime() -> tokio::runtime::Runtime {
        Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
    }

    #[test]
    fn the_clock_starts_again_with_the_next_connection_after_its_runtime_is_gone() {
        let (connections, background) = background();
        for _ in 0..3 {
            let runtime = runtime();
            runtime.block_on(async {
                let served = background.enter();
                assert!(is_pinged(&connections).await);
                drop(served);
            });
        }
        assert!(!background.state.lock().hosted);
        assert!(background.state.lock().serving.is_empty(), "nothing of a runtime is kept");
    }

    #[test]
    fn the_clock_moves_to_another_runtime_that_serves_connections() {
        let (connections, background) = background();
        let (first, second, third) = (runtime(), runtime(), runtime());
        let served: Vec<_> =
            [&first, &second, &third].map(|runtime| runtime.block_on(async { background.enter() })).into();
        drop(second);
        drop(first);
        assert!(background.state.lock().hosted);
        assert!(third.block_on(is_pinged(&connections)));
        drop(served);
        drop(third);
        assert!(!background.state.lock().hosted);
    }
}
