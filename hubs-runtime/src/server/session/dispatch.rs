//! What to do with each message that came in.

use std::{borrow::Cow, task::Context};

use bytes::Bytes;

use super::{Session, turn::Next};
use crate::{
    connection::{End, Inbox},
    ids::DisconnectError,
    invocation::{InvokeError, StreamEnd, Unexpected},
    protocol::{CompletionResult, HubMessage, ProtocolError, RawPayload},
    transport::Transport,
};

impl<T: Transport> Session<T> {
    /// Handles the next message that has come in whole.
    pub(super) fn handle_next(&mut self, inbox: &mut Inbox, cx: &mut Context<'_>) -> Result<Next, End> {
        let limit = self.runtime.options.maximum_receive_message_size;
        let protocol = self.peer.protocol;
        let Some(frame) = inbox.next(protocol, limit).map_err(protocol_broken)? else { return Ok(Next::Nothing) };
        let message = protocol.decode(inbox.body(&frame)).map_err(protocol_broken)?;
        if let Some(message) = message
            && !self.handle(message, cx)?
        {
            return Ok(Next::Blocked);
        }
        inbox.skip(&frame);
        self.peer.note_received();
        Ok(Next::Handled)
    }

    /// False: it has to wait.
    fn handle(&mut self, message: HubMessage<'_>, cx: &mut Context<'_>) -> Result<bool, End> {
        match message {
            HubMessage::Invocation(call) => {
                if call.stream_ids.is_empty() && !self.permits.available() {
                    return Ok(false);
                }
                self.invoke(call, false, cx)?;
            }
            HubMessage::StreamInvocation(call) => self.invoke(call, true, cx)?,
            HubMessage::StreamItem { id, item } => return Ok(self.incoming.push(&id, item)),
            HubMessage::Completion { id, result } => self.completed(&id, &result)?,
            HubMessage::CancelInvocation { id } => {
                if let Some(call) = self.active.get(&*id) {
                    call.cancel();
                }
            }
            HubMessage::Ping => self.peer.arm(),
            HubMessage::Close { error, .. } => return Err(End::ClosedByPeer(error.map(Cow::into_owned))),
            // The counters of stateful reconnect, which was not negotiated.
            HubMessage::Ack { .. } | HubMessage::Sequence { .. } => {}
        }
        Ok(true)
    }

    /// The end of a stream that comes in, or a client's answer.
    fn completed(&mut self, id: &str, result: &CompletionResult<'_>) -> Result<(), End> {
        if self.incoming.contains(id) {
            let end = match result {
                CompletionResult::Error(text) => StreamEnd::Failed(text.clone().into_owned()),
                CompletionResult::Value(_) | CompletionResult::Void => StreamEnd::Done,
            };
            self.incoming.end(id, end);
            return Ok(());
        }
        self.answered(id, result)
    }

    fn answered(&self, id: &str, result: &CompletionResult<'_>) -> Result<(), End> {
        let Some(number) = id.strip_prefix('s').and_then(|number| number.parse().ok()) else { return Ok(()) };
        let format = self.peer.protocol.payload_format();
        let answer = match result {
            CompletionResult::Value(value) => Ok(RawPayload::new(format, Bytes::copy_from_slice(value))),
            CompletionResult::Error(text) => Err(InvokeError::Remote(text.clone().into_owned())),
            CompletionResult::Void => Err(InvokeError::Remote("the client gave no result".to_owned())),
        };
        match self.runtime.core.pending.finish(number, &self.peer.id, answer) {
            Ok(()) | Err(Unexpected::Unknown) => Ok(()),
            Err(Unexpected::NotAsked) => {
                let text = "it answered a call that was made to another connection".to_owned();
                Err(End::Failed(DisconnectError::Protocol(text)))
            }
        }
    }
}

fn protocol_broken(error: ProtocolError) -> End {
    End::Failed(match error {
        ProtocolError::TooLarge(limit) => DisconnectError::MessageTooLarge(limit),
        ProtocolError::Invalid(text) => DisconnectError::Protocol(text),
    })
}
