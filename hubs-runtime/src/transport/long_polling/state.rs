//! Which poll waits, which one takes over, what there is to fetch, and what is on its way.

use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Polled;
use crate::transport::wakers::{remember, wake};

/// How many bytes may wait for a poll, unless a single batch is larger; further ones wait in the session.
const CAPACITY: usize = 64 * 1024;

#[derive(Debug)]
pub(super) struct State {
    held: BytesMut,
    /// The session has ended: after what is held nothing follows.
    ended: bool,
    /// The client has been given up, or is done.
    gone: bool,
    /// A poll was told of the end.
    told: bool,
    active: Option<Poller>,
    /// The poll that takes over once the active one has left.
    next: Option<Poller>,
    next_number: u64,
    idle_since: Instant,
    session: Option<Waker>,
    keeper: Option<Waker>,
    /// Bytes of answers that the HTTP server has taken and not written.
    unwritten: usize,
    /// Bytes of answers that have been written.
    left: u64,
    /// The answer that is being written, ...
    answer: Option<Waker>,
    /// ... and whether it waits until some more has been written.
    held_back: bool,
}

#[derive(Debug)]
struct Poller {
    number: u64,
    sent_away: bool,
    waker: Option<Waker>,
}

impl State {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            held: BytesMut::new(),
            ended: false,
            gone: false,
            told: false,
            active: None,
            next: None,
            next_number: 0,
            idle_since: now,
            session: None,
            keeper: None,
            unwritten: 0,
            left: 0,
            answer: None,
            held_back: false,
        }
    }

    /// A place for a new poll, and whom to wake. `None` if one already waits to take over.
    pub(super) fn sit(&mut self) -> Option<(u64, Option<Waker>)> {
        if self.next.is_some() {
            return None;
        }
        let number = self.next_number;
        self.next_number += 1;
        let poller = Poller { number, sent_away: false, waker: None };
        let older = match &mut self.active {
            None => {
                self.active = Some(poller);
                None
            }
            Some(older) => {
                older.sent_away = true;
                let waker = older.waker.take();
                self.next = Some(poller);
                waker
            }
        };
        Some((number, older))
    }

    /// Takes a batch if there is room, and says whom to wake.
    pub(super) fn hold(&mut self, batch: &Bytes, cx: &Context<'_>) -> Option<Option<Waker>> {
        if !self.held.is_empty() && self.held.len() + batch.len() > CAPACITY {
            remember(&mut self.session, cx);
            return None;
        }
        self.held.extend_from_slice(batch);
        Some(self.active_waker())
    }

    pub(super) fn end(&mut self) -> Option<Waker> {
        self.ended = true;
        self.active_waker()
    }

    pub(super) fn hang_up(&mut self) -> [Option<Waker>; 4] {
        self.gone = true;
        self.held = BytesMut::new();
        [self.active_waker(), self.session.take(), self.keeper.take(), self.answer.take()]
    }

    /// The next `size` bytes of an answer may be handed to the HTTP server. False: not before more has been written.
    pub(super) fn begin_leaving(&mut self, size: usize, max_unwritten: usize, cx: &Context<'_>) -> bool {
        // Polls again also after it was given bytes: it may have to be told that the client is gone.
        remember(&mut self.answer, cx);
        self.held_back = self.unwritten > max_unwritten;
        if self.held_back {
            return false;
        }
        self.unwritten += size;
        true
    }

    /// So many bytes of an answer have been written: the client reads. Says whom to wake; the session learns of it, too.
    pub(super) fn left(&mut self, bytes: usize, now: Instant) -> [Option<Waker>; 2] {
        self.unwritten -= bytes;
        self.left += bytes as u64;
        self.idle_since = now;
        // An answer that was not held back needs no other turn.
        let answer = if std::mem::take(&mut self.held_back) { self.answer.take() } else { None };
        [answer, self.session.take()]
    }

    /// How many bytes of answers have been written.
    pub(super) fn bytes_left(&self) -> u64 {
        self.left
    }

    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Since when there has been no poll, and no byte of an answer was written.
    pub(super) fn idle_since(&self, now: Instant) -> Instant {
        if self.active.is_some() || self.next.is_some() { now } else { self.idle_since }
    }

    pub(super) fn poll_told(&mut self, cx: &Context<'_>) -> Poll<()> {
        if self.told || self.gone {
            return Poll::Ready(());
        }
        remember(&mut self.keeper, cx);
        Poll::Pending
    }

    fn active_waker(&mut self) -> Option<Waker> {
        self.active.as_mut().and_then(|active| active.waker.take())
    }

    fn is_active(&self, number: u64) -> bool {
        self.active.as_ref().is_some_and(|active| active.number == number)
    }

    /// What the poll with this number is answered now, and whom to wake.
    fn poll(&mut self, number: u64, cx: &Context<'_>) -> Poll<(Polled, Option<Waker>)> {
        if self.active.is_none() {
            self.active = self.next.take();
        }
        let here = if self.is_active(number) { &mut self.active } else { &mut self.next };
        let Some(poller) = here.as_mut().filter(|poller| poller.number == number) else {
            return Poll::Ready((Polled::Superseded, None));
        };
        if poller.sent_away {
            return Poll::Ready((Polled::Superseded, None));
        }
        remember(&mut poller.waker, cx);
        if !self.is_active(number) {
            return Poll::Pending;
        }
        if self.gone {
            return Poll::Ready((Polled::Gone, None));
        }
        if !self.held.is_empty() {
            let bytes = std::mem::take(&mut self.held).freeze();
            return Poll::Ready((Polled::Bytes(bytes), self.session.take()));
        }
        if self.ended {
            self.told = true;
            return Poll::Ready((Polled::Ended, self.keeper.take()));
        }
        Poll::Pending
    }

    /// Frees the place of a poll, and says whom to wake.
    fn leave(&mut self, number: u64, now: Instant) -> Option<Waker> {
        if self.is_active(number) {
            self.active = None;
            self.idle_since = now;
            return self.next.as_mut().and_then(|next| next.waker.take());
        }
        if self.next.as_ref().is_some_and(|next| next.number == number) {
            self.next = None;
        }
        None
    }
}

/// The place of one poll.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    pub(super) shared: &'a Mutex<State>,
    pub(super) number: u64,
}

impl Seat<'_> {
    pub(super) fn poll(&self, cx: &Context<'_>) -> Poll<Polled> {
        let polled = self.shared.lock().poll(self.number, cx);
        polled.map(|(polled, waker)| {
            wake(waker);
            polled
        })
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let next = self.shared.lock().leave(self.number, Instant::now());
        wake(next);
    }
}
