//! The turns of a session: connect, read, run, write, until nothing moves.

use std::task::{Context, Poll};

use futures_util::StreamExt;

use super::{Session, texts};
use crate::{
    connection::{End, Inbox, Received},
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

    /// One turn; says whether another one is worth while.
    fn turn(&mut self, cx: &mut Context<'_>) -> Result<bool, End> {
        self.connect(cx)?;
        // Reading comes first: a stream that fills its queue as fast as it empties must not keep its own cancellation
        // from being read.
        let read = self.read(cx)?;
        let completed = self.run_calls(cx);
        // What was written matters to the rest only if that waited for it.
        let waited = self.full();
        let wrote = self.write(cx)?;
        Ok(match read {
            Read::All => wrote && waited,
            Read::Blocked => completed || (wrote && waited),
            Read::Enough => true,
        })
    }

    /// Whether so much waits to be sent that this connection must not produce more.
    fn full(&self) -> bool {
        self.peer.outbox.full()
    }

    fn connect(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        let Some(hook) = &mut self.connecting else { return Ok(()) };
        let Poll::Ready(done) = hook.as_mut().poll(cx) else { return Ok(()) };
        self.connecting = None;
        let detailed = self.runtime.options.enable_detailed_errors;
        match done {
            Ok(Ok(())) => {
                self.connected = true;
                Ok(())
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

    /// Says whether any call is done.
    fn run_calls(&mut self, cx: &mut Context<'_>) -> bool {
        let mut completed = false;
        while !self.running.is_empty() && !self.full() {
            let Poll::Ready(Some((info, ending))) = self.running.poll_next_unpin(cx) else { break };
            self.complete(&info, ending);
            completed = true;
        }
        if self.full() {
            // Woken when there is room again: what is pending was not polled.
            let _ = self.peer.outbox.poll_room(cx);
        }
        completed
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<Read, End> {
        // Taken out, so that messages can be handled where they lie.
        let mut inbox = std::mem::take(&mut self.inbox);
        let read = self.read_messages(&mut inbox, cx)?;
        inbox.settle();
        self.inbox = inbox;
        self.incoming.hand_over();
        self.peer.note_paused(read == Read::Blocked);
        Ok(read)
    }

    fn read_messages(&mut self, inbox: &mut Inbox, cx: &mut Context<'_>) -> Result<Read, End> {
        for _ in 0..MESSAGES_A_TURN {
            if self.connecting.is_some() || self.full() {
                return Ok(Read::Blocked);
            }
            match self.handle_next(inbox, cx)? {
                Next::Handled => {}
                Next::Blocked => return Ok(Read::Blocked),
                Next::Nothing if self.receive(inbox, cx)? => {}
                Next::Nothing => return Ok(Read::All),
            }
        }
        Ok(Read::Enough)
    }

    fn receive(&mut self, inbox: &mut Inbox, cx: &mut Context<'_>) -> Result<bool, End> {
        match self.pipe.receive(cx, inbox) {
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

/// Why a turn has stopped reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    /// There is no more now.
    All,
    /// What comes next has to wait: for a running call, or for the client to read.
    Blocked,
    /// There may be more.
    Enough,
}

/// What became of the next message.
pub(super) enum Next {
    /// It was handled.
    Handled,
    /// It has to wait, and with it all that follows: for a running call, or for a reader.
    Blocked,
    /// There is none.
    Nothing,
}
