//! The calls this end has made and waits for: id to waiting future. A call that is dropped is forgotten.

use std::{
    collections::HashMap,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::InvokeError;
use crate::{ids::ConnectionId, protocol::RawPayload};

/// How a call ended.
type Answer = Result<RawPayload, InvokeError>;

/// An answer that nobody may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unexpected {
    /// Nobody waits for it, any more or at all: to be ignored.
    Unknown,
    /// Another connection was asked.
    NotAsked,
}

/// All calls that wait, over all connections of one hub.
#[derive(Debug, Default)]
pub(crate) struct PendingCalls {
    last: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiting>>,
}

#[derive(Debug)]
struct Waiting {
    asked: ConnectionId,
    answer: oneshot::Sender<Answer>,
}

impl PendingCalls {
    /// A number that has never been used before.
    pub(crate) fn number(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Starts to wait for an answer of `asked`. The number identifies the call and has never been used before.
    pub(crate) fn start(self: &Arc<Self>, asked: ConnectionId) -> (u64, PendingCall) {
        let number = self.number();
        let (answer, received) = oneshot::channel();
        self.waiting.lock().insert(number, Waiting { asked: asked.clone(), answer });
        (number, PendingCall { calls: Arc::clone(self), number, asked, received })
    }

    /// Takes the answer that `from` gave.
    pub(crate) fn finish(&self, number: u64, from: &ConnectionId, answer: Answer) -> Result<(), Unexpected> {
        let mut waiting = self.waiting.lock();
        let asked = &waiting.get(&number).ok_or(Unexpected::Unknown)?.asked;
        if asked != from {
            return Err(Unexpected::NotAsked);
        }
        let call = waiting.remove(&number).ok_or(Unexpected::Unknown)?;
        drop(waiting);
        // A receiver that is gone has given the call up.
        let _ = call.answer.send(answer);
        Ok(())
    }

    /// Fails all calls to a connection that has ended.
    pub(crate) fn disconnected(&self, connection: &ConnectionId) {
        let mut waiting = self.waiting.lock();
        if !waiting.is_empty() {
            // The futures see a closed channel.
            waiting.retain(|_, call| call.asked != *connection);
        }
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.lock().len()
    }
}

/// The future of one call.
#[derive(Debug)]
pub(crate) struct PendingCall {
    calls: Arc<PendingCalls>,
    number: u64,
    asked: ConnectionId,
    received: oneshot::Receiver<Answer>,
}

impl Future for PendingCall {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        Pin::new(&mut self.received)
            .poll(cx)
            .map(|received| received.unwrap_or_else(|_| Err(InvokeError::Disconnected(self.asked.clone()))))
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        self.calls.waiting.lock().remove(&self.number);
    }
}
