//! Filters: code of the application around calls and around the hooks of connections, in the order in which it was
//! registered. A hub without filters is served by its own invoker, and nothing in here runs. Must not know transports or
//! axum.

mod audit;
mod context;
mod invoker;
mod log;
mod next;
mod timeout;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

pub use audit::{AuditAction, AuditFilter, AuditOutcome, AuditRecord};
pub use context::{HubInvocationContext, HubLifetimeContext};
pub use log::LogFilter;
pub use next::{ConnectNext, DisconnectNext, InvokeNext};
pub use timeout::TimeoutFilter;

use self::invoker::FilteredInvoker;
use super::HubInvoker;
use crate::{
    call::Returned,
    ids::{DisconnectError, HubResult},
};

/// Code around the calls of hubs, and around their connections: ASP.NET Core's `IHubFilter`.
///
/// Each method gets what it is about and `next`, which runs the filters after this one and last the hub. What is not
/// overridden does nothing but that. A filter sees only calls that the caller is allowed to make and whose arguments have
/// been decoded.
///
/// [`Hubs::filter`](crate::Hubs::filter) puts a filter around all hubs, [`Hubs::hub_filter`](crate::Hubs::hub_filter) around
/// one.
///
/// ```
/// use hubs::{HubError, HubFilter, HubInvocationContext, HubResult, Hubs, InvokeNext, Returned};
///
/// /// Refuses calls while the application is read-only.
/// struct ReadOnly;
///
/// impl HubFilter for ReadOnly {
///     async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
///         if call.method().starts_with("Set") {
///             return Err(HubError::client("nothing can be changed now"));
///         }
///         next.run().await
///     }
/// }
///
/// let hubs = Hubs::new().filter(ReadOnly);
/// # drop(hubs);
/// ```
///
/// A filter runs as the method does: it holds the call's permit, an error is answered as the method's would be, a panic
/// fails the call and nothing else, and a call that may be cancelled is dropped where it waits.
pub trait HubFilter: Send + Sync + 'static {
    /// Around one call. Of a method that streams, `next` returns when the stream begins.
    fn invoke_method(
        &self,
        call: &HubInvocationContext,
        next: InvokeNext<'_>,
    ) -> impl Future<Output = HubResult<Returned>> + Send {
        let _ = call;
        next.run()
    }

    /// Around the hub's `on_connected`. `Err` closes the connection, and neither the hub nor the filters learn of its end:
    /// refuse before `next` runs.
    fn on_connected(
        &self,
        connection: &HubLifetimeContext,
        next: ConnectNext<'_>,
    ) -> impl Future<Output = HubResult<()>> + Send {
        let _ = connection;
        next.run()
    }

    /// Around the hub's `on_disconnected`, for each connection whose `on_connected` returned `Ok`. `None`: it closed cleanly.
    fn on_disconnected(
        &self,
        connection: &HubLifetimeContext,
        error: Option<&DisconnectError>,
        next: DisconnectNext<'_>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (connection, error);
        next.run()
    }
}

/// A boxed future that borrows.
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A filter, its type erased.
trait ErasedFilter: Send + Sync {
    fn invoke<'a>(&'a self, call: &'a HubInvocationContext, next: InvokeNext<'a>) -> Boxed<'a, HubResult<Returned>>;
    fn connect<'a>(&'a self, connection: &'a HubLifetimeContext, next: ConnectNext<'a>) -> Boxed<'a, HubResult<()>>;
    fn disconnect<'a>(
        &'a self,
        connection: &'a HubLifetimeContext,
        error: Option<&'a DisconnectError>,
        next: DisconnectNext<'a>,
    ) -> Boxed<'a, ()>;
}

impl<F: HubFilter> ErasedFilter for F {
    fn invoke<'a>(&'a self, call: &'a HubInvocationContext, next: InvokeNext<'a>) -> Boxed<'a, HubResult<Returned>> {
        Box::pin(self.invoke_method(call, next))
    }

    fn connect<'a>(&'a self, connection: &'a HubLifetimeContext, next: ConnectNext<'a>) -> Boxed<'a, HubResult<()>> {
        Box::pin(self.on_connected(connection, next))
    }

    fn disconnect<'a>(
        &'a self,
        connection: &'a HubLifetimeContext,
        error: Option<&'a DisconnectError>,
        next: DisconnectNext<'a>,
    ) -> Boxed<'a, ()> {
        Box::pin(self.on_disconnected(connection, error, next))
    }
}

/// Filters, the outermost first.
#[derive(Clone, Default)]
pub(crate) struct Filters(Vec<Arc<dyn ErasedFilter>>);

impl Filters {
    pub(crate) fn add(&mut self, filter: impl HubFilter) {
        self.0.push(Arc::new(filter));
    }

    /// These, and `inner` inside of them.
    pub(crate) fn followed_by(&self, inner: &Self) -> Self {
        Self(self.0.iter().chain(&inner.0).map(Arc::clone).collect())
    }

    /// `hub` with these around it; without filters `hub` itself.
    pub(crate) fn around(self, hub: Arc<dyn HubInvoker>) -> Arc<dyn HubInvoker> {
        if self.0.is_empty() { hub } else { Arc::new(FilteredInvoker::new(hub, self.0.into())) }
    }
}

impl fmt::Debug for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filters({})", self.0.len())
    }
}
