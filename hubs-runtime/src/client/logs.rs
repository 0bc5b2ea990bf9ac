//! What a connection of this client does for the logs that the client reads: it hands over what the server tells of them, and
//! runs the application's hook. What that means is decided in `log`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::Mutex;

use super::{
    LogEvent,
    log::{Logs, Place},
};
use crate::protocol::{ArgumentError, Arguments, Headers};

/// What the server tells of logs.
pub(super) const NOTICE: &str = "hubs:log";

/// The header of a message that is kept in a log.
const PLACE: &str = "log";

/// Runs when it is known what has become of the messages that were missed.
pub(super) type OnLogEvent = Arc<dyn Fn(LogEvent) + Send + Sync>;

/// The logs of a client, over all of its connections.
#[derive(Default)]
pub(super) struct ClientLogs {
    pub(super) logs: Mutex<Logs>,
    pub(super) on_event: Option<OnLogEvent>,
}

impl ClientLogs {
    /// Takes a notice.
    pub(super) fn told(&self, arguments: &mut Arguments<'_>) {
        let mut read = || -> Result<_, ArgumentError> {
            let (scope, kind): (String, String) = (arguments.take()?, arguments.take()?);
            let (position, detail): (String, _) = (arguments.take()?, arguments.take()?);
            Ok(self.logs.lock().told(&scope, &kind, &position, detail))
        };
        match read() {
            Ok(Some(event)) => {
                tracing::debug!(?event, "the connection was made again");
                if let Some(on_event) = &self.on_event
                    && catch_unwind(AssertUnwindSafe(|| on_event(event))).is_err()
                {
                    tracing::error!("the hook for events of logs panicked");
                }
            }
            Ok(None) => {}
            Err(error) => tracing::debug!(%error, "what the server says of a log cannot be read"),
        }
    }
}

/// The position of a message that is kept in a log.
pub(super) fn place(headers: Headers<'_>) -> Option<Place> {
    Place::read(&headers.get(PLACE)?)
}
