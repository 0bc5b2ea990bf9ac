//! How many calls of one client run at once. A call that waits for an answer of a client gives its permit back, so that
//! the calls behind it can go on.

use std::task::{Context, Waker};

use parking_lot::Mutex;

use crate::connection::Registered;

#[derive(Debug)]
pub(crate) struct Permits {
    limit: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// The numbers of the calls that hold a permit.
    calls: Vec<u64>,
    /// The session, while a call waits for a permit.
    waiting: Option<Waker>,
}

impl Permits {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), held: Mutex::default() }
    }

    /// Gives call `number` a permit. If none is left, the task is woken when one is returned.
    pub(crate) fn take(&self, number: u64, cx: &Context<'_>) -> Result<(), Registered> {
        let mut held = self.held.lock();
        if held.calls.len() < self.limit {
            held.calls.push(number);
            return Ok(());
        }
        if !held.waiting.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            held.waiting = Some(cx.waker().clone());
        }
        Err(Registered::stored())
    }

    /// Takes back the permit of call `number`, if it still has one.
    pub(crate) fn give_back(&self, number: u64) {
        let mut held = self.held.lock();
        let Some(at) = held.calls.iter().position(|call| *call == number) else { return };
        held.calls.swap_remove(at);
        let waiting = held.waiting.take();
        drop(held);
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::Wake,
    };

    use super::*;

    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_call_that_waits_is_woken_when_a_permit_is_returned() {
        let wakes = Arc::<Wakes>::default();
        let waker = Waker::from(Arc::clone(&wakes));
        let cx = Context::from_waker(&waker);
        let permits = Permits::new(2);
        assert!(permits.take(1, &cx).is_ok() && permits.take(2, &cx).is_ok());
        assert!(permits.take(3, &cx).is_err());
        permits.give_back(7);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 0, "call 7 has no permit");
        permits.give_back(1);
        permits.give_back(1);
        assert_eq!(wakes.0.load(Ordering::Relaxed), 1);
        assert!(permits.take(3, &cx).is_ok() && permits.take(4, &cx).is_err());
    }
}
