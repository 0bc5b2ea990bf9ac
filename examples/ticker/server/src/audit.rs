//! Who placed orders, and how each call ended: a filter of the hub makes the records, a task writes them.
//!
//! Must not know what an order is: arguments are not in a record.

use std::{sync::Arc, time::UNIX_EPOCH};

use hubs::{AuditAction, AuditFilter, AuditOutcome, AuditRecord};
use tokio::sync::mpsc;

use crate::history::History;

/// The one method whose calls are kept.
const METHOD: &str = "PlaceOrders";
/// Records that wait for the database. Further ones are lost, with an error in the log.
const WAITING: usize = 1000;

/// The filter, and the records of the calls that are to be kept.
pub(crate) fn filter() -> (AuditFilter, mpsc::Receiver<AuditRecord>) {
    let (records, to_write) = mpsc::channel(WAITING);
    let filter = AuditFilter::new(move |record| {
        if record.action == AuditAction::Call(METHOD) && records.try_send(record).is_err() {
            tracing::error!("a record of the audit is lost: the database does not keep up");
        }
    });
    (filter, to_write)
}

/// Writes records until there are no more.
pub(crate) async fn write(mut records: mpsc::Receiver<AuditRecord>, history: Arc<History>) {
    while let Some(record) = records.recv().await {
        let user = record.user_id.map(|user| user.to_string()).unwrap_or_default();
        let at = record.at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as u32);
        if let Err(error) = history.note(at, &user, METHOD, &outcome(&record.outcome)).await {
            tracing::error!(%error, "a record of the audit was not written");
        }
    }
}

fn outcome(outcome: &AuditOutcome) -> String {
    match outcome {
        AuditOutcome::Success => "success".to_owned(),
        AuditOutcome::Refused(text) => format!("refused: {text}"),
        AuditOutcome::Failed(text) => format!("failed: {text}"),
        _ => "dropped".to_owned(),
    }
}
