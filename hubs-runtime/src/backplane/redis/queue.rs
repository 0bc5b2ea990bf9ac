//! The commands that wait to be sent. Must not know connections.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use parking_lot::Mutex;
use redis::{Cmd, Value};
use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, timeout_at},
};

use super::{BackplaneError, Pending};

/// How many commands are sent at once, at most, and how many bytes, except for a single command that is larger.
const BATCH: (usize, usize) = (1_000, 1 << 20);
/// How many commands may wait, and how many bytes.
const WAITING: (usize, usize) = (10_000, 64 << 20);
/// How long commands wait for a lost connection to come back.
const GRACE: Duration = Duration::from_millis(500);

/// A command, and who waits for its reply.
pub(super) struct Command {
    pub(super) cmd: Cmd,
    /// The channel or the key, which says where it is sent.
    pub(super) name: String,
    /// What it publishes.
    pub(super) payload: Option<Bytes>,
    size: usize,
    ends: Instant,
    pub(super) reply: oneshot::Sender<Result<Value, BackplaneError>>,
}

/// The commands that wait to be sent.
pub(super) struct Queue {
    state: Mutex<State>,
    /// Told of each command.
    pub(super) wake: Notify,
    limit: Duration,
}

struct State {
    waiting: VecDeque<Command>,
    bytes: usize,
    /// Since when there is no connection, and why.
    down: Option<(Instant, BackplaneError)>,
}

impl Queue {
    /// A queue whose commands wait for their replies for at most `limit`.
    pub(super) fn new(limit: Duration) -> Self {
        let down = Some((Instant::now(), BackplaneError::Unavailable("it was not reached yet".to_owned())));
        Self { state: Mutex::new(State { waiting: VecDeque::new(), bytes: 0, down }), wake: Notify::new(), limit }
    }

    pub(super) fn limit(&self) -> Duration {
        self.limit
    }

    /// Queues a command. The future resolves to its reply.
    pub(super) fn push(&self, name: String, cmd: Cmd, payload: Option<Bytes>) -> Pending<Value> {
        let (ends, unanswered) = match self.until() {
            Ok(until) => until,
            Err(error) => return Box::pin(std::future::ready(Err(error))),
        };
        let size = cmd.args_iter().map(|arg| if let redis::Arg::Simple(bytes) = arg { bytes.len() } else { 0 }).sum();
        let (reply, replied) = oneshot::channel();
        let mut state = self.state.lock();
        if state.waiting.len() >= WAITING.0 || (state.bytes + size > WAITING.1 && !state.waiting.is_empty()) {
            state.drop_ended();
        }
        if state.waiting.len() >= WAITING.0 || (state.bytes + size > WAITING.1 && !state.waiting.is_empty()) {
            return Box::pin(std::future::ready(Err(BackplaneError::Overloaded)));
        }
        state.bytes += size;
        state.waiting.push_back(Command { cmd, name, payload, size, ends, reply });
        drop(state);
        self.wake.notify_one();
        Box::pin(async move {
            let replied = timeout_at(ends, replied).await;
            replied.map_or_else(|_| Err(unanswered), |replied| replied.unwrap_or_else(|_| Err(ended())))
        })
    }

    /// Until when a command may wait, and with what it fails then.
    ///
    /// # Errors
    ///
    /// There was no connection for a while.
    pub(super) fn until(&self) -> Result<(Instant, BackplaneError), BackplaneError> {
        let now = Instant::now();
        match &self.state.lock().down {
            Some((since, error)) if *since + GRACE <= now => Err(error.clone()),
            Some((since, error)) => Ok((*since + GRACE, error.clone())),
            None => Ok((now + self.limit, BackplaneError::TimedOut(self.limit))),
        }
    }

    /// Why there is no connection, from the first moment on.
    pub(super) fn down(&self) -> Option<BackplaneError> {
        self.state.lock().down.as_ref().map(|(_, error)| error.clone())
    }

    /// What is sent next, in the order of the calls. Commands that have waited too long are never sent.
    pub(super) fn take(&self) -> Vec<Command> {
        let mut state = self.state.lock();
        let (now, mut batch, mut bytes) = (Instant::now(), Vec::new(), 0);
        while let Some(next) = state.waiting.front() {
            if batch.len() == BATCH.0 || (!batch.is_empty() && bytes + next.size > BATCH.1) {
                break;
            }
            let Some(next) = state.pop() else { break };
            if next.ends > now {
                bytes += next.size;
                batch.push(next);
            }
        }
        batch
    }

    /// All that waits, for another queue.
    pub(super) fn drain(&self) -> Vec<Command> {
        let mut state = self.state.lock();
        state.bytes = 0;
        state.waiting.drain(..).collect()
    }

    /// Takes a command from another queue.
    pub(super) fn take_over(&self, command: Command) {
        let mut state = self.state.lock();
        state.bytes += command.size;
        state.waiting.push_back(command);
        drop(state);
        self.wake.notify_one();
    }

    /// There is a connection.
    pub(super) fn open(&self) {
        self.state.lock().down = None;
        self.wake.notify_one();
    }

    /// There is no connection, for this reason.
    pub(super) fn close(&self, error: BackplaneError) {
        let mut state = self.state.lock();
        let since = state.down.as_ref().map_or_else(Instant::now, |(since, _)| *since);
        state.down = Some((since, error));
    }
}

impl State {
    fn pop(&mut self) -> Option<Command> {
        let command = self.waiting.pop_front()?;
        self.bytes -= command.size;
        Some(command)
    }

    fn drop_ended(&mut self) {
        let now = Instant::now();
        while self.waiting.front().is_some_and(|command| command.ends <= now) {
            self.pop();
        }
    }
}

/// The connection was lost, or the backplane was dropped.
pub(super) fn ended() -> BackplaneError {
    BackplaneError::Unavailable("the connection has ended".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_reason_is_known_at_once_and_commands_still_wait() {
        let queue = Queue::new(Duration::from_secs(2));
        queue.open();
        assert_eq!(queue.down(), None);
        queue.close(BackplaneError::Unavailable("it hangs".to_owned()));
        assert_eq!(queue.down(), Some(BackplaneError::Unavailable("it hangs".to_owned())));
        assert!(queue.until().is_ok(), "the connection may come back");
        tokio::time::sleep(GRACE).await;
        assert_eq!(queue.until(), Err(BackplaneError::Unavailable("it hangs".to_owned())));
    }
}
