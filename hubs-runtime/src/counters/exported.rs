//! What is counted, for the recorder that the application has installed: the `metrics` facade. Handles are made once for
//! each hub and method, so that counting looks nothing up. The time is passed in. Must not know any other room.

use std::time::Instant;

use metrics::{Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram};
use metrics::{gauge, histogram};

use super::{BackplaneMessages, CallOutcome, CloseReason, DurableMessages, LostMessages};

const ACTIVE: &str = "signalr.server.active_connections";
const CONNECTION: &str = "signalr.server.connection.duration";
const CALLS: &str = "hubs.calls";
const CALL: &str = "hubs.call.duration";
const REFUSED_CALLS: &str = "hubs.refused_calls";
const REFUSED_JOINS: &str = "hubs.refused_joins";
const CLOSES: &str = "hubs.closes";
const SLOW: &str = "hubs.slow_consumers";
const LOST: &str = "hubs.lost_messages";
const QUEUED: &str = "hubs.queued_bytes";
const GROUPS: &str = "hubs.groups";
const MEMBERS: &str = "hubs.presence_members";
const BACKPLANE: &str = "hubs.backplane.messages";
const DURABLE: &str = "hubs.durable_messages";
const HEALTH: &str = "hubs.backplane.health";
const NODE: &str = "hubs.node.info";
const ACCEPT_ERRORS: &str = "hubs.accept_errors";

/// How SignalR names the transports, in the order of `TransportKind`.
const TRANSPORTS: [&str; 4] = ["web_sockets", "server_sent_events", "long_polling", "memory"];

/// The states of a backplane, in the order of `Health`.
const HEALTHS: [&str; 3] = ["healthy", "degraded", "lost"];

/// Whether samples are taken.
pub(crate) const SAMPLES: bool = true;

/// No socket could be accepted.
pub(crate) fn accept_failed() {
    counter!(ACCEPT_ERRORS).increment(1);
}

/// What one hub counts.
pub(crate) struct HubMeter {
    closes: Vec<Counter>,
    lost: Vec<Counter>,
    backplane: Vec<Counter>,
    durable: Vec<Counter>,
    slow: Counter,
    refused_calls: Counter,
    refused_joins: Counter,
    queued: Gauge,
    groups: Gauge,
    members: Gauge,
}

impl HubMeter {
    pub(crate) fn new(hub: &str) -> Self {
        describe();
        let hub = || hub.to_owned();
        let closes = CloseReason::ALL.map(|reason| counter!(CLOSES, "hub" => hub(), "reason" => reason.as_str()));
        let lost = LostMessages::ALL.map(|kind| counter!(LOST, "hub" => hub(), "kind" => kind.as_str()));
        let backplane = BackplaneMessages::ALL.map(|kind| counter!(BACKPLANE, "hub" => hub(), "kind" => kind.as_str()));
        let durable = DurableMessages::ALL.map(|kind| counter!(DURABLE, "hub" => hub(), "kind" => kind.as_str()));
        Self {
            closes: closes.into(),
            lost: lost.into(),
            backplane: backplane.into(),
            durable: durable.into(),
            slow: counter!(SLOW, "hub" => hub()),
            refused_calls: counter!(REFUSED_CALLS, "hub" => hub()),
            refused_joins: counter!(REFUSED_JOINS, "hub" => hub()),
            queued: gauge!(QUEUED, "hub" => hub()),
            groups: gauge!(GROUPS, "hub" => hub()),
            members: gauge!(MEMBERS, "hub" => hub()),
        }
    }

    pub(super) fn closed(&self, reason: CloseReason) {
        self.closes[reason as usize].increment(1);
    }

    pub(super) fn lost(&self, kind: LostMessages, count: u64) {
        self.lost[kind as usize].increment(count);
    }

    pub(super) fn backplane(&self, kind: BackplaneMessages) {
        self.backplane[kind as usize].increment(1);
    }

    pub(super) fn durable(&self, kind: DurableMessages, count: u64) {
        self.durable[kind as usize].increment(count);
    }

    pub(super) fn slow(&self, count: u64) {
        self.slow.increment(count);
    }

    pub(super) fn call_refused(&self) {
        self.refused_calls.increment(1);
    }

    pub(super) fn join_refused(&self) {
        self.refused_joins.increment(1);
    }

    /// How it is now.
    pub(crate) fn sampled(&self, queued_bytes: usize, groups: usize, members: Option<usize>) {
        self.queued.set(queued_bytes as f64);
        self.groups.set(groups as f64);
        if let Some(members) = members {
            self.members.set(members as f64);
        }
    }
}

/// What a node of a cluster tells of itself.
pub(crate) struct NodeMeter {
    states: [Gauge; HEALTHS.len()],
}

