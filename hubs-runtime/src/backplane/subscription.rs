//! A subscription to a channel, for as long as it is kept.

use std::{fmt, sync::Arc};

use futures_util::{FutureExt, future::BoxFuture};

use super::BackplaneError;

/// Waits, each time it is called, until a subscription is in force.
type Confirm = Arc<dyn Fn() -> BoxFuture<'static, Result<(), BackplaneError>> + Send + Sync>;

/// A subscription to a channel. It ends when it is dropped.
pub struct Subscription {
    confirm: Confirm,
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Subscription {
    /// A subscription that ends with `end`. `confirm` is called each time that [`Subscription::confirmed`] is, since a
    /// subscription may come into force after it was waited for in vain.
    pub fn new<F>(confirm: impl Fn() -> F + Send + Sync + 'static, end: impl FnOnce() + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), BackplaneError>> + Send + 'static,
    {
        Self { confirm: Arc::new(move || confirm().boxed()), end: Some(Box::new(end)) }
    }

    /// Waits until the subscription is in force: what is published from then on is received.
    ///
    /// # Errors
    ///
    /// The backplane could not confirm it in time. The subscription stays, and comes into force when the backplane is
    /// reached again.
    pub fn confirmed(&self) -> impl Future<Output = Result<(), BackplaneError>> + Send + 'static {
        (self.confirm)()
    }

    /// The same, for another subscription that is in force when this one is.
    #[cfg(feature = "redis")]
    pub(super) fn confirm(
        &self,
    ) -> impl Fn() -> BoxFuture<'static, Result<(), BackplaneError>> + Send + Sync + 'static {
        let confirm = Arc::clone(&self.confirm);
        move || confirm()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            end();
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
