//! Reading: handles what comes in, keeps in order what has to wait, and goes on reading meanwhile.

use std::task::Context;

use super::{Engine, Role, dispatch::Step, parked::Parked};
use crate::{
    connection::{End, Inbox, Pipe, Received, Registered},
    ids::DisconnectError,
    protocol::ProtocolError,
    transport::{Transport, TransportError},
};

/// Where reading has stopped.
pub(super) enum Read {
    /// Nothing more has come, and nothing waits.
    All,
    /// Nothing more has come. Something waits for its turn.
    Waits(Registered),
    /// So much waits that the rest is not read.
    Paused(Registered),
    /// What is to be sent must be written first.
    Full,
    /// There may be more, but others come first.
    Enough,
}

/// How far the messages that waited could be handled.
pub(super) enum Resumed {
    All,
    Waits(Registered),
    Enough,
}

impl<R: Role> Engine<R> {
    pub(super) fn read<T: Transport>(&mut self, pipe: &mut Pipe<T>, cx: &mut Context<'_>) -> Result<Read, End> {
        let read = match self.resume(cx)? {
            Resumed::Enough => Read::Enough,
            Resumed::All => self.read_new(None, pipe, cx)?,
            Resumed::Waits(waits) => self.read_new(Some(waits), pipe, cx)?,
        };
        self.incoming.hand_over();
        self.peer.note_paused(matches!(read, Read::Paused(_)));
        Ok(read)
    }

    /// Handles messages that had to wait, in their order, as far as they may now.
    pub(super) fn resume(&mut self, cx: &mut Context<'_>) -> Result<Resumed, End> {
        if self.parked.is_empty() {
            return Ok(Resumed::All);
        }
        // Taken out, so that messages can be handled where they lie.
        let mut parked = std::mem::take(&mut self.parked);
        let resumed = self.resume_from(&mut parked, cx);
        if resumed.is_err() {
            // The peer broke the protocol: what comes after that is no message.
            parked.clear();
        }
        self.parked = parked;
        resumed
    }

    #[cold]
    fn resume_from(&mut self, parked: &mut Parked, cx: &mut Context<'_>) -> Result<Resumed, End> {
        while let Some(body) = parked.front() {
            if self.budget == 0 {
                return Ok(Resumed::Enough);
            }
            let cost = cost(body.len());
            if let Some(message) = self.peer.protocol.decode(body).map_err(protocol_broken)? {
                match self.handle(message, false, cx)? {
                    Step::Wait(waits) | Step::Full(waits) => return Ok(Resumed::Waits(waits)),
                    Step::Done | Step::Behind => {}
                }
            }
            parked.pop();
            self.budget = self.budget.saturating_sub(cost);
        }
        Ok(Resumed::All)
    }

    fn read_new<T: Transport>(
        &mut self,
        waits: Option<Registered>,
        pipe: &mut Pipe<T>,
        cx: &mut Context<'_>,
    ) -> Result<Read, End> {
        // Taken out, so that messages can be handled where they lie.
        let mut inbox = std::mem::take(&mut self.inbox);
        let read = self.read_messages(&mut inbox, waits, pipe, cx);
        inbox.settle();
        self.inbox = inbox;
        read
    }

    fn read_messages<T: Transport>(
        &mut self,
        inbox: &mut Inbox,
        mut waits: Option<Registered>,
        pipe: &mut Pipe<T>,
        cx: &mut Context<'_>,
    ) -> Result<Read, End> {
        let protocol = self.peer.protocol;
        let was_full = self.full();
        while self.budget > 0 {
            if !was_full && self.full() {
                return Ok(Read::Full);
            }
            let Some(frame) = inbox.next(protocol, self.rules.message_size).map_err(protocol_broken)? else {
                if self.receive(pipe, inbox, cx)? {
                    continue;
                }
                return Ok(waits.map_or(Read::All, Read::Waits));
            };
            let body = inbox.body(&frame);
            if let Some(message) = protocol.decode(body).map_err(protocol_broken)? {
                let counts = self.counts(&message);
                let step =
                    if counts && self.came_before() { Step::Done } else { self.handle(message, waits.is_some(), cx)? };
                match step {
                    Step::Done => {}
                    Step::Full(full) => return Ok(Read::Paused(full)),
                    Step::Wait(turn) => {
                        waits = Some(turn);
                        self.parked.push(body);
                    }
                    Step::Behind => match waits {
                        Some(waits) if self.parked.is_full(self.parked_allowance()) => return Ok(Read::Paused(waits)),
                        _ => self.parked.push(body),
                    },
                }
                if counts {
                    self.count(frame.len);
                }
            }
            self.budget = self.budget.saturating_sub(cost(frame.len));
            inbox.skip(&frame);
            self.peer.note_received();
        }
        Ok(Read::Enough)
    }

    fn receive<T: Transport>(&self, pipe: &mut Pipe<T>, inbox: &mut Inbox, cx: &mut Context<'_>) -> Result<bool, End> {
        match pipe.receive(cx, inbox) {
            Ok(Received::Nothing) => Ok(false),
            Ok(Received::Bytes) => Ok(true),
            Ok(Received::Closed) if pipe.transport.is_lost() && self.survives_loss() => Err(End::Lost),
            Ok(Received::Closed) => Err(End::Gone),
            Err(TransportError::TooLarge) => {
                let limit = self.rules.message_size.unwrap_or(usize::MAX);
                Err(End::Failed(DisconnectError::MessageTooLarge(limit)))
            }
            Err(error) => Err(self.broken(&error)),
        }
    }
}

/// What a message of this length takes of the budget.
fn cost(len: usize) -> usize {
    1 + len / 256
}

fn protocol_broken(error: ProtocolError) -> End {
    End::Failed(match error {
        ProtocolError::TooLarge(limit) => DisconnectError::MessageTooLarge(limit),
        ProtocolError::Invalid(text) => DisconnectError::Protocol(text),
    })
}
