//! A subscription to a channel, for as long as it is kept.

use std::fmt;

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use super::BackplaneError;

/// A subscription to a channel. It ends when it is dropped.
pub struct Subscription {
    confirmed: Shared<BoxFuture<'static, Result<(), BackplaneError>>>,
    end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Subscription {
    /// A subscription that is confirmed when `confirmed` resolves, and that ends with `end`.
    pub fn new(
        confirmed: impl Future<Output = Result<(), BackplaneError>> + Send + 'static,
        end: impl FnOnce() + Send + Sync + 'static,
    ) -> Self {
        Self { confirmed: confirmed.boxed().shared(), end: Some(Box::new(end)) }
    }

    /// Waits until the subscription is in force: what is published from then on is received.
    ///
    /// # Errors
    ///
    /// The backplane could not confirm it in time. The subscription stays, and comes into force when the backplane is
    /// reached again.
    pub fn confirmed(&self) -> impl Future<Output = Result<(), BackplaneError>> + Send + 'static {
        self.confirmed.clone()
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
