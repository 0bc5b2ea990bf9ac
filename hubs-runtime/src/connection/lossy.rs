//! Messages that may be lost: replaced by newer ones while they wait, dropped when too much waits, or held back for a
//! time. They never make a reader too slow before the hard limit, and what arrives keeps its order, except for what was
//! held back.

use std::{task::Waker, time::Duration};

use bytes::Bytes;
use tokio::time::Instant;

use super::{Outbox, Pushed, outbox::State, sync::MutexGuard};
use crate::ids::{Delivery, Loss};

/// What became of a message that may be lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PushedLossy {
    pub(crate) pushed: Pushed,
    /// How many messages were lost for it.
    pub(crate) lost: usize,
    /// It is held back until then, and [`Outbox::release`] must be called. `None` for one that takes the place of
    /// another that is held back.
    pub(crate) held_until: Option<Instant>,
}

/// The methods of a connection that are sent at most so often, and what waits for their time.
#[derive(Debug, Default)]
pub(crate) struct Held(Vec<HeldMethod>);

#[derive(Debug)]
struct HeldMethod {
    tag: u64,
    every: Duration,
    /// When the next message may be queued.
    next: Instant,
    waiting: Option<Bytes>,
}

impl Held {
    /// `Ok`: the message may be queued now.
    fn hold(&mut self, message: &Bytes, tag: u64, every: Duration, now: Instant) -> Result<(), PushedLossy> {
        let Some(method) = self.0.iter_mut().find(|method| method.tag == tag) else {
            self.0.push(HeldMethod { tag, every, next: now + every, waiting: None });
            return Ok(());
        };
        if method.waiting.is_none() && now >= method.next {
            method.next = now + every;
            return Ok(());
        }
        let lost = usize::from(method.waiting.replace(message.clone()).is_some());
        let held_until = (lost == 0).then_some(method.next);
        Err(PushedLossy { pushed: Pushed::Done, lost, held_until })
    }

    fn release(&mut self, tag: u64, now: Instant) -> Option<Bytes> {
        let method = self.0.iter_mut().find(|method| method.tag == tag)?;
        method.next = now + method.every;
        method.waiting.take()
    }
}

impl Outbox {
    /// Appends a message that may be lost. It never waits for room, and only the hard limit makes the reader too slow.
    pub(crate) fn push_lossy(&self, message: &Bytes, loss: &Loss, now: Instant) -> PushedLossy {
        let mut state = self.state.lock();
        let mut result = PushedLossy { pushed: Pushed::Done, lost: 0, held_until: None };
        if state.is_closed() {
            return result;
        }
        if let Delivery::Every(every) = loss.delivery
            && let Err(held) = state.held.get_or_insert_default().hold(message, loss.tag, every, now)
        {
            return held;
        }
        let mut waiting = self.waiting();
        if loss.delivery == Delivery::DropOldest {
            while waiting + message.len() > self.limits.producer {
                let Some(removed) = state.queue.remove_oldest(loss.tag) else { break };
                waiting -= removed;
                result.lost += 1;
            }
        } else if let Some(removed) = state.queue.remove_oldest(loss.tag) {
            waiting -= removed;
            result.lost = 1;
        }
        result.pushed = self.append_lossy(state, message, loss.tag, waiting);
        result
    }

    /// Appends what was held back with this tag, now that its time has come.
    pub(crate) fn release(&self, tag: u64, now: Instant) -> Pushed {
        let mut state = self.state.lock();
        let held = state.held.as_mut().and_then(|held| held.release(tag, now));
        let Some(message) = held.filter(|_| !state.is_closed()) else { return Pushed::Done };
        let removed = state.queue.remove_oldest(tag).unwrap_or(0);
        let waiting = self.waiting() - removed;
        self.append_lossy(state, &message, tag, waiting)
    }

    /// `waiting` is what is queued without what was removed.
    fn append_lossy(&self, mut state: MutexGuard<'_, State>, message: &Bytes, tag: u64, waiting: usize) -> Pushed {
        let total = waiting + message.len();
        if waiting > 0 && total > self.limits.hard {
            return self.overflow(state);
        }
        // Replacing a large message by a small one can make room.
        let has_room = self.full() && total <= self.limits.producer;
        let producers = if has_room { std::mem::take(&mut state.producers) } else { Vec::new() };
        state.crowded &= !has_room;
        state.queue.append_tagged(message, tag);
        let pushed = self.appended(state, total);
        producers.into_iter().for_each(Waker::wake);
        pushed
    }
}
