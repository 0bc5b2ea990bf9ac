//! The turns of a connection: connect, read, run, write, until nothing moves.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll},
};

use super::{Engine, Role, reading::Read};
use crate::{
    call::Fault,
    connection::{End, Pipe, Registered},
    transport::{Transport, TransportError},
};

/// How much is handled in one poll: a message costs one, and one more for each 256 B of it. So much takes about a tenth of a
/// millisecond, and others wait no longer for their turn.
const BUDGET: usize = 64;

/// How many turns are taken in one poll, where each has only little to do.
const TURNS_A_POLL: usize = 8;

/// What to do after a turn.
pub(super) enum Turn {
    /// Take another one.
    Again,
    /// Let other tasks go first.
    Yield,
    /// Wait to be woken.
    Rest,
}

impl<R: Role> Engine<R> {
    /// Takes turns until the connection ends.
    pub(super) fn poll_turns<T: Transport>(&mut self, pipe: &mut Pipe<T>, cx: &mut Context<'_>) -> Poll<End> {
        self.peer.outbox.register(cx);
        self.budget = BUDGET;
        let turns = if std::mem::take(&mut self.rests) && self.was_called() { 0 } else { TURNS_A_POLL };
        for _ in 0..turns {
            if let Some(end) = self.peer.outbox.ended() {
                return Poll::Ready(self.first_end(end));
            }
            match self.turn(pipe, cx) {
                Ok(Turn::Again) => {}
                Ok(Turn::Yield) => break,
                // Callers that have their answers are likely to call again.
                Ok(Turn::Rest) if std::mem::take(&mut self.answered) => break,
                Ok(Turn::Rest) if pipe.rest() => {
                    self.rests = true;
                    return Poll::Pending;
                }
                Ok(Turn::Rest) => self.peer.outbox.register(cx),
                Err(end) => return Poll::Ready(end),
            }
        }
        // Not a plain wake: the runtime looks for what came in for others before it polls this task again.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
        Poll::Pending
    }

    /// Whether callers of this end have woken the task. Those that are ready go first, as after answers: what they call leaves in
    /// one batch, and none of them wakes the task again.
    fn was_called(&self) -> bool {
        !self.is_server() && self.peer.outbox.waiting() > 0
    }

    fn turn<T: Transport>(&mut self, pipe: &mut Pipe<T>, cx: &mut Context<'_>) -> Result<Turn, End> {
        self.adopt_started();
        if self.connecting.is_some()
            && let Err(end) = self.poll_connected(cx)
        {
            return Err(self.first_end(end));
        }
        if self.ending.is_some() {
            return self.drain(pipe, cx);
        }
        // Reading comes first: a stream that fills its queue as fast as it empties must not keep its own cancellation
        // from being read.
        let read = match self.read(pipe, cx) {
            Ok(read) => read,
            Err(end) => {
                self.input_ended(end)?;
                return Ok(Turn::Again);
            }
        };
        let completed = self.run_calls(cx);
        if self.resuming.is_some() {
            self.poll_ack(cx);
        }
        // What was written matters to the rest only if that waited for it.
        let waited = self.full();
        let wrote = self.write(pipe, cx)?;
        let again = match read {
            Read::All => wrote && waited,
            Read::Waits(_) | Read::Paused(_) => completed || (wrote && waited),
            Read::Full => true,
            Read::Enough => return Ok(Turn::Yield),
        };
        Ok(if again { Turn::Again } else { Turn::Rest })
    }

    /// Whether so much waits to be sent that this connection must not produce more.
    pub(super) fn full(&self) -> bool {
        !self.left && self.peer.outbox.full()
    }

    /// Runs the first hook. The inner result is `Ok` when it has returned `Ok`.
    pub(super) fn poll_connected(&mut self, cx: &mut Context<'_>) -> Result<Result<(), Registered>, End> {
        let Some(hook) = &mut self.connecting else { return Ok(Ok(())) };
        let done = match Registered::by(hook.as_mut().poll(cx)) {
            Ok(done) => done,
            Err(waits) => return Ok(Err(waits)),
        };
        self.connecting = None;
        let fault = match done {
            Ok(Ok(())) => {
                self.connected = true;
                return Ok(Ok(()));
            }
            Ok(Err(error)) => {
                tracing::warn!(connection = %self.peer.id, %error, "on_connected refused the connection");
                Fault::Error(error)
            }
            Err(panic) => {
                tracing::error!(connection = %self.peer.id, panic = panic.0, "on_connected panicked");
                Fault::Panic(panic.0)
            }
        };
        Err(End::Refused(self.rules.texts.not_connected(&fault)))
    }

    pub(super) fn write<T: Transport>(&self, pipe: &mut Pipe<T>, cx: &mut Context<'_>) -> Result<bool, End> {
        pipe.write(cx).map_err(|error| self.broken(&error))
    }

    /// A peer that drops off, or breaks the transport's rules and is told so by it, is gone.
    pub(super) fn broken(&self, error: &TransportError) -> End {
        tracing::debug!(connection = %self.peer.id, %error, "transport failed");
        if matches!(error, TransportError::Io(_)) && self.survives_loss() { End::Lost } else { End::Gone }
    }
}
