//! The proof that a task which stops to wait will be woken.

use std::task::Poll;

/// Shows that the waker of the current task is registered with the cause of its waiting.
///
/// A session reports that it is blocked only with such a value. Only what has just registered the task's waker can make
/// one, so a wake-up cannot be forgotten.
#[derive(Debug)]
#[must_use = "it allows the task to rest"]
pub(crate) struct Registered(());

impl Registered {
    /// For a queue or lock that has stored the waker of the current task.
    pub(crate) fn stored() -> Self {
        Self(())
    }

    /// A future or queue that was polled with the task's context and is pending has registered its waker.
    pub(crate) fn by<T>(polled: Poll<T>) -> Result<T, Self> {
        match polled {
            Poll::Ready(value) => Ok(value),
            Poll::Pending => Err(Self(())),
        }
    }
}
