//! A filter that tells the application who did what, when, and how it ended.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use super::{ConnectNext, DisconnectNext, HubFilter, HubInvocationContext, HubLifetimeContext, InvokeNext};
use crate::{
    call::Returned,
    ids::{ConnectionId, DisconnectError, HubError, HubResult, UserId},
};

/// Gives a record of each call, and of each connection that begins or ends, to a function of the application. Arguments and
/// results are not in it.
///
/// ```
/// use hubs::{AuditFilter, Hubs};
///
/// let (records, mut to_write) = tokio::sync::mpsc::unbounded_channel();
/// let hubs = Hubs::new().filter(AuditFilter::new(move |record| {
///     let _ = records.send(record);
/// }));
/// // A task of the application takes them from `to_write`, into a file or a database.
/// # drop((hubs, to_write.try_recv()));
/// ```
///
/// The function is called where the connection is served, so it must be quick and must not panic: hand the record over, as
/// in the example. What was refused before filters run, such as a call that `#[authorize]` refuses, is not recorded.
#[derive(Clone)]
pub struct AuditFilter {
    sink: Arc<dyn Fn(AuditRecord) + Send + Sync>,
}

/// Who did what, when, and how it ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct AuditRecord {
    /// When it began.
    pub at: SystemTime,
    /// How long it took. Of a stream, until it began.
    pub took: Duration,
    /// The name of the hub.
    pub hub: String,
    /// The connection.
    pub connection_id: ConnectionId,
    /// Its user, if it has one.
    pub user_id: Option<UserId>,
    /// What was done.
    pub action: AuditAction,
    /// How it ended.
    pub outcome: AuditOutcome,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditAction {
    /// A connection began.
    Connect,
    /// A method was called, by its name on the wire.
    Call(&'static str),
    /// A connection ended.
    Disconnect,
}

/// How it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditOutcome {
    /// It succeeded; a stream has begun.
    Success,
    /// It was refused with this text, which the caller reads.
    Refused(String),
    /// It failed with this text, which the caller does not read. Of a connection that ended: why it was lost.
    Failed(String),
    /// It was dropped before it ended: it panicked, its caller cancelled it, or the process stopped.
    Dropped,
}

impl AuditFilter {
    /// Gives each record to `sink`.
    pub fn new(sink: impl Fn(AuditRecord) + Send + Sync + 'static) -> Self {
        Self { sink: Arc::new(sink) }
    }

    fn begin(&self, connection: &HubLifetimeContext, action: AuditAction) -> Pending<'_> {
        let record = AuditRecord {
            at: SystemTime::now(),
            took: Duration::ZERO,
            hub: connection.hub().to_owned(),
            connection_id: connection.connection_id().clone(),
            user_id: connection.user_id().cloned(),
            action,
            outcome: AuditOutcome::Dropped,
        };
        Pending { filter: self, began: Instant::now(), record: Some(record) }
    }
}

/// A record that is still to be given: however the action ends.
struct Pending<'a> {
    filter: &'a AuditFilter,
    began: Instant,
    record: Option<AuditRecord>,
}

impl Pending<'_> {
    fn end(mut self, outcome: AuditOutcome) {
        if let Some(record) = &mut self.record {
            record.outcome = outcome;
        }
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let Some(mut record) = self.record.take() else { return };
        record.took = self.began.elapsed();
        (self.filter.sink)(record);
    }
}

impl AuditOutcome {
    fn of<T>(done: &Result<T, HubError>) -> Self {
        match done {
            Ok(_) => Self::Success,
            Err(error) => match error.client_text() {
                Some(text) => Self::Refused(text.to_owned()),
                None => Self::Failed(error.to_string()),
            },
        }
    }
}

impl HubFilter for AuditFilter {
    async fn invoke_method(&self, call: &HubInvocationContext, next: InvokeNext<'_>) -> HubResult<Returned> {
        let pending = self.begin(call.connection(), AuditAction::Call(call.method()));
        let done = next.run().await;
        pending.end(AuditOutcome::of(&done));
        done
    }

    async fn on_connected(&self, connection: &HubLifetimeContext, next: ConnectNext<'_>) -> HubResult<()> {
        let pending = self.begin(connection, AuditAction::Connect);
        let done = next.run().await;
        pending.end(AuditOutcome::of(&done));
        done
    }

    async fn on_disconnected(
        &self,
        connection: &HubLifetimeContext,
        error: Option<&DisconnectError>,
        next: DisconnectNext<'_>,
    ) {
        let pending = self.begin(connection, AuditAction::Disconnect);
        next.run().await;
        pending.end(error.map_or(AuditOutcome::Success, |error| AuditOutcome::Failed(error.to_string())));
    }
}

impl fmt::Debug for AuditFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditFilter(..)")
    }
}
