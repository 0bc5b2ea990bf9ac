//! What follows a filter: the filters after it, and last the hub.

use std::{fmt, sync::Arc};

use super::{ErasedFilter, HubInvocationContext, HubLifetimeContext};
use crate::{
    call::{Bound, BoxFuture, Returned},
    ids::{DisconnectError, HubResult},
};

/// The filters after the one that runs.
type Rest<'a> = &'a [Arc<dyn ErasedFilter>];

/// The rest of a call: the filters after this one, and last the method. Dropped without [`run`](Self::run), the method does
/// not start.
#[must_use = "without `run` the method does not start"]
pub struct InvokeNext<'a> {
    pub(super) filters: Rest<'a>,
    pub(super) context: &'a HubInvocationContext,
    pub(super) call: Bound,
}

impl InvokeNext<'_> {
    /// Runs it, and gives what the method returned.
    ///
    /// # Errors
    /// What the method fails with, or a filter between. A panic of the method is none: it ends the call at once.
    pub async fn run(self) -> HubResult<Returned> {
        let Self { filters, context, call } = self;
        match filters.split_first() {
            Some((filter, filters)) => filter.invoke(context, InvokeNext { filters, context, call }).await,
            None => call.run().await,
        }
    }
}

/// The rest of a connection's beginning: the filters after this one, and last the hub's `on_connected`.
#[must_use = "without `run` the hub's `on_connected` does not run"]
pub struct ConnectNext<'a> {
    pub(super) filters: Rest<'a>,
    pub(super) context: &'a HubLifetimeContext,
    pub(super) hook: BoxFuture<HubResult<()>>,
}

impl ConnectNext<'_> {
    /// Runs it.
    ///
    /// # Errors
    /// What the hub's hook fails with, or a filter between: the connection is closed, unless this filter returns `Ok`.
    pub async fn run(self) -> HubResult<()> {
        let Self { filters, context, hook } = self;
        match filters.split_first() {
            Some((filter, filters)) => filter.connect(context, ConnectNext { filters, context, hook }).await,
            None => hook.await,
        }
    }
}

/// The rest of a connection's end: the filters after this one, and last the hub's `on_disconnected`.
#[must_use = "without `run` the hub's `on_disconnected` does not run"]
pub struct DisconnectNext<'a> {
    pub(super) filters: Rest<'a>,
    pub(super) context: &'a HubLifetimeContext,
    pub(super) error: Option<&'a DisconnectError>,
    pub(super) hook: BoxFuture<()>,
}

impl DisconnectNext<'_> {
    /// Runs it.
    pub async fn run(self) {
        let Self { filters, context, error, hook } = self;
        match filters.split_first() {
            Some((filter, filters)) => {
                filter.disconnect(context, error, DisconnectNext { filters, context, error, hook }).await;
            }
            None => hook.await,
        }
    }
}

/// How many filters follow says all that can be said.
macro_rules! debug {
    ($($next:ident),*) => {$(
        impl fmt::Debug for $next<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($next)).field("filters", &self.filters.len()).finish_non_exhaustive()
            }
        }
    )*};
}

debug!(InvokeNext, ConnectNext, DisconnectNext);
