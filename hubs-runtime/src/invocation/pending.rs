//! The calls that this end has made and waits for. A call whose future is dropped is forgotten.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

use parking_lot::Mutex;
use tokio::sync::oneshot;

use super::InvokeError;
use crate::{
    ids::{ConnectionId, ShrinkSpare},
    protocol::RawPayload,
};

/// How a call ended.
type Answer = Result<RawPayload, InvokeError>;

/// Why an answer is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unexpected {
    /// No call waits for it, any more or at all: to be ignored.
    Unknown,
    /// Another connection was asked.
    NotAsked,
}

/// All calls that wait, over all connections of one hub.
#[derive(Debug, Default)]
pub(crate) struct PendingCalls {
    last: AtomicU64,
    waiting: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    calls: HashMap<u64, Waiting>,
    /// The same calls, by whom was asked.
    by_connection: BTreeSet<(ConnectionId, u64)>,
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
        let mut waiting = self.waiting.lock();
        waiting.by_connection.insert((asked.clone(), number));
        waiting.calls.insert(number, Waiting { asked: asked.clone(), answer });
        drop(waiting);
        (number, PendingCall { calls: Arc::clone(self), number, asked, received, done: false })
    }

    /// Takes the answer that `from` gave.
    pub(crate) fn finish(&self, number: u64, from: &ConnectionId, answer: Answer) -> Result<(), Unexpected> {
        let mut waiting = self.waiting.lock();
        let Entry::Occupied(call) = waiting.calls.entry(number) else { return Err(Unexpected::Unknown) };
        if call.get().asked != *from {
            return Err(Unexpected::NotAsked);
        }
        let call = call.remove();
        let receiver = waiting.removed(number, call);
        drop(waiting);
        // A receiver that is gone has given the call up.
        let _ = receiver.send(answer);
        Ok(())
    }

    /// Takes the answer of a connection of another process, which that process has found to be the one that was asked.
    #[cfg(feature = "server")]
    pub(crate) fn finish_remote(&self, number: u64, answer: Answer) -> Result<(), Unexpected> {
        let asked = self.waiting.lock().calls.get(&number).map(|call| call.asked.clone());
        self.finish(number, &asked.ok_or(Unexpected::Unknown)?, answer)
    }

    /// Fails a call whose connection has ended.
    #[cfg(feature = "server")]
    pub(crate) fn lost(&self, number: u64) {
        let call = self.waiting.lock().remove(number);
        // The future sees a closed channel.
        drop(call);
    }

    /// The connections that calls wait for.
    #[cfg(feature = "server")]
    pub(crate) fn asked(&self) -> Vec<ConnectionId> {
        let waiting = self.waiting.lock();
        let mut asked: Vec<_> = waiting.by_connection.iter().map(|(id, _)| id.clone()).collect();
        asked.dedup();
        asked
    }

    /// Fails all calls to a connection that has ended.
    pub(crate) fn disconnected(&self, connection: &ConnectionId) {
        let mut waiting = self.waiting.lock();
        if waiting.calls.is_empty() {
            return;
        }
        let (first, last) = ((connection.clone(), 0), (connection.clone(), u64::MAX));
        let numbers: Vec<u64> = waiting.by_connection.range(first..=last).map(|(_, number)| *number).collect();
        let ended: Vec<_> = numbers.into_iter().map(|number| waiting.remove(number)).collect();
        drop(waiting);
        // The futures see a closed channel.
        drop(ended);
    }

    /// Whether any call waits for an answer of `connection`.
    pub(crate) fn awaits(&self, connection: &ConnectionId) -> bool {
        let waiting = self.waiting.lock();
        let (first, last) = ((connection.clone(), 0), (connection.clone(), u64::MAX));
        waiting.by_connection.range(first..=last).next().is_some()
    }

    /// How many calls wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.lock().calls.len()
    }
}

impl State {
    fn remove(&mut self, number: u64) -> Option<oneshot::Sender<Answer>> {
        let call = self.calls.remove(&number)?;
        Some(self.removed(number, call))
    }

    /// Forgets who was asked by a call that does not wait any more.
    fn removed(&mut self, number: u64, call: Waiting) -> oneshot::Sender<Answer> {
        self.by_connection.remove(&(call.asked, number));
        self.calls.shrink_spare();
        call.answer
    }
}

/// The future of one call.
#[derive(Debug)]
pub(crate) struct PendingCall {
    calls: Arc<PendingCalls>,
    number: u64,
    asked: ConnectionId,
    received: oneshot::Receiver<Answer>,
    /// Whether it waits no more, and has been forgotten.
    done: bool,
}

impl Future for PendingCall {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let received = ready!(Pin::new(&mut self.received).poll(cx));
        self.done = true;
        Poll::Ready(received.unwrap_or_else(|_| Err(InvokeError::Disconnected(self.asked.clone()))))
    }
}

impl Drop for PendingCall {
    fn drop(&mut self) {
        if !self.done {
            let call = self.calls.waiting.lock().remove(self.number);
            drop(call);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;

    /// Takes minutes where the end of each connection searches the calls of all.
    #[test]
    fn many_that_were_asked_may_leave() {
        let (done, is_done) = mpsc::channel();
        thread::spawn(move || {
            let calls = Arc::<PendingCalls>::default();
            let asked: Vec<_> = (0..40_000).map(|number: u32| ConnectionId::from(number.to_string())).collect();
            let pending: Vec<_> = asked.iter().flat_map(|id| [(); 5].map(|()| calls.start(id.clone()))).collect();
            assert_eq!(calls.len(), pending.len());
            asked.iter().for_each(|id| calls.disconnected(id));
            let kept = calls.waiting.lock();
            done.send((kept.calls.len(), kept.by_connection.len(), kept.calls.capacity() < 64)).ok();
        });
        assert_eq!(is_done.recv_timeout(Duration::from_secs(20)), Ok((0, 0, true)), "in time");
    }
}
