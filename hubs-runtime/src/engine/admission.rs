//! May this call run? The one place that decides it.

use std::{borrow::Cow, task::Context};

use super::{
    Engine, Role,
    dispatch::Step,
    fence::{drop_fenced, fence},
};
use crate::{
    call::{Bound, BoxFuture, CallArguments, OpenedStream},
    connection::End,
    contract::{Flow, MethodDescriptor},
    ids::{DisconnectError, RateLimit},
    protocol::{ArgumentError, Arguments, Headers, IncomingCall, brief},
};

/// Why a call does not run. The connection goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such method.
    UnknownMethod,
    /// Too few or too many arguments.
    Count { given: usize, expected: usize },
    /// An argument is of the wrong type.
    Argument { parameter: &'static str, detail: String },
    /// Decoding an argument panicked.
    Panic(String),
    /// The method streams and the call does not ask for it, or the other way round.
    Kind { streams: bool },
    /// A call of this id runs that can be cancelled.
    CallInUse(String),
    /// A stream of this id is open, or the call names it twice.
    StreamInUse(String),
    /// The caller is not allowed to call it.
    Unauthorized,
    /// Too few or too many streams.
    Streams { given: usize, expected: usize },
    /// The connection has called it, or all methods together, as often as it may.
    TooOften(RateLimit),
    /// The connection has as many as it may.
    TooMany { limit: usize, what: &'static str },
}

/// A call of a method that exists.
pub(super) struct Asked<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) number: u64,
    pub(super) method: &'static MethodDescriptor,
    pub(super) index: usize,
    streamed: bool,
    stream_ids: &'a [Cow<'a, str>],
    headers: Headers<'a>,
}

impl Asked<'_> {
    /// Calls that stream, in either direction, take no permit.
    fn takes_permit(&self) -> bool {
        !self.streamed && self.stream_ids.is_empty()
    }

    /// What its caller sent beside the arguments.
    pub(super) fn headers(&self) -> Headers<'_> {
        self.headers
    }

    /// Whether its caller may cancel it.
    pub(super) fn cancellable(&self) -> bool {
        self.id.is_some() && (self.streamed || self.method.cancellable)
    }
}

/// Why the arguments of a call do not bind.
enum Unbound {
    Refused(Refusal),
    /// They are no values: the connection cannot go on.
    Malformed(String),
}

impl<R: Role> Engine<R> {
    /// Starts a call, refuses it, or lets it wait for its turn. `streamed` if its results are asked for one by one.
    ///
    /// The order: is there room for what it sends, is there such a method, may another call run, was it called too often, do
    /// the arguments bind, is it allowed, and is what it names free. A call that will be refused takes no permit.
    pub(super) fn admit(&mut self, call: IncomingCall<'_>, streamed: bool, cx: &mut Context<'_>) -> Result<Step, End> {
        if let Err(waits) = self.poll_ready(cx)? {
            return Ok(Step::Wait(waits));
        }
        self.check_names(&call)?;
        let IncomingCall { id, target, mut arguments, stream_ids, headers } = call;
        let Some(index) = self.role.find(&target) else {
            if id.is_none() && self.role.told(&target, &mut arguments) {
                return Ok(Step::Done);
            }
            arguments.skip_rest().map_err(|error| malformed(&error.to_string()))?;
            tracing::debug!(connection = %self.peer.id, method = ?brief(&target), "no such method");
            self.refuse(id.as_deref(), &target, &Refusal::UnknownMethod);
            return Ok(Step::Done);
        };
        if !headers.is_none() && self.role.is_repeated(headers) {
            arguments.skip_rest().map_err(|error| malformed(&error.to_string()))?;
            return Ok(Step::Done);
        }
        let (id, method, number) = (id.as_deref(), self.role.method(index), self.calls.last + 1);
        let asked = Asked { id, number, method, index, streamed, stream_ids: &stream_ids, headers };
        let named = self.check_named(&asked);
        if named.is_ok()
            && asked.takes_permit()
            && let Err(waits) = self.calls.permits.take(number, cx)
        {
            return Ok(Step::Wait(waits));
        }
        self.calls.last = number;
        if !headers.is_none() {
            self.role.taken(headers);
        }
        if named.is_ok() && self.is_too_often(&asked, &mut arguments)? {
            return Ok(Step::Done);
        }
        let undecoded = method.requirement.is_some().then(|| arguments.clone());
        match self.bind(&asked, arguments) {
            Ok((call, opened)) => match self.authorise(method, undecoded).and_then(|policy| named.map(|()| policy)) {
                Ok(None) => self.start(&asked, call, opened, cx),
                Ok(Some(policy)) => self.start(&asked, call.after(policy), opened, cx),
                Err(refusal) => {
                    let _ = drop_fenced(call);
                    self.take_back(&asked, &refusal);
                }
            },
            Err(Unbound::Refused(refusal)) => self.take_back(&asked, &refusal),
            Err(Unbound::Malformed(detail)) => return Err(malformed(&detail)),
        }
        Ok(Step::Done)
    }

    /// Counts a call that may run, and refuses it if there were too many of late.
    fn is_too_often(&mut self, asked: &Asked<'_>, arguments: &mut Arguments<'_>) -> Result<bool, End> {
        let Err(refusal) = self.role.count_call(asked.index) else { return Ok(false) };
        arguments.skip_rest().map_err(|error| malformed(&error.to_string()))?;
        self.take_back(asked, &refusal);
        Ok(true)
    }