impl NodeMeter {
    pub(crate) fn new(node: &str) -> Self {
        describe_gauge!(HEALTH, Unit::Count, "1 for the state that the connection to the other nodes is in.");
        describe_gauge!(NODE, Unit::Count, "1, with the name of the node and the version of hubs.");
        gauge!(NODE, "node" => node.to_owned(), "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Self { states: HEALTHS.map(|state| gauge!(HEALTH, "state" => state)) }
    }

    /// The state that it is in now, by its index.
    pub(crate) fn health(&self, state: usize) {
        for (at, gauge) in self.states.iter().enumerate() {
            gauge.set(if at == state { 1.0 } else { 0.0 });
        }
    }
}

/// What the connections and the methods of one hub count.
pub(crate) struct CallMeter {
    methods: Vec<MethodMeter>,
    transports: Vec<TransportMeter>,
}

struct MethodMeter {
    outcomes: [Counter; CallOutcome::ALL.len()],
    duration: Histogram,
}

struct TransportMeter {
    active: Gauge,
    normal: Histogram,
    timeout: Histogram,
    shutdown: Histogram,
}

/// A call or a connection that has begun.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Begun(Option<(usize, Instant)>);

impl CallMeter {
    pub(crate) fn new(hub: &str, methods: impl Iterator<Item = &'static str>) -> Self {
        let method = |method: &'static str| MethodMeter {
            outcomes: CallOutcome::ALL.map(
                |outcome| counter!(CALLS, "hub" => hub.to_owned(), "method" => method, "outcome" => outcome.as_str()),
            ),
            duration: histogram!(CALL, "hub" => hub.to_owned(), "method" => method),
        };
        let transport = |transport: &'static str| {
            let ended = |status: &'static str| histogram!(CONNECTION, "hub" => hub.to_owned(), "signalr.transport" => transport, "signalr.connection.status" => status);
            TransportMeter {
                active: gauge!(ACTIVE, "hub" => hub.to_owned(), "signalr.transport" => transport),
                normal: ended("normal_closure"),
                timeout: ended("timeout"),
                shutdown: ended("app_shutdown"),
            }
        };
        Self { methods: methods.map(method).collect(), transports: TRANSPORTS.into_iter().map(transport).collect() }
    }

    /// A call of the method with this index begins.
    pub(crate) fn call(&self, method: usize, now: fn() -> Instant) -> Begun {
        Begun(Some((method, now())))
    }

    /// It has been answered.
    pub(crate) fn answered(&self, begun: Begun, outcome: CallOutcome, now: fn() -> Instant) {
        let Begun(Some((method, since))) = begun else { return };
        let Some(method) = self.methods.get(method) else { return };
        method.outcomes[outcome as usize].increment(1);
        method.duration.record(now().duration_since(since));
    }

    /// A connection over this transport is open.
    pub(crate) fn connected(&self, transport: usize, now: fn() -> Instant) -> Begun {
        if let Some(transport) = self.transports.get(transport) {
            transport.active.increment(1.0);
        }
        Begun(Some((transport, now())))
    }

    /// It has ended.
    pub(crate) fn disconnected(&self, begun: Begun, reason: CloseReason, now: fn() -> Instant) {
        let Begun(Some((transport, since))) = begun else { return };
        let Some(transport) = self.transports.get(transport) else { return };
        transport.active.decrement(1.0);
        let duration = match reason {
            CloseReason::Shutdown => &transport.shutdown,
            CloseReason::TimedOut => &transport.timeout,
            _ => &transport.normal,
        };
        duration.record(now().duration_since(since));
    }
}

fn describe() {
    describe_counter!(ACCEPT_ERRORS, Unit::Count, "Attempts to accept a socket that failed.");
    // So that it is there before the first.
    counter!(ACCEPT_ERRORS).increment(0);
    describe_gauge!(ACTIVE, Unit::Count, "Connections that are open.");
    describe_histogram!(CONNECTION, Unit::Seconds, "How long connections were open.");
    describe_counter!(CALLS, Unit::Count, "Calls that were answered, by how they ended.");
    describe_histogram!(CALL, Unit::Seconds, "How long calls took, streams to their end.");
    describe_counter!(REFUSED_CALLS, Unit::Count, "Calls refused before the method started.");
    describe_counter!(REFUSED_JOINS, Unit::Count, "Connections that were not added to a group.");
    describe_counter!(CLOSES, Unit::Count, "Connections and requests, by why they were closed or refused.");
    describe_counter!(SLOW, Unit::Count, "Clients found to read too slowly.");
    describe_counter!(LOST, Unit::Count, "Messages not sent, as the policy of their method allows.");
    describe_counter!(BACKPLANE, Unit::Count, "Messages to and from other nodes, by what became of them.");
    describe_counter!(DURABLE, Unit::Count, "Messages of durable methods, by what became of them.");
    describe_gauge!(QUEUED, Unit::Bytes, "Bytes that wait to be written, over all connections.");
    describe_gauge!(GROUPS, Unit::Count, "Groups that have members.");
    describe_gauge!(MEMBERS, Unit::Count, "Connections that are shown as members of groups, once for each group.");
}

impl std::fmt::Debug for HubMeter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HubMeter").finish_non_exhaustive()
    }
}

impl std::fmt::Debug for CallMeter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallMeter").finish_non_exhaustive()
    }
}
