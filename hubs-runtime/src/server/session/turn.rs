//! The turns of a session: connect, read, run, write, until nothing moves.

use std::task::{Context, Poll};

use futures_util::StreamExt;

use super::{Session, texts};
use crate::{
    connection::{End, Received},
    ids::DisconnectError,
    transport::{Transport, TransportError},
};

/// How many messages are handled before what they produced is written.
const MESSAGES_A_TURN: usize = 64;

/// How many turns are taken before other tasks get theirs.
const TURNS_A_POLL: usize = 8;

impl<T: Transport> Session<T> {
    /// Takes turns until the connection ends.
    pub(super) fn poll_turns(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        self.peer.outbox.register(cx);
        for _ in 0..TURNS_A_POLL {
            if let Some(end) = self.peer.outbox.ended() {
                return Poll::Ready(end);
            }
            match self.turn(cx) {
                Ok(true) => {}
                Ok(false) if self.pipe.rest() => return Poll::Pending,
                Ok(false) => self.peer.outbox.register(cx),
                Err(end) => return Poll::Ready(end),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// One turn; says whether anything moved that makes another one worth while.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let mut moved = self.connect(cx)?;
        // Reading comes first: a stream that fills its queue as fast as it empties must not keep its own cancellation
        // from being read.
        moved |= self.read(cx)?;
        moved |= self.run_calls(cx);
        // What was written matters to the rest only if that waited for it.
        let waited = self.full();
        let wrote = self.write(cx)?;
        Ok(moved || (wrote && waited))
    }

    /// Whether so much waits to be sent that this connection must not produce more.
    fn full(&self) -> bool {
        self.peer.outbox.full()
    }

    fn connect(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let Some(hook) = &mut self.connecting else { return Ok(false) };
        let Poll::Ready(done) = hook.as_mut().poll(cx) else { return Ok(false) };
        self.connecting = None;
        let detailed = self.runtime.options.enable_detailed_errors;
        match done {
            Ok(Ok(())) => {
                self.connected = true;
                Ok(true)
            }
            Ok(Err(error)) => {
                tracing::warn!(connection = %self.peer.id, %error, "on_connected refused the connection");
                Err(End::Refused(texts::with_cause(texts::CLOSED_WITH_ERROR, &error, detailed)))
            }
            Err(panic) => {
                tracing::error!(connection = %self.peer.id, panic = panic.0, "on_connected panicked");
                Err(End::Refused(texts::with_detail(texts::CLOSED_WITH_ERROR, "Panic", &panic.0, detailed)))
            }
        }
    }

    fn run_calls(&mut self, cx: &mut Context<'_>) -> bool {
        let mut moved = false;
        while !self.running.is_empty() && !self.full() {
            let Poll::Ready(Some((info, ending))) = self.running.poll_next_unpin(cx) else { break };
            self.complete(&info, ending);
            moved = true;
        }
        if self.full() {
            // Woken when there is room again: what is pending was not polled.
            let _ = self.peer.outbox.poll_room(cx);
        }
        moved
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        let mut moved = false;
        let mut blocked = self.connecting.is_some();
        for _ in 0..MESSAGES_A_TURN {
            blocked |= self.full();
            if blocked {
                break;
            }
            match self.handle_next(cx)? {
                Next::Handled => moved = true,
                Next::Blocked => blocked = true,
                Next::Nothing => {
                    if !self.receive(cx)? {
                        break;
                    }
                    moved = true;
                }
            }
        }
        self.peer.note_paused(blocked);
        Ok(moved)
    }

    fn receive(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        match self.pipe.receive(cx) {
            Ok(Received::Nothing) => Ok(false),
            Ok(Received::Bytes) => Ok(true),
            Ok(Received::Closed) => Err(End::Gone),
            Err(TransportError::TooLarge) => {
                let limit = self.runtime.options.maximum_receive_message_size.unwrap_or(usize::MAX);
                Err(End::Failed(DisconnectError::MessageTooLarge(limit)))
            }
            Err(error) => Err(self.broken(&error)),
        }
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        self.pipe.write(cx).map_err(|error| self.broken(&error))
    }

    /// A peer that drops off, or breaks the transport's rules and is told so by it, is gone.
    fn broken(&self, error: &TransportError) -> End {
        tracing::debug!(connection = %self.peer.id, %error, "transport failed");
        End::Gone
    }
}

/// What became of the next message.
pub(super) enum Next {
    /// It was handled.
    Handled,
    /// It has to wait for a running call.
    Blocked,
    /// There is none.
    Nothing,
}
