//! What to do with each message that came in.

use std::{borrow::Cow, task::Context};

use super::{Engine, Role};
use crate::{
    connection::{End, Registered},
    invocation::{StreamEnd, Taken},
    protocol::{CompletionResult, Headers, HubMessage},
};

/// What became of a message.
pub(super) enum Step {
    /// It was handled.
    Done,
    /// It has to wait for its turn.
    Wait(Registered),
    /// It has to wait behind others.
    Behind,
    /// The streams are full: nothing more may be read.
    Full(Registered),
}

impl Step {
    /// What belongs to no call or stream may belong to a call that waits; otherwise it is ignored.
    fn unknown(behind: bool) -> Self {
        if behind { Self::Behind } else { Self::Done }
    }
}

impl<R: Role> Engine<R> {
    /// Handles a message. `behind`: others wait before it, which it may overtake only where their order does not matter.
    #[inline]
    pub(super) fn handle(&mut self, message: HubMessage<'_>, behind: bool, cx: &mut Context<'_>) -> Result<Step, End> {
        Ok(match message {
            HubMessage::Invocation(_) | HubMessage::StreamInvocation(_) if behind => Step::Behind,
            HubMessage::Invocation(call) => self.admit(call, false, cx)?,
            HubMessage::StreamInvocation(call) => self.admit(call, true, cx)?,
            HubMessage::StreamItem { id, item, .. } => {
                let role = &self.role;
                match self.incoming.push(&id, item, || role.awaits_answer(), cx) {
                    Taken::Yes => Step::Done,
                    Taken::Unknown => Step::unknown(behind),
                    Taken::Full(waits) => Step::Full(waits),
                }
            }
            HubMessage::Completion { id, result, headers } => self.completed(&id, &result, headers, behind)?,
            HubMessage::CancelInvocation { id, .. } if self.calls.cancel(&id) => Step::Done,
            HubMessage::CancelInvocation { .. } => Step::unknown(behind),
            HubMessage::Ping => {
                self.pinged();
                Step::Done
            }
            HubMessage::Close { error, allow_reconnect } => {
                return Err(End::ClosedByPeer { error: error.map(Cow::into_owned), allow_reconnect });
            }
            HubMessage::Ack { sequence_id } => {
                self.acknowledged(sequence_id)?;
                Step::Done
            }
            HubMessage::Sequence { sequence_id } => {
                self.continues_at(sequence_id)?;
                Step::Done
            }
        })
    }

    /// The end of a stream that comes in, or the answer to a call of this end.
    fn completed(
        &mut self,
        id: &str,
        result: &CompletionResult<'_>,
        headers: Headers<'_>,
        behind: bool,
    ) -> Result<Step, End> {
        if self.incoming.contains(id) {
            let end = match result {
                CompletionResult::Error(text) => StreamEnd::Failed(text.clone().into_owned()),
                CompletionResult::Value(_) | CompletionResult::Void => StreamEnd::Done,
            };
            self.incoming.end(id, end);
            return Ok(Step::Done);
        }
        let known = self.role.answered(id, result, headers).map_err(End::Failed)?;
        self.answered |= known && !self.is_server();
        Ok(if known { Step::Done } else { Step::unknown(behind) })
    }
}
