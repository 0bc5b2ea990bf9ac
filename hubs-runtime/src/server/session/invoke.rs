//! From a call to its completion.

use std::{
    borrow::Cow,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{
    Session,
    call::{CallInfo, Cancel, Ending, Panic, RunningCall, StreamFailure, Work, fence},
    texts,
};
use crate::{
    call::{Bound, Pump, PumpError, Reply, ReplyValue},
    connection::End,
    contract::MethodDescriptor,
    hub::{BindError, Incoming},
    ids::{DisconnectError, InvocationId},
    invocation::StreamEnd,
    protocol::{IncomingCall, Outcome, Outgoing, brief},
    transport::Transport,
};

impl<T: Transport> Session<T> {
    /// Starts a call; `streamed` if its results are asked for one by one.
    pub(super) fn invoke(&mut self, call: IncomingCall<'_>, streamed: bool, cx: &mut Context<'_>) -> Result<(), End> {
        let IncomingCall { id, target, mut arguments, stream_ids } = call;
        let id = id.as_deref();
        let Some(index) = self.runtime.invoker.find(&target) else {
            arguments.skip_rest().map_err(|error| malformed(&error.to_string()))?;
            self.runtime.core.counters.call_refused();
            tracing::debug!(connection = %self.peer.id, method = ?brief(&target), "no such method");
            self.fail(id, &texts::unknown_method(&target));
            return Ok(());
        };
        let method = self.runtime.invoker.method(index);
        if let Some(text) = self.refuse(id, method, streamed, &stream_ids) {
            self.runtime.core.counters.call_refused();
            self.fail(id, &text);
            return Ok(());
        }
        self.last_call += 1;
        let number = self.last_call;
        let incoming = Incoming {
            caller: &self.caller,
            number,
            arguments,
            stream_ids: &stream_ids,
            opener: &self.opener,
            streamed,
        };
        match fence(|| self.runtime.invoker.bind(index, incoming)) {
            Ok(Ok((bound, opened))) => {
                let uploads = opened.iter().map(|opened| opened.id.clone()).collect();
                opened.into_iter().for_each(|opened| self.incoming.insert(opened.id, opened.stream));
                // Calls that stream, in either direction, take no permit.
                if !streamed && stream_ids.is_empty() {
                    self.permits.take(number);
                }
                self.start(id, number, method, uploads, bound, cx);
            }
            Ok(Err(error)) => self.not_bound(id, method, error)?,
            Err(panic) => {
                tracing::error!(method = method.name, panic = panic.0, "decoding arguments panicked");
                self.fail(id, &texts::failed_to_invoke(method.name));
            }
        }
        Ok(())
    }

    /// Why a call may not even be bound.
    fn refuse(
        &self,
        id: Option<&str>,
        method: &MethodDescriptor,
        streamed: bool,
        stream_ids: &[Cow<'_, str>],
    ) -> Option<String> {
        if let Some(id) = id.filter(|id| streamed && self.active.contains_key(*id)) {
            return Some(format!("Invocation ID '{id}' is already in use."));
        }
        let because = |text: String| format!("{} HubException: {text}", texts::unexpected(method.name));
        if let Some(id) = stream_ids.iter().find(|id| self.incoming.contains(id)) {
            return Some(because(format!("Stream ID '{id}' is already in use.")));
        }
        let options = &self.runtime.options;
        let streams = options.maximum_concurrent_streams_per_client;
        let (limit, what) = if streamed || !stream_ids.is_empty() {
            (streams, "streams")
        } else {
            // Permits do not count the calls that wait for a client's answer.
            (streams.saturating_add(options.maximum_parallel_invocations_per_client), "calls")
        };
        (self.running.len() >= limit).then(|| because(format!("More than {limit} {what} at once.")))
    }

    /// Polls the call once, at once; only if it is pending, or streams, does it move aside.
    fn start(
        &mut self,
        id: Option<&str>,
        number: u64,
        method: &'static MethodDescriptor,
        uploads: Vec<InvocationId>,
        mut call: Bound,
        cx: &mut Context<'_>,
    ) {
        let work = match fence(|| Pin::new(&mut call).poll(cx)) {
            Ok(Poll::Pending) => Work::Method(call),
            Ok(Poll::Ready(Reply::Stream(source))) => match id {
                Some(id) => Work::Stream(Pump::new(InvocationId::new(id), source, Arc::clone(&self.peer))),
                None => return self.forget(number, &uploads),
            },
            Ok(Poll::Ready(reply)) => {
                self.forget(number, &uploads);
                return self.reply(id, method, Ok(reply));
            }
            Err(panic) => {
                self.forget(number, &uploads);
                return self.reply(id, method, Err(panic));
            }
        };
        let id = id.map(InvocationId::new);
        let cancel = Arc::<Cancel>::default();
        if let Some(id) = &id {
            self.active.entry(id.clone()).or_insert_with(|| Arc::clone(&cancel));
        }
        let info = Some(CallInfo { id, number, method, uploads });
        self.running.push(RunningCall { info, work, cancel, peer: Arc::clone(&self.peer) });
    }

    /// Gives back what a call held.
    fn forget(&mut self, number: u64, uploads: &[InvocationId]) {
        self.permits.give_back(number);
        for id in uploads {
            self.incoming.end(id.as_str(), StreamEnd::Done);
        }
    }

    /// A call that had moved aside is done.
    pub(super) fn complete(&mut self, info: &CallInfo, ending: Ending) {
        self.forget(info.number, &info.uploads);
        if let Some(id) = &info.id {
            self.active.remove(id);
        }
        let id = info.id.as_ref().map(InvocationId::as_str);
        match ending {
            Ending::Replied(reply) => self.reply(id, info.method, reply),
            Ending::Streamed(Ok(())) | Ending::Cancelled => self.finish(id, Outcome::Void),
            Ending::Streamed(Err(failure)) => {
                let text = self.stream_failed(info.method, failure);
                self.fail(id, &text);
            }
        }
    }

    fn stream_failed(&self, method: &MethodDescriptor, failure: StreamFailure) -> String {
        let detailed = self.runtime.options.enable_detailed_errors;
        let text = texts::STREAMING_FAILED;
        match failure {
            StreamFailure::Pump(PumpError::Source(error)) => {
                tracing::debug!(method = method.name, %error, "a stream ended with an error");
                texts::with_cause(text, &error, detailed)
            }
            StreamFailure::Pump(PumpError::Encode(error)) => {
                tracing::error!(method = method.name, %error, "a stream item cannot be encoded");
                texts::with_detail(text, "EncodeError", &error.to_string(), detailed)
            }
            StreamFailure::Panic(panic) => {
                tracing::error!(method = method.name, panic = panic.0, "a stream panicked");
                texts::with_detail(text, "Panic", &panic.0, detailed)
            }
        }
    }

    fn reply(&self, id: Option<&str>, method: &MethodDescriptor, reply: Result<Reply, Panic>) {
        let detailed = self.runtime.options.enable_detailed_errors;
        match reply {
            Ok(Reply::Value(value)) => self.give_result(id, method, &value),
            Ok(Reply::Stream(_)) => tracing::debug!(method = method.name, "nobody waits for this stream"),
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

    fn give_result(&self, id: Option<&str>, method: &MethodDescriptor, value: &ReplyValue) {
        let Some(id) = id else { return };
        let detailed = self.runtime.options.enable_detailed_errors;
        match fence(|| self.peer.encode(&Outgoing::Completion { id, outcome: Outcome::Value(value.payload()) })) {
            Ok(Ok(())) => {}
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

    fn not_bound(&self, id: Option<&str>, method: &MethodDescriptor, error: BindError) -> Result<(), End> {
        let detailed = self.runtime.options.enable_detailed_errors;
        let failed = |detail: &str| {
            texts::with_detail(&texts::failed_to_invoke(method.name), "InvalidDataException", detail, detailed)
        };
        let text = match error {
            BindError::Malformed(detail) => return Err(malformed(&detail)),
            BindError::Count { given, expected } => {
                failed(&format!("Invocation provides {given} argument(s) but target expects {expected}."))
            }
            BindError::Mismatch { parameter, detail } => {
                tracing::debug!(method = method.name, parameter, detail, "argument does not fit");
                failed(&format!("{} ({parameter}: {detail})", texts::BINDING_FAILED))
            }
            BindError::Mode { streams } => texts::wrong_mode(method.name, streams),
            BindError::SameStream { id } => {
                format!("{} HubException: Stream ID '{id}' is already in use.", texts::unexpected(method.name))
            }
            BindError::Streams { given, expected } => format!(
                "{} HubException: Client sent {given} stream(s), Hub method expects {expected}.",
                texts::unexpected(method.name)
            ),
        };
        self.fail(id, &text);
        Ok(())
    }

    fn fail(&self, id: Option<&str>, text: &str) {
        self.finish(id, Outcome::Error(text));
    }

    fn finish(&self, id: Option<&str>, outcome: Outcome<'_>) {
        let Some(id) = id else { return };
        let written = self.peer.encode(&Outgoing::Completion { id, outcome });
        written.expect("a text can always be encoded");
    }
}

fn malformed(detail: &str) -> End {
    End::Failed(DisconnectError::Protocol(format!("Error reading JSON. {detail}")))
}
