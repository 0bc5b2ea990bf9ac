//! Two small things that all hand-made pipes do with wakers.

use std::task::{Context, Waker};

/// Keeps the task's waker, unless it is kept already.
pub(super) fn remember(slot: &mut Option<Waker>, cx: &Context<'_>) {
    if !slot.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
        *slot = Some(cx.waker().clone());
    }
}

/// To be called without any lock: a waker may run anything.
pub(super) fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        waker.wake();
    }
}
