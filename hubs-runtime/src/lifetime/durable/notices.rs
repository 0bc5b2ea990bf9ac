//! What a client that reads notices is told of its logs: how far it is, and what it has missed.

use super::{ScopeId, Shared, position};
use crate::{
    backplane::{Gap, LogPosition},
    counters::DurableMessages,
    ids::ConnectionId,
    protocol::{EncodedMessage, Outgoing, Payload},
};

/// The method of clients that notices call.
const NOTICE: &str = "hubs:log";

/// One notice. Its texts are part of the wire.
#[derive(Debug, Clone, Copy)]
pub(super) enum Notice {
    /// It gets next what it has missed since here. What came before this notice comes again.
    From(LogPosition),
    /// It reads the log from here on.
    At(LogPosition),
    /// It has got so many messages that it had missed, up to here.
    Recovered(LogPosition, u64),
    /// It has missed messages that it cannot get, and reads on from here.
    Missed(LogPosition, &'static str),
    /// It does not read the log any more.
    Left,
}

/// The reason of a gap on the wire.
pub(super) fn reason(gap: Gap) -> &'static str {
    match gap {
        Gap::Trimmed => "trimmed",
        Gap::Epoch => "epoch",
        Gap::Diverged => "diverged",
    }
}

/// More positions were named than are remembered, or one that cannot be read.
pub(super) const LIMIT: &str = "limit";

impl Shared {
    pub(super) fn count_recorded(&self, is_recorded: bool) {
        let kind = if is_recorded { DurableMessages::Recorded } else { DurableMessages::Failed };
        self.connections.counters().durable(kind, 1);
    }

    pub(super) fn count_replayed(&self, count: u64) {
        self.connections.counters().durable(DurableMessages::Replayed, count);
    }

    pub(super) fn count_gap(&self) {
        self.connections.counters().durable(DurableMessages::Gap, 1);
    }

    /// Queues a notice for a connection of this process.
    pub(super) fn tell(&self, id: &ConnectionId, scope: &ScopeId, notice: Notice) {
        let Some(peer) = self.connections.peer(id) else { return };
        let scope = scope.wire();
        let (kind, at, detail): (&str, _, Box<dyn Payload>) = match notice {
            Notice::From(at) => ("from", position::write(at), Box::new(())),
            Notice::At(at) => ("at", position::write(at), Box::new(())),
            Notice::Recovered(at, messages) => ("recovered", position::write(at), Box::new(messages)),
            Notice::Missed(at, reason) => ("gap", position::write(at), Box::new(reason)),
            Notice::Left => ("left", String::new(), Box::new(())),
        };
        let arguments: [&dyn Payload; 4] = [&scope, &kind, &at, &*detail];
        let notice = Outgoing::Invocation { id: None, target: NOTICE, arguments: &arguments };
        if let Ok(notice) = EncodedMessage::new(&notice, 1 << peer.protocol.slot()) {
            self.connections.send_to(id, &notice);
        }
    }
}
