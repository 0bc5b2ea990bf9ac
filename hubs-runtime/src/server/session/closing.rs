//! The end of a session, in SignalR's order: the Close message, the cancellation, the hub's hook, the groups, and at
//! last the transport.

use std::future::poll_fn;

use futures_util::StreamExt;

use super::{
    Session,
    call::{RunningCall, caught},
    texts,
};
use crate::{
    connection::End,
    ids::DisconnectError,
    lifetime::HubLifetimeManager,
    transport::{CloseCode, Transport},
};

impl<T: Transport> Session<T> {
    pub(super) async fn close(mut self: Box<Self>, end: End) {
        tracing::debug!(connection = %self.peer.id, ?end, "connection ends");
        self.runtime.core.counters.closed(end.reason());
        self.finish_connecting().await;
        self.peer.outbox.seal(end.drops_queue());
        self.say_last_word(&end).await;
        self.peer.ended.cancel();
        self.incoming.disconnect();
        self.leave_calls_running();
        let code = self.disconnected(end.error()).await;
        self.runtime.core.lifetime.disconnect(&self.peer);
        self.runtime.core.pending.disconnected(&self.peer.id);
        let limit = self.runtime.options.close_timeout;
        // A peer that does not close its side in time is dropped.
        let _ = tokio::time::timeout(limit, poll_fn(|cx| self.pipe.transport.poll_close(cx, code))).await;
    }

    /// A hook that has started is never cut short, so that it is known whether the connection was accepted.
    async fn finish_connecting(&mut self) {
        if let Some(hook) = self.connecting.take() {
            self.connected = matches!(hook.await, Ok(Ok(())));
        }
    }

    async fn say_last_word(&mut self, end: &End) {
        let detailed = self.runtime.options.enable_detailed_errors;
        let (error, allow_reconnect) = match end {
            End::Gone => return,
            End::ClosedByPeer(_) | End::Aborted => (None, false),
            End::Shutdown | End::Expired => (None, true),
            End::Refused(text) => (Some(text.clone()), false),
            End::Failed(error) => (Some(failure_text(error, detailed)), true),
        };
        self.peer.say_close(error.as_deref(), allow_reconnect);
        let limit = self.runtime.options.close_timeout;
        let written = tokio::time::timeout(limit, poll_fn(|cx| self.pipe.poll_written(cx))).await;
        if written.is_err() {
            tracing::debug!(connection = %self.peer.id, "the client did not read its Close message in time");
        }
    }

    /// Methods that are not done run on, as in SignalR; what they return is dropped, and streams end. The hub sees the
    /// cancellation in its context.
    fn leave_calls_running(&mut self) {
        let mut running = std::mem::take(&mut self.running);
        // A stream that says nothing is not polled, and would not notice.
        running.iter_mut().for_each(RunningCall::end_stream);
        if !running.is_empty() {
            self.runtime.tasks.spawn(running.for_each(|_| async {}));
        }
    }

    /// Tells the hub, once, if it had accepted the connection.
    async fn disconnected(&mut self, error: Option<DisconnectError>) -> CloseCode {
        if !self.connected {
            return CloseCode::Normal;
        }
        let hook = self.runtime.invoker.on_disconnected(&self.caller, error);
        match caught(hook).await {
            Ok(()) => CloseCode::Normal,
            Err(panic) => {
                tracing::error!(connection = %self.peer.id, panic = panic.0, "on_disconnected panicked");
                CloseCode::InternalError
            }
        }
    }
}

fn failure_text(error: &DisconnectError, detailed: bool) -> String {
    let (type_name, detail) = match error {
        DisconnectError::ClientTimeout => (
            "OperationCanceledException",
            "Client hasn't sent a message/ping within the configured ClientTimeoutInterval.".to_owned(),
        ),
        DisconnectError::Protocol(text) => ("InvalidDataException", text.clone()),
        DisconnectError::MessageTooLarge(limit) => (
            "InvalidDataException",
            format!(
                "The maximum message size of {limit}B was exceeded. The message size can be configured in AddHubOptions."
            ),
        ),
        other => ("OperationCanceledException", other.to_string()),
    };
    texts::with_detail(texts::CLOSED_WITH_ERROR, type_name, &detail, detailed)
}
