//! How many calls of one client run at once. A call that waits for an answer of a client gives its permit back, so that
//! the answer can come in.

use parking_lot::Mutex;

#[derive(Debug)]
pub(crate) struct Permits {
    limit: usize,
    /// The numbers of the calls that hold one.
    held: Mutex<Vec<u64>>,
}

impl Permits {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), held: Mutex::new(Vec::new()) }
    }

    /// Whether one more call may start.
    pub(crate) fn available(&self) -> bool {
        self.held.lock().len() < self.limit
    }

    /// Gives call `number` a permit; there must be one.
    pub(crate) fn take(&self, number: u64) {
        self.held.lock().push(number);
    }

    /// Takes the permit of call `number` back, if it still has one. Returns whether it had.
    pub(crate) fn give_back(&self, number: u64) -> bool {
        let mut held = self.held.lock();
        let at = held.iter().position(|held| *held == number);
        at.map(|at| held.swap_remove(at)).is_some()
    }
}