    /// Names are kept for as long as their call or stream is there, so that long ones are not taken.
    fn check_names(&self, call: &IncomingCall<'_>) -> Result<(), End> {
        let limit = self.rules.name_length;
        let id = call.id.as_deref().unwrap_or_default();
        let mut names = [id, &call.target].into_iter().chain(call.stream_ids.iter().map(|id| &**id));
        match names.find(|name| name.len() > limit) {
            None => Ok(()),
            Some(name) => {
                let text = format!("a name of {} bytes, where maximum_name_length allows {limit}", name.len());
                Err(End::Failed(DisconnectError::Protocol(text)))
            }
        }
    }

    /// Whether a call may start at all: the first hook has returned, and there is room for what the call sends.
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Result<Result<(), crate::connection::Registered>, End> {
        if self.connecting.is_some()
            && let Err(waits) = self.poll_connected(cx)?
        {
            return Ok(Err(waits));
        }
        Ok(if self.left { Ok(()) } else { self.peer.outbox.room(cx) })
    }

    /// Whether what the call names fits and is free.
    fn check_named(&self, asked: &Asked<'_>) -> Result<(), Box<Refusal>> {
        let streams = asked.method.output.flow == Flow::Stream;
        if asked.streamed != streams {
            return Err(Box::new(Refusal::Kind { streams }));
        }
        if let Some(id) = asked.id.filter(|id| asked.cancellable() && self.calls.is_active(id)) {
            return Err(Box::new(Refusal::CallInUse(id.to_owned())));
        }
        self.check_count(asked)?;
        let (ids, expected) = (asked.stream_ids, self.role.streams(asked.index));
        if ids.len() != expected {
            return Err(Box::new(Refusal::Streams { given: ids.len(), expected }));
        }
        let mut earlier = ids.iter().enumerate();
        match earlier.find(|(at, id)| self.incoming.contains(id) || ids[..*at].contains(id)) {
            Some((_, id)) => Err(Box::new(Refusal::StreamInUse(id.to_string()))),
            None => Ok(()),
        }
    }

    fn check_count(&self, asked: &Asked<'_>) -> Result<(), Box<Refusal>> {
        // Permits do not count the calls that wait for an answer of the peer.
        let (limit, what) =
            if asked.takes_permit() { (self.rules.calls, "calls") } else { (self.rules.streams, "streams") };
        if self.calls.running.len() >= limit { Err(Box::new(Refusal::TooMany { limit, what })) } else { Ok(()) }
    }

    /// Whether the peer is allowed to call `method`. A policy that panics allows nothing.
    fn authorise(
        &self,
        method: &'static MethodDescriptor,
        undecoded: Option<Arguments<'_>>,
    ) -> Result<Option<BoxFuture<bool>>, Box<Refusal>> {
        let Some(arguments) = undecoded else { return Ok(None) };
        fence(|| self.role.authorise(method, &arguments)).unwrap_or_else(|panic| {
            tracing::error!(method = method.name, panic = panic.0, "a policy panicked; the call is refused");
            Err(Box::new(Refusal::Unauthorized))
        })
    }

    /// Decodes the arguments and opens the streams.
    fn bind(&self, asked: &Asked<'_>, arguments: Arguments<'_>) -> Result<(Bound, Vec<OpenedStream>), Unbound> {
        fence(|| self.bind_unfenced(asked, arguments)).unwrap_or_else(|panic| {
            tracing::error!(method = asked.method.name, panic = panic.0, "decoding arguments panicked");
            Err(Unbound::Refused(Refusal::Panic(panic.0)))
        })
    }

    fn bind_unfenced(
        &self,
        asked: &Asked<'_>,
        mut arguments: Arguments<'_>,
    ) -> Result<(Bound, Vec<OpenedStream>), Unbound> {
        let (given, expected) = (arguments.len(), asked.method.params.len() - self.role.streams(asked.index));
        if given > expected {
            arguments.skip_rest().map_err(|error| Unbound::Malformed(error.to_string()))?;
            return Err(Unbound::Refused(Refusal::Count { given, expected }));
        }
        let mut arguments = CallArguments::new(arguments, asked.stream_ids, &self.opener).with_headers(asked.headers);
        match self.role.bind(asked.index, asked.number, &mut arguments) {
            Ok(bound) => Ok((bound, arguments.into_opened())),
            Err(ArgumentError::Missing { .. }) => Err(Unbound::Refused(Refusal::Count { given, expected })),
            Err(ArgumentError::Mismatch { index, detail }) => {
                let parameter = value_param(asked.method, index);
                tracing::debug!(method = asked.method.name, parameter, detail, "argument does not fit");
                Err(Unbound::Refused(Refusal::Argument { parameter, detail }))
            }
            Err(ArgumentError::Malformed { detail, .. }) => Err(Unbound::Malformed(detail)),
        }
    }

    /// Refuses a call that may hold a permit.
    fn take_back(&self, asked: &Asked<'_>, refusal: &Refusal) {
        self.calls.permits.give_back(asked.number);
        self.refuse(asked.id, asked.method.name, refusal);
    }
}

/// The name of the parameter that takes the value of this index.
fn value_param(method: &MethodDescriptor, index: usize) -> &'static str {
    let mut values = method.params.iter().filter(|param| param.flow == Flow::Value);
    values.nth(index).map_or("?", |param| param.name)
}

fn malformed(detail: &str) -> End {
    End::Failed(DisconnectError::Protocol(format!("Error reading JSON. {detail}")))
}
