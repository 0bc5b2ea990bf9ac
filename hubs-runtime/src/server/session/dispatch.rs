//! What to do with each message that came in.

use std::{borrow::Cow, task::Context};

use bytes::Bytes;

use super::{
    Session,
    call::{Done, RunningCall, fence},
    texts,
    turn::Next,
};
use crate::{
    call::{Bound, Reply},
    connection::End,
    contract::MethodDescriptor,
    hub::BindError,
    ids::{DisconnectError, InvocationId},
    invocation::{InvokeError, Unexpected},
    protocol::{CompletionResult, HubMessage, IncomingCall, Outcome, Outgoing, ProtocolError, RawPayload},
    transport::Transport,
};

impl<T: Transport> Session<T> {
    /// Handles the next message that has come in whole.
    pub(super) fn handle_next(&mut self, cx: &mut Context<'_>) -> Result<Next, End> {
        let limit = self.runtime.options.maximum_receive_message_size;
        let Some(record) = self.pipe.inbox.next(self.peer.protocol, limit).map_err(protocol_broken)? else {
            return Ok(Next::Nothing);
        };
        let message = self.peer.protocol.decode(record.body()).map_err(protocol_broken)?;
        if matches!(message, Some(HubMessage::Invocation(_))) && !self.permits.available() {
            self.pipe.inbox.put_back(&record);
            return Ok(Next::Blocked);
        }
        self.peer.note_received();
        if let Some(message) = message {
            self.handle(message, cx)?;
        }
        Ok(Next::Handled)
    }

    fn handle(&mut self, message: HubMessage<'_>, cx: &mut Context<'_>) -> Result<(), End> {
        match message {
            HubMessage::Invocation(call) => self.invoke(call, cx),
            HubMessage::StreamInvocation(call) => self.refuse_stream(&call),
            HubMessage::Completion { id, result } => self.answered(&id, &result),
            HubMessage::Ping => {
                self.peer.arm();
                Ok(())
            }
            HubMessage::Close { error, .. } => Err(End::ClosedByPeer(error.map(Cow::into_owned))),
            // Items and cancellations of streams that are not there, and the counters of stateful reconnect, which was
            // not negotiated.
            HubMessage::StreamItem { .. }
            | HubMessage::CancelInvocation { .. }
            | HubMessage::Ack { .. }
            | HubMessage::Sequence { .. } => Ok(()),
        }
    }

    fn invoke(&mut self, call: IncomingCall<'_>, cx: &mut Context<'_>) -> Result<(), End> {
        let IncomingCall { id, target, mut arguments, .. } = call;
        let invoker = &self.runtime.invoker;
        let Some(index) = invoker.find(&target) else {
            arguments.skip_rest().map_err(|error| malformed(&error.to_string()))?;
            tracing::debug!(connection = %self.peer.id, method = %target, "no such method");
            self.fail(id.as_deref(), &texts::unknown_method(&target));
            return Ok(());
        };
        let method = invoker.method(index);
        self.last_call += 1;
        let number = self.last_call;
        match fence(|| invoker.bind(index, &self.caller, number, arguments)) {
            Ok(Ok(bound)) => self.start(id, number, method, bound, cx),
            Ok(Err(error)) => self.not_bound(id.as_deref(), method, error)?,
            Err(panic) => {
                tracing::error!(method = method.name, panic = panic.0, "decoding arguments panicked");
                let text = texts::failed_to_invoke(method.name);
                self.fail(id.as_deref(), &text);
            }
        }
        Ok(())
    }

    /// Polls the call once, at once; only if it is pending does it move aside.
    fn start(
        &mut self,
        id: Option<Cow<'_, str>>,
        number: u64,
        method: &'static MethodDescriptor,
        bound: Bound,
        cx: &mut Context<'_>,
    ) {
        self.permits.take(number);
        let Bound(mut future) = bound;
        let reply = match fence(|| future.as_mut().poll(cx)) {
            Ok(std::task::Poll::Ready(reply)) => Ok(reply),
            Err(panic) => Err(panic),
            Ok(std::task::Poll::Pending) => {
                let id = id.map(|id| InvocationId::new(&*id));
                self.running.push(RunningCall { id, number, method, future });
                return;
            }
        };
        self.permits.give_back(number);
        self.reply(id.as_deref(), method, reply);
    }

