//! Which connections are in a group only as long as their user meets a condition. Says nothing about how conditions are
//! checked.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use parking_lot::Mutex;

use crate::ids::{ConnectionId, GroupName, ShrinkSpare};

/// What a user must be or have to stay in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    User,
    Role(String),
    AnyRole(Vec<String>),
    Policy(String),
}

/// The conditions of one hub's members. Costs nothing while there are none.
#[derive(Debug, Default)]
pub(crate) struct GuardedGroups {
    /// How many connections are in `members`.
    connections: AtomicUsize,
    members: Mutex<HashMap<ConnectionId, HashMap<GroupName, Condition>>>,
}

impl GuardedGroups {
    /// Notes under which condition a connection is in a group.
    pub(crate) fn insert(&self, connection: &ConnectionId, group: &GroupName, condition: Condition) {
        let mut members = self.members.lock();
        members.entry(connection.clone()).or_default().insert(group.clone(), condition);
        self.connections.store(members.len(), Ordering::Release);
    }

    /// The groups that a connection is in under a condition.
    pub(crate) fn of(&self, connection: &ConnectionId) -> Vec<(GroupName, Condition)> {
        if self.is_empty() {
            return Vec::new();
        }
        let members = self.members.lock();
        let groups = members.get(connection).into_iter().flatten();
        groups.map(|(group, condition)| (group.clone(), condition.clone())).collect()
    }

    /// The connection has left the group.
    pub(crate) fn forget(&self, connection: &ConnectionId, group: &GroupName) {
        if self.is_empty() {
            return;
        }
        let mut members = self.members.lock();
        let Some(groups) = members.get_mut(connection) else { return };
        groups.remove(group);
        groups.shrink_spare();
        if groups.is_empty() {
            members.remove(connection);
            members.shrink_spare();
        }
        self.connections.store(members.len(), Ordering::Release);
    }

    /// The connection has ended.
    pub(crate) fn forget_all(&self, connection: &ConnectionId) {
        if self.is_empty() {
            return;
        }
        let mut members = self.members.lock();
        members.remove(connection);
        members.shrink_spare();
        self.connections.store(members.len(), Ordering::Release);
    }

    fn is_empty(&self) -> bool {
        self.connections.load(Ordering::Acquire) == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_forgotten() {
        let guarded = GuardedGroups::default();
        let ([ann, bob], [red, blue]) = (["ann", "bob"].map(ConnectionId::from), ["red", "blue"].map(GroupName::from));
        guarded.insert(&ann, &red, Condition::User);
        guarded.insert(&ann, &red, Condition::Role("staff".to_owned()));
        guarded.insert(&ann, &blue, Condition::User);
        guarded.insert(&bob, &red, Condition::User);
        guarded.forget(&ann, &blue);
        guarded.forget(&bob, &blue);
        assert_eq!(guarded.of(&ann), [(red.clone(), Condition::Role("staff".to_owned()))]);
        guarded.forget_all(&ann);
        assert_eq!((guarded.of(&ann), guarded.of(&bob).len()), (vec![], 1));
        guarded.forget(&bob, &red);
        assert!(guarded.is_empty() && guarded.members.lock().is_empty());
    }
}
