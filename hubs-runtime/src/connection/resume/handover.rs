//! Where the next socket of a connection arrives.

use std::{
    fmt,
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use parking_lot::Mutex;

use crate::transport::Transport;

/// Shared by the session of a connection and by what accepts sockets for it.
#[derive(Default)]
pub(crate) struct Handover {
    place: Mutex<Place>,
    session: AtomicWaker,
}

#[derive(Default)]
enum Place {
    /// The connection has not shaken hands.
    #[default]
    Unready,
    /// A socket may arrive.
    Open,
    /// A socket has arrived.
    Arrived(Box<dyn Transport>),
    /// The connection was given up so that others have room.
    Evicted,
    /// The connection ends, or cannot be resumed.
    Closed,
}

/// What the session finds.
pub(crate) enum Next {
    /// A socket that takes over.
    Socket(Box<dyn Transport>),
    /// The connection was given up so that others have room.
    Evicted,
    /// No socket will come.
    Closed,
}

impl Handover {
    /// From now on sockets may arrive.
    pub(crate) fn open(&self) {
        let mut place = self.place.lock();
        if matches!(*place, Place::Unready) {
            *place = Place::Open;
        }
    }

    /// From now on no socket may arrive. Drops one that has.
    pub(crate) fn close(&self) {
        let old = std::mem::replace(&mut *self.place.lock(), Place::Closed);
        drop(old);
        self.session.wake();
    }

    /// Ends a connection that waits for its next socket.
    pub(super) fn evict(&self) {
        let mut place = self.place.lock();
        if matches!(*place, Place::Open) {
            *place = Place::Evicted;
            drop(place);
            self.session.wake();
        }
    }

    /// Whether a socket may arrive now.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "a server is asked before a socket is opened"))]
    pub(crate) fn accepts(&self) -> bool {
        matches!(*self.place.lock(), Place::Open | Place::Arrived(_))
    }

    /// Hands a socket over; it wins over any that arrived before. `false` if the connection ends: the socket is dropped.
    pub(crate) fn offer(&self, socket: Box<dyn Transport>) -> bool {
        let mut place = self.place.lock();
        if !matches!(*place, Place::Open | Place::Arrived(_)) {
            return false;
        }
        let old = std::mem::replace(&mut *place, Place::Arrived(socket));
        drop(place);
        drop(old);
        self.session.wake();
        true
    }

    /// Waits for what comes next. Cancel safe.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Next> {
        self.session.register(cx.waker());
        let mut place = self.place.lock();
        match std::mem::replace(&mut *place, Place::Open) {
            Place::Arrived(socket) => Poll::Ready(Next::Socket(socket)),
            Place::Evicted => {
                *place = Place::Evicted;
                Poll::Ready(Next::Evicted)
            }
            Place::Closed => {
                *place = Place::Closed;
                Poll::Ready(Next::Closed)
            }
            waits @ (Place::Open | Place::Unready) => {
                *place = waits;
                Poll::Pending
            }
        }
    }
}

impl fmt::Debug for Handover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match *self.place.lock() {
            Place::Unready => "Unready",
            Place::Open => "Open",
            Place::Arrived(_) => "Arrived",
            Place::Evicted => "Evicted",
            Place::Closed => "Closed",
        };
        f.debug_tuple("Handover").field(&place).finish()
    }
}
