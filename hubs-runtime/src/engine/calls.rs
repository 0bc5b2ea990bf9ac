//! The calls in flight: started here, polled here, and answered here.

use std::{
    collections::HashMap,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{
    Engine, Refusal, Role, Started,
    admission::Asked,
    fence::{Panic, drop_fenced, fence},
    running::{CallInfo, Cancel, Ended, RunningCall, Work},
    span::CallSpan,
};
use crate::{
    call::{Bound, Fault, OpenedStream, Pump, Reply},
    counters::{Begun, CallOutcome},
    ids::InvocationId,
    invocation::{Permits, StreamEnd},
    protocol::{ERROR_DATA, Outcome, Outgoing},
};

pub(super) struct Calls {
    pub(super) permits: Arc<Permits>,
    pub(super) running: FuturesUnordered<RunningCall>,
    /// The calls that can be cancelled, by the ids that their callers gave them.
    active: HashMap<InvocationId, Arc<Cancel>>,
    /// The number of the last call.
    pub(super) last: u64,
}

impl Calls {
    pub(super) fn new(permits: Arc<Permits>) -> Self {
        Self { permits, running: FuturesUnordered::new(), active: HashMap::new(), last: 0 }
    }

    /// Whether a call of this id runs that can be cancelled.
    pub(super) fn is_active(&self, id: &str) -> bool {
        self.active.contains_key(id)
    }

    /// Cancels a call. Returns whether there is one that can be cancelled.
    pub(super) fn cancel(&self, id: &str) -> bool {
        self.active.get(id).map(|call| call.cancel()).is_some()
    }

    /// Ends all streams that go out.
    pub(super) fn end_streams(&self) {
        self.running.iter().for_each(RunningCall::end_stream);
    }
}

impl<R: Role> Engine<R> {
    /// Polls the call once, at once. Only if it is pending, or streams, does it move to the set of running calls.
    pub(super) fn start(
        &mut self,
        asked: &Asked<'_>,
        mut call: Bound,
        opened: Vec<OpenedStream>,
        cx: &mut Context<'_>,
    ) {
        let uploads: Vec<_> = opened.iter().map(|opened| opened.id.clone()).collect();
        opened.into_iter().for_each(|opened| self.incoming.insert(opened.id, opened.stream));
        let &Asked { id, number, method, .. } = asked;
        let (begun, span) = (self.role.call_begins(asked.index), self.call_span(asked));
        let ended = match span.in_scope(|| fence(|| call.poll(cx))) {
            Ok(Poll::Pending) => return self.set_aside(asked, uploads, Work::Method(call), begun, span),
            Ok(Poll::Ready(Reply::Stream(source))) => match id {
                Some(id) => {
                    let pump = Pump::new(InvocationId::new(id), source, Arc::clone(&self.peer));
                    return self.set_aside(asked, uploads, Work::Stream(pump), begun, span);
                }
                None => drop_fenced(source).map_or_else(|panic| Ended::Failed(panic.into()), |()| Ended::Streamed),
            },
            Ok(Poll::Ready(Reply::Value)) => Ended::Value(call),
            Ok(Poll::Ready(Reply::Error(error))) => Ended::Failed(Fault::Error(error)),
            Err(panic) => Ended::Failed(panic.into()),
        };
        self.take_back_uploads(number, &uploads);
        let outcome = self.answer(id, method.name, ended);
        self.count_answered(begun, &span, outcome);
    }

    fn set_aside(&mut self, asked: &Asked<'_>, uploads: Vec<InvocationId>, work: Work, begun: Begun, span: CallSpan) {
        let id = asked.id.map(InvocationId::new);
        let mut cancel = None;
        if asked.cancellable()
            && let Some(id) = &id
        {
            let handle = Arc::<Cancel>::default();
            self.calls.active.insert(id.clone(), Arc::clone(&handle));
            cancel = Some(handle);
        }
        let cancellable = cancel.is_some();
        let (number, method) = (asked.number, Some(asked.method));
        let info = CallInfo { id, number, method, uploads, cancellable, begun, span };
        self.calls.running.push(RunningCall::new(info, work, cancel, Arc::clone(&self.peer)));
    }

    /// Takes over what was started outside of the engine, and cancels what was given up.
    pub(super) fn adopt_started(&mut self) {
        let Some(Started { incoming, uploads, mut cancelled }) = self.role.started() else { return };
        incoming.into_iter().for_each(|(id, stream)| self.incoming.insert(id, stream));
        for (id, pump) in uploads {
            let info = CallInfo {
                id: Some(id),
                number: 0,
                method: None,
                uploads: Vec::new(),
                cancellable: false,
                begun: Begun::default(),
                span: CallSpan::default(),
            };
            let call = RunningCall::new(info, Work::Stream(pump), Some(Arc::default()), Arc::clone(&self.peer));
            self.calls.running.push(call);
        }
        cancelled.extend(self.incoming.take_abandoned());
        for id in cancelled {
            self.peer.encode(&Outgoing::CancelInvocation { id: id.as_str() }).unwrap_or_default();
        }
    }

    /// Polls the running calls, unless too much waits to be sent. Returns whether any is done.
    pub(super) fn run_calls(&mut self, cx: &mut Context<'_>) -> bool {
        let mut completed = false;
        while !self.calls.running.is_empty() && !self.full() {
            let Poll::Ready(Some((info, ended))) = self.calls.running.poll_next_unpin(cx) else { break };
            self.complete(&info, ended);
            completed = true;
        }
        if self.full() {
            // Woken when there is room again: what is pending was not polled.
            let _ = self.peer.outbox.poll_room(cx);
        }
        completed
    }

    /// A call that was set aside is done.
    fn complete(&mut self, info: &CallInfo, ended: Ended) {
        self.take_back_uploads(info.number, &info.uploads);
        let id = info.id.as_ref();
        if info.cancellable
            && let Some(id) = id
        {
            self.calls.active.remove(id);
        }
        let method = info.method.map_or("", |method| method.name);
        let outcome = self.answer(id.map(InvocationId::as_str), method, ended);
        self.count_answered(info.begun, &info.span, outcome);
    }

    /// Counts a call that has been answered.
    #[inline]
    fn count_answered(&self, begun: Begun, span: &CallSpan, outcome: CallOutcome) {
        self.role.call_answered(begun, outcome);
        span.record(outcome);
    }

    /// Takes back what a call held.
    fn take_back_uploads(&mut self, number: u64, uploads: &[InvocationId]) {
        self.calls.permits.give_back(number);
        for id in uploads {
            self.incoming.end(id.as_str(), StreamEnd::Done);
        }
    }

    /// Tells the caller, if it waits, how its call has ended.
    fn answer(&self, id: Option<&str>, method: &str, ended: Ended) -> CallOutcome {
        let (texts, outcome) = (self.rules.texts, ended.outcome());
        match ended {
            Ended::Value(call) => return self.return_value(id, method, call),
            Ended::Streamed => self.complete_with(id, Outcome::Void),
            Ended::Cancelled => self.fail(id, &texts.cancelled(method)),
            Ended::Failed(fault) => {
                self.log_fault(method, &fault);
                self.fail_with(id, &texts.failed(method, &fault), fault.data());
            }
            Ended::StreamFailed(fault) => {
                self.log_fault(method, &fault);
                self.fail(id, &texts.stream_failed(&fault));
            }
        }
        outcome
    }

    fn return_value(&self, id: Option<&str>, method: &str, call: Bound) -> CallOutcome {
        let mut encoded = None;
        let dropped = fence(|| {
            let outcome = Outcome::Value(call.value());
            encoded = Some(id.map_or(Ok(()), |id| self.peer.encode(&Outgoing::Completion { id, outcome })));
            drop(call);
        });
        let fault = match (encoded, dropped) {
            (Some(Ok(())), Ok(())) => return CallOutcome::Ok,
            // It has been answered.
            (Some(Ok(())), Err(panic)) => {
                self.log_fault(method, &panic.into());
                return CallOutcome::Ok;
            }
            (Some(Err(error)), _) => Fault::Encode(error),
            (None, Err(panic)) => panic.into(),
            (None, Ok(())) => return CallOutcome::Ok,
        };
        self.log_fault(method, &fault);
        self.fail(id, &self.rules.texts.failed(method, &fault));
        CallOutcome::Error
    }

    /// What was made for the caller is no fault of this end.
    fn log_fault(&self, method: &str, fault: &Fault) {
        let connection = &self.peer.id;
        match fault {
            Fault::Error(error) if error.client_text().is_some() => {
                tracing::debug!(%connection, method, %error, "a method refused a call");
            }
            Fault::Error(error) => tracing::error!(%connection, method, %error, "a method failed"),
            Fault::Encode(error) => tracing::error!(%connection, method, %error, "a result cannot be encoded"),
            Fault::Panic(panic) => tracing::error!(%connection, method, panic, "a method panicked"),
        }
    }

    /// Tells the caller, if it waits, why its call does not run.
    pub(super) fn refuse(&self, id: Option<&str>, method: &str, refusal: &Refusal) {
        self.role.count_refused();
        if !self.is_server() {
            tracing::warn!(method, ?refusal, "a call of the server was refused");
        }
        if id.is_some() {
            self.fail(id, &self.rules.texts.refused(method, refusal));
        }
    }

    fn fail(&self, id: Option<&str>, text: &str) {
        self.complete_with(id, Outcome::Error(text));
    }

    /// As [`Self::fail`], with the error as data if it has any.
    fn fail_with(&self, id: Option<&str>, text: &str, data: Option<&str>) {
        let (Some(id), Some(data)) = (id, data) else { return self.fail(id, text) };
        let message = &Outgoing::Completion { id, outcome: Outcome::Error(text) };
        let written = self.peer.encode(&Outgoing::WithHeaders { headers: &[(ERROR_DATA, data)], message });
        written.expect("texts can always be encoded");
    }

    fn complete_with(&self, id: Option<&str>, outcome: Outcome<'_>) {
        let Some(id) = id else { return };
        let written = self.peer.encode(&Outgoing::Completion { id, outcome });
        written.expect("a text can always be encoded");
    }
}

impl From<Panic> for Fault {
    fn from(Panic(text): Panic) -> Self {
        Self::Panic(text)
    }
}
