//! A socket and a session, as small as they can be.

use std::{
    future::poll_fn,
    sync::{Arc, Weak},
    task::{Context, Poll},
};

use bytes::Bytes;

use super::{
    Peer, Pipe,
    sync::{AtomicWaker, Mutex},
};
use crate::{
    ids::TransferFormat,
    transport::{CloseCode, DirectWrite, Transport, TransportError, TransportKind},
};

/// A socket that takes some batches at once, and more when it is opened.
#[derive(Debug)]
pub(super) struct Socket {
    state: Mutex<SocketState>,
    expected: usize,
    writable: AtomicWaker,
    complete: AtomicWaker,
}

#[derive(Debug)]
struct SocketState {
    room: usize,
    pending: Option<usize>,
    taken: usize,
}

impl Socket {
    /// Takes `room` batches at once. All is done when it has `expected` bytes.
    pub(super) fn new(room: usize, expected: usize) -> Arc<Self> {
        let state = Mutex::new(SocketState { room, pending: None, taken: 0 });
        Arc::new(Self { state, expected, writable: AtomicWaker::new(), complete: AtomicWaker::new() })
    }

    /// From here on it takes everything.
    pub(super) fn open(&self) {
        self.state.lock().room = usize::MAX;
        self.writable.wake();
    }

    fn offer(&self, length: usize) -> Option<u64> {
        let mut state = self.state.lock();
        if state.room == 0 {
            state.pending = Some(length);
            return None;
        }
        state.room -= 1;
        state.pending = None;
        state.taken += length;
        let taken = state.taken;
        drop(state);
        assert!(taken <= self.expected, "something left twice");
        if taken == self.expected {
            self.complete.wake();
        }
        Some(taken as u64)
    }

    fn pending(&self) -> Option<usize> {
        self.state.lock().pending
    }

    /// Waits until all has come that is expected.
    pub(super) fn wait(&self) {
        loom::future::block_on(poll_fn(|cx| {
            self.complete.register(cx.waker());
            if self.state.lock().taken == self.expected { Poll::Ready(()) } else { Poll::Pending }
        }));
    }
}

impl DirectWrite for Socket {
    fn write_now(&self, batch: Bytes, _: TransferFormat) -> Option<u64> {
        self.offer(batch.len())
    }
}

/// The session's end of a socket.
pub(super) struct Wire {
    pub(super) socket: Arc<Socket>,
    /// Whether a flusher may write on it.
    pub(super) direct: bool,
}

impl Transport for Wire {
    fn poll_receive(&mut self, _: &mut Context<'_>, _: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        Poll::Pending
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let Some(length) = self.socket.pending() else { return Poll::Ready(Ok(())) };
        self.socket.writable.register(cx.waker());
        if self.socket.offer(length).is_some() { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn send(&mut self, batch: Bytes, _: TransferFormat) -> Result<(), TransportError> {
        self.socket.state.lock().pending = Some(batch.len());
        Ok(())
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: CloseCode) -> Poll<()> {
        Poll::Ready(())
    }

    fn bytes_sent(&self) -> u64 {
        self.socket.state.lock().taken as u64
    }

    fn direct(&self) -> Option<Weak<dyn DirectWrite>> {
        let socket: Weak<Socket> = Arc::downgrade(&self.socket);
        self.direct.then_some(socket as Weak<dyn DirectWrite>)
    }

    fn kind(&self) -> TransportKind {
        TransportKind::WebSockets
    }
}

/// A step that a session leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mistake {
    None,
    /// It waits for room without saying so.
    NoWaker,
    /// It rests without a second look at what was queued meanwhile.
    NoSecondLook,
}

/// The turns of a session: answer a call if there is room, write, rest.
pub(super) struct Session {
    pub(super) pipe: Pipe<Wire>,
    pub(super) peer: Arc<Peer>,
    /// Calls that are not answered yet; each answer has one byte.
    pub(super) calls: usize,
    pub(super) mistake: Mistake,
}

impl Session {
    pub(super) fn run(mut self) {
        loom::future::block_on(poll_fn(|cx| self.poll(cx)));
        self.peer.outbox.seal(true);
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.peer.outbox.register(cx);
        loop {
            if self.peer.outbox.ended().is_some() {
                return Poll::Ready(());
            }
            if self.turn(cx) {
                continue;
            }
            if self.mistake == Mistake::NoSecondLook {
                self.peer.outbox.unwatch();
                return Poll::Pending;
            }
            if self.pipe.rest() {
                return Poll::Pending;
            }
            self.peer.outbox.register(cx);
        }
    }

    /// Whether another turn is needed.
    fn turn(&mut self, cx: &mut Context<'_>) -> bool {
        let blocked = self.answer(cx);
        let full = self.peer.outbox.full();
        let wrote = self.pipe.write(cx).expect("it does not fail");
        wrote && full && blocked
    }

    /// Whether a call has to wait for room.
    fn answer(&mut self, cx: &mut Context<'_>) -> bool {
        while self.calls > 0 {
            if self.peer.outbox.full() {
                if self.mistake == Mistake::NoWaker || self.peer.outbox.poll_room(cx).is_pending() {
                    return true;
                }
                continue;
            }
            self.calls -= 1;
            self.peer.outbox.append_own(b"a");
        }
        false
    }
}
