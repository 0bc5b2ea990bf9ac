//! The connections of one hub that have no socket at the moment, and the bytes that are kept for them. Both have a limit:
//! beyond it the connection that has waited longest is given up.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;

use super::Handover;

/// How many connections may wait for their next socket, and how many bytes are kept for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ParkingLimits {
    pub(crate) connections: usize,
    pub(crate) bytes: usize,
}

/// All that wait.
#[derive(Debug)]
pub(crate) struct Parking {
    limits: ParkingLimits,
    waiting: Mutex<Waiting>,
    evicted: AtomicU64,
    resumed: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    /// By the order in which they came.
    connections: BTreeMap<u64, Place>,
    next: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Place {
    handover: Arc<Handover>,
    bytes: usize,
}

/// One connection that waits, until this is dropped.
#[derive(Debug)]
pub(crate) struct Parked {
    parking: Arc<Parking>,
    number: u64,
}

impl Parking {
    pub(crate) fn new(limits: ParkingLimits) -> Self {
        Self { limits, waiting: Mutex::default(), evicted: AtomicU64::new(0), resumed: AtomicU64::new(0) }
    }

    /// A connection has lost its socket, and `bytes` are kept for it.
    pub(crate) fn park(self: &Arc<Self>, handover: Arc<Handover>, bytes: usize) -> Parked {
        let mut waiting = self.waiting.lock();
        let number = waiting.next;
        waiting.next += 1;
        waiting.bytes += bytes;
        waiting.connections.insert(number, Place { handover, bytes });
        self.make_room(&mut waiting);
        drop(waiting);
        Parked { parking: Arc::clone(self), number }
    }

    /// Gives up the oldest until the limits are met.
    fn make_room(&self, waiting: &mut Waiting) {
        while waiting.connections.len() > self.limits.connections || waiting.bytes > self.limits.bytes {
            let Some((_, Place { handover, bytes })) = waiting.connections.pop_first() else { return };
            waiting.bytes -= bytes;
            self.evicted.fetch_add(1, Ordering::Relaxed);
            handover.evict();
        }
    }

    /// Counts a connection that has got its next socket.
    pub(crate) fn note_resumed(&self) {
        self.resumed.fetch_add(1, Ordering::Relaxed);
    }

    /// How many connections wait, and how many bytes are kept for them.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "a server has metrics"))]
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let waiting = self.waiting.lock();
        (waiting.connections.len(), waiting.bytes)
    }

    /// How many connections have got their next socket, and how many were given up for room.
    #[cfg_attr(not(feature = "server"), expect(dead_code, reason = "a server has metrics"))]
    pub(crate) fn totals(&self) -> (u64, u64) {
        (self.resumed.load(Ordering::Relaxed), self.evicted.load(Ordering::Relaxed))
    }
}

impl Parked {
    /// More is kept for this connection.
    pub(super) fn add(&self, bytes: usize) {
        let mut waiting = self.parking.waiting.lock();
        // A connection that was given up is not counted any more.
        let Some(place) = waiting.connections.get_mut(&self.number) else { return };
        place.bytes += bytes;
        waiting.bytes += bytes;
        self.parking.make_room(&mut waiting);
    }
}

impl Parked {
    /// Less is kept for this connection.
    pub(super) fn remove(&self, bytes: usize) {
        let mut waiting = self.parking.waiting.lock();
        if let Some(place) = waiting.connections.get_mut(&self.number) {
            place.bytes -= bytes;
            waiting.bytes -= bytes;
        }
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        let mut waiting = self.parking.waiting.lock();
        if let Some(place) = waiting.connections.remove(&self.number) {
            waiting.bytes -= place.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::{super::Next, *};

    fn handover() -> Arc<Handover> {
        let handover = Handover::default();
        handover.open();
        Arc::new(handover)
    }

    fn is_evicted(handover: &Handover) -> bool {
        matches!(handover.poll_next(&Context::from_waker(Waker::noop())), Poll::Ready(Next::Evicted))
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let parking = Arc::new(Parking::new(ParkingLimits { connections: 2, bytes: 100 }));
        let handovers: Vec<_> = (0..3).map(|_| handover()).collect();
        let parked: Vec<_> = handovers.iter().map(|handover| parking.park(Arc::clone(handover), 10)).collect();
        assert_eq!(handovers.iter().map(|handover| is_evicted(handover)).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!((parking.waiting(), parking.totals()), ((2, 20), (0, 1)));
        parked[0].add(1000);
        assert_eq!(parking.waiting(), (2, 20), "it has gone");
        parked[2].add(85);
        assert!(is_evicted(&handovers[1]) && !is_evicted(&handovers[2]));
        assert_eq!((parking.waiting(), parking.totals()), ((1, 95), (0, 2)));
        parked[2].add(6);
        assert!(is_evicted(&handovers[2]), "one alone may hold no more, either");
        drop(parked);
        assert_eq!(parking.waiting(), (0, 0));
    }

    #[test]
    fn none_waits_where_none_may() {
        let parking = Arc::new(Parking::new(ParkingLimits { connections: 0, bytes: 100 }));
        let handover = handover();
        let _parked = parking.park(Arc::clone(&handover), 0);
        assert!(is_evicted(&handover));
        assert_eq!(parking.waiting(), (0, 0));
    }
}