    /// A pending call is done.
    pub(super) fn complete(&mut self, done: Done) {
        self.permits.give_back(done.number);
        self.reply(done.id.as_ref().map(InvocationId::as_str), done.method, done.reply);
    }

    fn reply(&mut self, id: Option<&str>, method: &MethodDescriptor, reply: Result<Reply, super::call::Panic>) {
        let detailed = self.runtime.options.enable_detailed_errors;
        match reply {
            Ok(Reply::Value(value)) => {
                let Some(id) = id else { return };
                let outgoing = Outgoing::Completion { id, outcome: Outcome::Value(&*value) };
                let protocol = self.peer.protocol;
                let written = fence(|| {
                    let mut out = Vec::new();
                    protocol.encode(&outgoing, &mut out).map(|()| out)
                });
                match written {
                    Ok(Ok(out)) => self.peer.outbox.write(|queue| queue.extend_from_slice(&out)),
                    Ok(Err(error)) => {
                        tracing::error!(method = method.name, %error, "the result cannot be encoded");
                        let text = texts::unexpected(method.name);
                        self.fail(Some(id), &texts::with_detail(&text, "EncodeError", &error.to_string(), detailed));
                    }
                    Err(panic) => {
                        tracing::error!(method = method.name, panic = panic.0, "encoding the result panicked");
                        self.fail(Some(id), &texts::method_panicked(method.name, &panic, detailed));
                    }
                }
            }
            Ok(Reply::Error(error)) => {
                if error.client_text().is_none() {
                    tracing::error!(connection = %self.peer.id, method = method.name, %error, "hub method failed");
                }
                self.fail(id, &texts::method_failed(method.name, &error, detailed));
            }
            Err(panic) => {
                tracing::error!(connection = %self.peer.id, method = method.name, panic = panic.0, "hub method panicked");
                self.fail(id, &texts::method_panicked(method.name, &panic, detailed));
            }
        }
    }

    fn not_bound(&mut self, id: Option<&str>, method: &MethodDescriptor, error: BindError) -> Result<(), End> {
        let detail = match error {
            BindError::Malformed(detail) => return Err(malformed(&detail)),
            BindError::Count { given, expected } => {
                format!("Invocation provides {given} argument(s) but target expects {expected}.")
            }
            BindError::Mismatch { parameter, detail } => {
                tracing::debug!(method = method.name, parameter, detail, "argument does not fit");
                format!(
                    "Error binding arguments. Make sure that the types of the provided values match the types of the hub method being invoked. ({parameter}: {detail})"
                )
            }
        };
        let detailed = self.runtime.options.enable_detailed_errors;
        let text = texts::failed_to_invoke(method.name);
        self.fail(id, &texts::with_detail(&text, "InvalidDataException", &detail, detailed));
        Ok(())
    }

    fn refuse_stream(&mut self, call: &IncomingCall<'_>) -> Result<(), End> {
        let text = match self.runtime.invoker.find(&call.target) {
            Some(index) => format!(
                "The client attempted to invoke the non-streaming '{}' method with a streaming invocation.",
                self.runtime.invoker.method(index).name
            ),
            None => texts::unknown_method(&call.target),
        };
        self.fail(call.id.as_deref(), &text);
        Ok(())
    }

    fn fail(&mut self, id: Option<&str>, text: &str) {
        let Some(id) = id else { return };
        let message = Outgoing::Completion { id, outcome: Outcome::Error(text) };
        let written = self.peer.outbox.write(|out| self.peer.protocol.encode(&message, out));
        written.expect("an error text can always be encoded");
    }

    /// A client answers what the server asked it.
    fn answered(&mut self, id: &str, result: &CompletionResult<'_>) -> Result<(), End> {
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

fn malformed(detail: &str) -> End {
    End::Failed(DisconnectError::Protocol(format!("Error reading JSON. {detail}")))
}
