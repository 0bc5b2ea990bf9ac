//! How far a client has read the logs of its groups and of its user, as it says itself.

use std::collections::{BTreeMap, HashMap};

use super::{ScopeId, position};
use crate::{
    backplane::LogPosition,
    ids::{ConnectionId, GroupName},
};

/// How many positions a client may name. It learns of a gap in the others.
const POSITIONS: usize = 1_000;

/// How many earlier connections it may name.
const EARLIER: usize = 8;

/// What a client says of itself when it connects.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    /// By the scope as it is on the wire.
    positions: HashMap<String, Option<LogPosition>>,
    /// Whether it named more than it may.
    overflowed: bool,
    /// The ids that this client had before.
    pub(super) earlier: Vec<ConnectionId>,
}

/// How far a client has read one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// It says nothing of this log.
    None,
    /// So far.
    At(LogPosition),
    /// It cannot be known: the position is not one, or there were too many.
    Unknown,
}

impl Claims {
    pub(crate) fn new(positions: BTreeMap<String, String>, earlier: Vec<String>) -> Self {
        let overflowed = positions.len() > POSITIONS;
        let positions = positions.into_iter().take(POSITIONS);
        Self {
            positions: positions.map(|(scope, text)| (scope, position::read(&text))).collect(),
            overflowed,
            earlier: earlier.into_iter().take(EARLIER).map(ConnectionId::from).collect(),
        }
    }

    /// Whether it says anything of this log.
    pub(super) fn names(&self, scope: &ScopeId) -> bool {
        self.overflowed || self.positions.contains_key(&scope.wire())
    }

    /// Takes what it says of one log: it is used once.
    pub(super) fn take(&mut self, scope: &ScopeId) -> Claim {
        match self.positions.remove(&scope.wire()) {
            Some(Some(position)) => Claim::At(position),
            Some(None) => Claim::Unknown,
            None if self.overflowed => Claim::Unknown,
            None => Claim::None,
        }
    }

    /// What was taken could not be used yet.
    pub(super) fn put_back(&mut self, scope: &ScopeId, claim: Claim) {
        match claim {
            Claim::None => None,
            Claim::At(position) => self.positions.insert(scope.wire(), Some(position)),
            Claim::Unknown => self.positions.insert(scope.wire(), None),
        };
    }

    /// The group is left: what was said of it is void.
    pub(super) fn forget(&mut self, group: &GroupName) {
        self.positions.remove(&ScopeId::Group(group.clone()).wire());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_used_once_and_what_is_none_is_unknown() {
        let said = [("g:a", "1.2.3"), ("g:b", "nonsense"), ("u", "1.5.3")];
        let said = said.map(|(scope, text)| (scope.to_owned(), text.to_owned()));
        let mut claims = Claims::new(said.into(), vec!["x".to_owned(); 20]);
        let group = |name: &str| ScopeId::Group(GroupName::from(name));
        assert_eq!(claims.take(&group("a")), Claim::At(LogPosition { epoch: 1, number: 2, tag: 3 }));
        assert_eq!(claims.take(&group("a")), Claim::None);
        assert_eq!(claims.take(&group("b")), Claim::Unknown);
        assert_eq!(claims.take(&group("c")), Claim::None);
        assert_eq!(claims.earlier.len(), EARLIER);
    }

    #[test]
    fn too_many_positions_are_unknown() {
        let said = (0..POSITIONS + 1).map(|number| (format!("g:{number:09}"), "1.1.1".to_owned()));
        let mut claims = Claims::new(said.collect(), Vec::new());
        let group = |number: usize| ScopeId::Group(GroupName::from(format!("{number:09}")));
        assert_eq!(claims.take(&group(POSITIONS)), Claim::Unknown);
        assert!(matches!(claims.take(&group(0)), Claim::At(_)));
    }
}
