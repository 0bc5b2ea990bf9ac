//! A filter that writes to the log what happens.

use std::time::Duration;

use tokio::time::Instant;

use super::{ConnectNext, DisconnectNext, HubFilter, HubInvocationContext, HubLifetimeContext, InvokeNext};
use crate::{
    call::Returned,
    ids::{DisconnectError, HubResult},
};

/// Writes calls and connections to the log, with `tracing`: at `INFO` what went well, at `WARN` what failed. Arguments,
/// results and the texts of errors are not written.
///
/// ```
/// let hubs = hubs::Hubs::new().filter(hubs::LogFilter::new());
/// # drop(hubs);
/// ```
#[derive(Debug, Clone, Default)]
pub struct LogFilter {
    slower_than: Duration,
}

impl LogFilter {
    /// Writes every call.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Of the calls that go well, writes those alone that take at least this time.
    #[must_use]
    pub fn slower_than(mut self, time: Duration) -> Self {
        self.slower_than = time;
        self
    }
}

/// In milliseconds, as the log has it.
fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

impl HubFilter for LogFilter {
    async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
        let began = Instant::now();
        let done = next.run().await;
        let (hub, method, connection) = (call.hub(), call.method(), call.connection_id());
        let (user, ms) = (call.user_id().map(tracing::field::display), millis(began));
        match &done {
            Ok(_) if began.elapsed() < self.slower_than => {}
            Ok(returned) if returned.is_stream() => {
                tracing::info!(hub, method, %connection, user, ms, "a stream began");
            }
            Ok(_) => tracing::info!(hub, method, %connection, user, ms, "a call was answered"),
            Err(error) if error.client_text().is_some() => {
                tracing::info!(hub, method, %connection, user, ms, "a call was refused");
            }
            Err(_) => tracing::warn!(hub, method, %connection, user, ms, "a call failed"),
        }
        done
    }

    async fn on_connected(&self, connection: &HubLifetimeContext, next: ConnectNext<'_>) -> HubResult<()> {
        let began = Instant::now();
        let done = next.run().await;
        let (hub, id, transport) = (connection.hub(), connection.connection_id(), connection.transport());
        let (user, ms) = (connection.user_id().map(tracing::field::display), millis(began));
        match &done {
            Ok(()) => tracing::info!(hub, connection = %id, user, %transport, ms, "connected"),
            Err(_) => tracing::warn!(hub, connection = %id, user, %transport, ms, "the hub refused a connection"),
        }
        done
    }

    async fn on_disconnected(
        &self,
        connection: &HubLifetimeContext,
        error: Option<&DisconnectError>,
        next: DisconnectNext<'_>,
    ) {
        next.run().await;
        let (hub, id) = (connection.hub(), connection.connection_id());
        match error {
            None => tracing::info!(hub, connection = %id, "disconnected"),
            Some(error) => tracing::warn!(hub, connection = %id, %error, "a connection was lost"),
        }
    }
}
