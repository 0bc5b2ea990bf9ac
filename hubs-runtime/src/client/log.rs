//! How far this client has read the logs of its groups and of its user, over all of its connections: which messages are new,
//! and what the server is told when a connection is made again. No I/O.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    fmt,
};

use crate::ids::ConnectionId;

/// How many earlier connections the server is told of.
const EARLIER: usize = 8;

/// What has become of the messages that this client has missed while it was away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogEvent {
    /// It has got all of them, before this.
    Recovered {
        /// The log.
        scope: LogScope,
        /// How many there were.
        messages: u64,
    },
    /// Some are not kept any more: what the application shows of them has to be asked for anew. No part of them was sent.
    Gap {
        /// The log.
        scope: LogScope,
        /// Why: `trimmed` (older than the log), `epoch` (the log was begun anew), `diverged` (the server has lost messages) or
        /// `limit` (this client reads more logs than the server goes through).
        reason: String,
    },
}

/// Whose log it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LogScope {
    /// That of a group.
    Group(String),
    /// That of the client's user.
    User,
}

impl LogScope {
    fn read(wire: &str) -> Option<Self> {
        match wire.strip_prefix("g:") {
            Some(group) => Some(Self::Group(group.to_owned())),
            None => (wire == "u").then_some(Self::User),
        }
    }
}

impl fmt::Display for LogScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Group(group) => write!(f, "group {group}"),
            Self::User => f.write_str("user"),
        }
    }
}

/// The position of a message, and of which log, as the header says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    scope: String,
    position: Position,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Position {
    epoch: String,
    number: u64,
    text: String,
}

impl Place {
    /// Reads `epoch.number.tag;scope`.
    pub(super) fn read(header: &str) -> Option<Self> {
        let (position, scope) = header.split_once(';')?;
        Some(Self { scope: scope.to_owned(), position: Position::read(position)? })
    }
}

impl Position {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (epoch, number) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        parts.next()?;
        Some(Self { epoch, number, text: text.to_owned() })
    }
}

/// What a client knows of its logs.
#[derive(Debug, Default)]
pub(super) struct Logs {
    read: HashMap<String, Position>,
    /// The logs that were named on this connection, and of which nothing counts until the server has said how it goes on.
    waiting: HashSet<String>,
    earlier: VecDeque<String>,
}

impl Logs {
    /// A connection is made. Gives what the server is told: the positions, and the ids of earlier connections.
    pub(super) fn connected(&mut self, id: Option<&ConnectionId>) -> (BTreeMap<String, String>, Vec<String>) {
        let positions: BTreeMap<_, _> =
            self.read.iter().map(|(scope, position)| (scope.clone(), position.text.clone())).collect();
        self.waiting = positions.keys().cloned().collect();
        let earlier = self.earlier.iter().cloned().collect();
        if let Some(id) = id {
            self.earlier.push_back(id.as_str().to_owned());
            if self.earlier.len() > EARLIER {
                self.earlier.pop_front();
            }
        }
        (positions, earlier)
    }

    /// Whether a message is to be handled: it is no repetition, and none that comes again.
    pub(super) fn is_new(&self, place: &Place) -> bool {
        let Place { scope, position } = place;
        if self.waiting.contains(scope) {
            // It was sent before the server knew how far this client is, and is sent again.
            return false;
        }
        !self.has(scope, position)
    }

    /// Whether a position was read before.
    fn has(&self, scope: &str, position: &Position) -> bool {
        self.read.get(scope).is_some_and(|read| read.epoch == position.epoch && position.number <= read.number)
    }

    /// A message is handled.
    pub(super) fn take(&mut self, place: Place) {
        self.read.insert(place.scope, place.position);
    }

    /// The server says how a log goes on.
    pub(super) fn told(&mut self, scope: &str, kind: &str, position: &str, detail: Detail) -> Option<LogEvent> {
        self.waiting.remove(scope);
        if kind == "left" {
            self.read.remove(scope);
            return None;
        }
        let position = Position::read(position)?;
        // A node that is behind names an earlier position, and sends what this client has again.
        if kind == "gap" || !self.has(scope, &position) {
            self.read.insert(scope.to_owned(), position);
        }
        let scope = LogScope::read(scope)?;
        match (kind, detail) {
            ("recovered", Detail::Number(messages)) => Some(LogEvent::Recovered { scope, messages }),
            ("gap", Detail::Text(reason)) => Some(LogEvent::Gap { scope, reason }),
            _ => None,
        }
    }
}

/// The last argument of a notice.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub(super) enum Detail {
    Number(u64),
    Text(String),
    Nothing(()),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u64) -> Place {
        Place::read(&format!("a.{number}.f;g:room")).expect("it is one")
    }

    fn connected(logs: &mut Logs, id: &str) -> (BTreeMap<String, String>, Vec<String>) {
        logs.connected(Some(&ConnectionId::new(id)))
    }

    #[test]
    fn a_message_is_handled_once_also_over_another_connection() {
        let mut logs = Logs::default();
        assert_eq!(connected(&mut logs, "first"), Default::default());
        assert_eq!(logs.told("g:room", "at", "a.3.0", Detail::Nothing(())), None);
        for number in [4, 5] {
            assert!(logs.is_new(&place(number)));
            logs.take(place(number));
            assert!(!logs.is_new(&place(number)), "it has come twice");
        }
        let (positions, earlier) = connected(&mut logs, "second");
        assert_eq!(positions, BTreeMap::from([("g:room".to_owned(), "a.5.f".to_owned())]));
        assert_eq!(earlier, ["first"]);
        assert!(!logs.is_new(&place(9)), "it comes again once the server knows the position");
        logs.told("g:room", "from", "a.5.f", Detail::Nothing(()));
        assert!(logs.is_new(&place(6)));
        logs.take(place(6));
        let recovered = logs.told("g:room", "recovered", "a.6.f", Detail::Number(1));
        let scope = LogScope::Group("room".to_owned());
        assert_eq!(recovered, Some(LogEvent::Recovered { scope, messages: 1 }));
    }

    #[test]
    fn a_log_that_is_begun_anew_is_read_from_its_start() {
        let mut logs = Logs::default();
        logs.take(place(7));
        let gap = logs.told("g:room", "gap", "b.0.0", Detail::Text("epoch".to_owned()));
        assert!(matches!(gap, Some(LogEvent::Gap { reason, .. }) if reason == "epoch"));
        assert!(logs.is_new(&Place::read("b.1.1;g:room").expect("it is one")));
    }

    #[test]
    fn a_node_that_is_behind_does_not_make_a_message_new() {
        let mut logs = Logs::default();
        logs.take(place(7));
        logs.told("g:room", "recovered", "a.6.f", Detail::Number(0));
        assert!(!logs.is_new(&place(7)), "it was handled before");
        logs.told("g:room", "gap", "a.6.f", Detail::Text("diverged".to_owned()));
        assert!(logs.is_new(&place(7)), "it is another one");
    }

    #[test]
    fn a_group_that_is_left_is_not_named_again() {
        let mut logs = Logs::default();
        logs.take(place(7));
        logs.told("g:room", "left", "", Detail::Nothing(()));
        assert_eq!(connected(&mut logs, "next").0, BTreeMap::new());
    }
}
