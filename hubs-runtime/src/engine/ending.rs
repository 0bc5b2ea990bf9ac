//! The end of a connection, in SignalR's order: the Close message, the cancellation, the hook, the groups, and last the
//! transport.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::time::{Sleep, sleep, timeout};

use super::{
    Connection, Engine, Role,
    fence::{Panic, caught, drop_fenced},
    reading::Resumed,
    report,
    turn::Turn,
};
use crate::{
    connection::{End, Pipe},
    transport::{CloseCode, Transport},
};

/// An end that came in while what came before it still waits.
pub(super) struct Ending {
    pub(super) end: End,
    /// When what waits is left behind.
    limit: Pin<Box<Sleep>>,
}

impl<R: Role> Engine<R> {
    /// The end that counts: what came in first.
    pub(super) fn first_end(&self, end: End) -> End {
        self.ending.as_ref().map_or(end, |ending| ending.end.clone())
    }

    /// The peer's end has come in, or what it sent cannot be read. What came before it and waits for its turn still
    /// starts; all that runs is told at once. An error: nothing waits, and the connection ends now.
    pub(super) fn input_ended(&mut self, end: End) -> Result<(), End> {
        if (self.parked.is_empty() && self.connecting.is_none()) || end == End::Lost {
            return Err(end);
        }
        self.close_handover();
        self.gone();
        if end.drops_queue() {
            self.peer.outbox.seal(true);
        }
        let limit = Box::pin(sleep(self.rules.close_timeout));
        self.ending = Some(Box::new(Ending { end, limit }));
        Ok(())
    }

    /// Tells all that runs for this connection that the peer has left.
    fn gone(&mut self) {
        self.peer.ended.cancel();
        self.role.gone();
        self.incoming.disconnect();
        self.calls.end_streams();
    }

    /// A turn after the end has come in: starts what waits.
    pub(super) fn drain<T: Transport>(&mut self, pipe: &mut Pipe<T>, cx: &mut Context<'_>) -> Result<Turn, End> {
        let Some(ending) = &mut self.ending else { return Ok(Turn::Again) };
        let over = ending.limit.as_mut().poll(cx).is_ready();
        let end = ending.end.clone();
        let resumed = self.resume(cx);
        self.incoming.hand_over();
        let completed = self.run_calls(cx);
        if !end.drops_queue() && self.write(pipe, cx).is_err() {
            self.peer.outbox.seal(true);
        }
        let all_started = self.parked.is_empty() && self.connecting.is_none();
        if over || all_started || resumed.is_err() {
            return Err(end);
        }
        Ok(match resumed {
            Ok(Resumed::Enough) => Turn::Yield,
            _ if completed => Turn::Again,
            _ => Turn::Rest,
        })
    }

    /// Runs what outlives the connection: calls that run, and after a time-out those that wait for them.
    async fn run_on(mut self) {
        self.left = true;
        poll_fn(|cx| self.poll_on(cx)).await;
    }

    fn poll_on(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.budget = usize::MAX;
            let resumed = self.resume(cx);
            if matches!(resumed, Ok(Resumed::Waits(_))) {
                self.incoming.hand_over();
            } else {
                self.incoming.disconnect();
            }
            let completed = self.run_calls(cx);
            if self.parked.is_empty() && self.calls.running.is_empty() {
                return Poll::Ready(());
            }
            if !completed {
                return Poll::Pending;
            }
        }
    }
}

impl<R: Role, T: Transport> Connection<R, T> {
    pub(super) async fn finish(mut self: Box<Self>, end: End) {
        let limit = self.engine.rules.close_timeout;
        tracing::debug!(connection = %self.engine.peer.id, ?end, "connection ends");
        self.engine.close_handover();
        report::closed(&self.engine, &end);
        self.engine.finish_connecting(limit).await;
        self.engine.peer.outbox.seal(end.drops_queue());
        self.close_message(&end, limit).await;
        let Self { mut engine, mut pipe } = *self;
        engine.gone();
        if engine.ending.is_none() {
            engine.parked.clear();
        }
        let role = engine.role.clone();
        let hook = if engine.connected { role.disconnected(end.error()) } else { None };
        if !engine.calls.running.is_empty() || !engine.parked.is_empty() {
            role.outlive(Box::pin(engine.run_on()));
        }
        let code = match hook.map(caught) {
            None => CloseCode::Normal,
            Some(hook) => hook.await.map_or_else(|panic| hook_panicked(&panic), |()| CloseCode::Normal),
        };
        role.left();
        if role.closes(&end) {
            // A peer that does not close its side in time is dropped.
            let _ = timeout(limit, poll_fn(|cx| pipe.transport.poll_close(cx, code))).await;
        }
        drop(pipe);
        role.closed(&end);
    }

    /// Sends the Close message. What runs is told when it has left, or after the first attempt.
    async fn close_message(&mut self, end: &End, limit: Duration) {
        let Self { engine, pipe } = self;
        let Some((error, allow_reconnect)) = engine.rules.texts.closed(end) else { return };
        engine.peer.queue_close(error.as_deref(), allow_reconnect);
        let mut written = pin!(timeout(limit, poll_fn(|cx| pipe.poll_written(cx))));
        if written.as_mut().now_or_never().is_none() {
            engine.gone();
            if written.await.is_err() {
                tracing::debug!(connection = %engine.peer.id, "the peer did not read its Close message in time");
            }
        }
    }
}

impl<R: Role> Engine<R> {
    /// Lets the first hook end, so that it is known whether the connection was accepted. It is told that the peer has
    /// left, and dropped after the time-out.
    async fn finish_connecting(&mut self, limit: Duration) {
        let Some(mut hook) = self.connecting.take() else { return };
        self.gone();
        // After an end that came in, the time is over.
        let limit = if self.ending.is_some() { Duration::ZERO } else { limit };
        match timeout(limit, &mut hook).await {
            Ok(done) => self.connected = matches!(done, Ok(Ok(()))),
            Err(_) => {
                tracing::warn!(connection = %self.peer.id, "on_connected was dropped: it ran on after its client had left");
                let _ = drop_fenced(hook);
            }
        }
    }
}

fn hook_panicked(panic: &Panic) -> CloseCode {
    tracing::error!(panic = panic.0, "on_disconnected panicked");
    CloseCode::InternalError
}
