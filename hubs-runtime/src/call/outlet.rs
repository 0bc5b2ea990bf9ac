//! Outgoing calls: the method with its arguments, and the trait of what carries it to a peer.

use std::{fmt, hash::Hash};

use super::{BoxFuture, ItemSource};
use crate::{
    ids::{Delivery, Loss},
    invocation::{InvokeError, SendError, StreamReader},
    protocol::{Payload, PayloadFormat, RawPayload},
};

/// A call that is about to leave.
pub struct OutgoingCall<'a> {
    pub(crate) method: &'a str,
    /// Whether the peer is told when the call is given up.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only a client cancels its calls"))]
    pub(crate) cancellable: bool,
    /// How the call may be lost; `None` if it must arrive.
    pub(crate) loss: Option<Loss>,
    /// Whether it is kept in the log of the group or user that it is sent to.
    #[cfg_attr(not(feature = "server"), allow(dead_code, reason = "only a server has logs"))]
    pub(crate) durable: bool,
    /// Whether it may be made again when it is not known whether it ran.
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "only a client makes calls again"))]
    pub(crate) idempotent: bool,
    /// The arguments that are values.
    pub(crate) values: Vec<&'a dyn Payload>,
    /// The arguments that are streams.
    pub(crate) streams: Vec<Box<dyn ItemSource>>,
}

impl<'a> OutgoingCall<'a> {
    /// Calls `method` of that name on the wire, without arguments so far.
    pub fn new(method: &'a str) -> Self {
        Self {
            method,
            cancellable: false,
            loss: None,
            durable: false,
            idempotent: false,
            values: Vec::new(),
            streams: Vec::new(),
        }
    }

    /// As [`OutgoingCall::new`], for a method that its caller may cancel.
    pub fn cancellable(method: &'a str) -> Self {
        Self { cancellable: true, ..Self::new(method) }
    }

    /// As [`OutgoingCall::new`], for a method that is called again when it is not known whether it ran.
    pub fn idempotent(method: &'a str) -> Self {
        Self { idempotent: true, ..Self::new(method) }
    }

    /// As [`OutgoingCall::new`], for a call with a policy of delivery. Calls with the same `key` replace each other, if it
    /// lets calls be lost.
    pub fn delivered<K: Hash + ?Sized>(method: &'static str, delivery: Delivery, key: &K) -> Self {
        let durable = delivery == Delivery::Durable;
        Self { loss: Loss::new(method, delivery, key), durable, ..Self::new(method) }
    }

    /// Adds an argument that is a value.
    pub(crate) fn value(&mut self, value: &'a dyn Payload) {
        self.values.push(value);
    }

    /// Adds an argument that is a stream.
    pub(crate) fn stream(&mut self, source: Box<dyn ItemSource>) {
        self.streams.push(source);
    }
}

impl fmt::Debug for OutgoingCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingCall").field("method", &self.method).finish_non_exhaustive()
    }
}

/// Something that can carry a call to a peer, or to many.
pub trait Outlet: Send + Sync {
    /// Sends and does not wait for the peer. `Ok` means queued.
    fn send(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<(), SendError>>;
    /// Calls and waits for the answer. Dropping the future gives the answer up.
    fn invoke(&self, call: OutgoingCall<'_>) -> BoxFuture<Result<RawPayload, InvokeError>>;
    /// Calls for a stream of results. Dropping the reader cancels it.
    fn stream(&self, call: OutgoingCall<'_>) -> Result<(StreamReader, PayloadFormat), InvokeError>;
    /// Whether a method that gives nothing back is waited for: yes towards a hub, no towards clients.
    fn waits_for_unit(&self) -> bool;
}
