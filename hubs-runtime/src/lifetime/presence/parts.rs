//! The members of one group: those of this node's connections, and what other nodes have told of theirs. Without I/O and
//! time.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    Key,
    told::{Entry, Told},
};
use crate::ids::{ConnectionId, ShrinkSpare};

/// How many members one message to other nodes tells of.
const PAGE: usize = 500;

/// A member.
#[derive(Debug)]
pub(super) struct Part<M> {
    /// What its newest connection shows.
    pub(super) meta: Arc<M>,
    pub(super) connections: u32,
    /// When that connection was tracked.
    pub(super) since: u64,
    /// When its first connection came.
    pub(super) first: u64,
}

impl<M> Clone for Part<M> {
    fn clone(&self) -> Self {
        Self { meta: Arc::clone(&self.meta), ..*self }
    }
}

/// A connection of this node, by which a member is here.
struct Own<M> {
    connection: ConnectionId,
    meta: Arc<M>,
    since: u64,
    first: u64,
}

/// What another node has told.
struct Replica<M> {
    version: u64,
    members: HashMap<Key, Part<M>>,
}

/// What is to be done about what a node has told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Taken,
    /// These are all of its members.
    All,
    /// Something was missed: all of its members have to be asked for.
    Missed,
}

pub(super) struct Parts<M> {
    own: HashMap<Key, Vec<Own<M>>>,
    others: HashMap<Arc<str>, Replica<M>>,
    /// Of this node's members.
    version: u64,
    /// Whose changes other nodes do not know yet.
    untold: HashSet<Key>,
    /// Whether other nodes are told all.
    tells_all: bool,
    /// The members that have changed since they were last taken.
    changed: HashSet<Key>,
}

impl<M> Parts<M> {
    /// `version`: later than any that this node has told of the group before.
    pub(super) fn new(version: u64) -> Self {
        let (own, others, untold, changed) = Default::default();
        Self { own, others, version, untold, tells_all: true, changed }
    }

    /// A connection of this node shows this from now on.
    pub(super) fn track(&mut self, connection: &ConnectionId, key: &Key, meta: M, since: u64) {
        let connections = self.own.entry(Arc::clone(key)).or_default();
        let before = connections.extract_if(.., |own| own.connection == *connection).next();
        let first = before.map_or(since, |own| own.first);
        connections.push(Own { connection: connection.clone(), meta: Arc::new(meta), since, first });
        self.own_changed(key);
    }

    /// A connection of this node is shown no more.
    pub(super) fn untrack(&mut self, connection: &ConnectionId, key: &Key) {
        let Some(connections) = self.own.get_mut(key) else { return };
        connections.retain(|own| own.connection != *connection);
        if connections.is_empty() {
            self.own.remove(key);
            self.own.shrink_spare();
        }
        self.own_changed(key);
    }

    fn own_changed(&mut self, key: &Key) {
        self.untold.insert(Arc::clone(key));
        self.changed.insert(Arc::clone(key));
    }

    /// Whether connections of this node are members.
    pub(super) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// The member, over all nodes.
    pub(super) fn member(&self, key: &Key) -> Option<Part<M>> {
        let others = self.others.values().filter_map(|replica| replica.members.get(key));
        let parts = self.own_part(key).into_iter().chain(others.cloned());
        parts.reduce(|one, other| {
            let connections = one.connections + other.connections;
            let first = one.first.min(other.first);
            let newest = if other.since > one.since { other } else { one };
            Part { connections, first, ..newest }
        })
    }

    fn own_part(&self, key: &Key) -> Option<Part<M>> {
        let (connections, first, newest) = sum(self.own.get(key)?)?;
        Some(Part { meta: Arc::clone(&newest.meta), connections, since: newest.since, first })
    }

    /// The members that have changed since this was last called.
    pub(super) fn take_changed(&mut self) -> HashSet<Key> {
        std::mem::take(&mut self.changed)
    }

    /// Other nodes are told all of this node's members.
    pub(super) fn tell_all(&mut self) {
        self.tells_all = true;
    }

    /// Whether [`Parts::tell`] has anything to tell.
    pub(super) fn is_untold(&self) -> bool {
        self.tells_all || !self.untold.is_empty()
    }

    /// Gives what other nodes do not know yet to `publish`, one message after the other.
    pub(super) fn tell(&mut self, node: &str, mut publish: impl FnMut(Told<'_, &M>)) {
        let untold = std::mem::take(&mut self.untold);
        let node = Cow::Borrowed(node);
        if !untold.is_empty() {
            self.version += 1;
        }
        let version = self.version;
        if !std::mem::take(&mut self.tells_all) {
            if untold.is_empty() {
                return;
            }
            let members = untold.iter().filter_map(|key| self.entry(key)).collect();
            let gone = untold.iter().filter(|key| !self.own.contains_key(*key)).map(|key| Cow::Borrowed(&**key));
            return publish(Told::Changed { node, from: version - 1, to: version, members, gone: gone.collect() });
        }
        let mut entries = self.own.keys().filter_map(|key| self.entry(key));
        publish(Told::All { node: node.clone(), version, members: entries.by_ref().take(PAGE).collect() });
        loop {
            let members: Vec<_> = entries.by_ref().take(PAGE).collect();
            if members.is_empty() {
                return;
            }
            publish(Told::Changed { node: node.clone(), from: version, to: version, members, gone: Vec::new() });
        }
    }

    fn entry<'a>(&'a self, key: &'a Key) -> Option<Entry<'a, &'a M>> {
        let (connections, first, newest) = sum(self.own.get(key)?)?;
        Some(Entry { key: Cow::Borrowed(key), connections, since: newest.since, first, meta: &newest.meta })
    }

    /// The version that other nodes should have.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// Takes what another node has told.
    pub(super) fn hear(&mut self, told: Told<'_, M>) -> Heard {
        match told {
            Told::All { node, version, members } => {
                let members: HashMap<_, _> = members.into_iter().map(part).collect();
                self.changed.extend(members.keys().cloned());
                if let Some(before) = self.others.insert((*node).into(), Replica { version, members }) {
                    self.changed.extend(before.members.into_keys());
                }
                Heard::All
            }
            Told::Changed { node, from, to, members, gone } => {
                let Some(replica) = self.others.get_mut(&*node).filter(|replica| replica.version == from) else {
                    return Heard::Missed;
                };
                replica.version = to;
                for (key, part) in members.into_iter().map(part) {
                    self.changed.insert(Arc::clone(&key));
                    replica.members.insert(key, part);
                }
                for key in gone {
                    if let Some((key, _)) = replica.members.remove_entry(&*key) {
                        self.changed.insert(key);
                    }
                }
                replica.members.shrink_spare();
                Heard::Taken
            }
            Told::Version { node, version } => match self.others.get(&*node) {
                Some(replica) if replica.version == version => Heard::Taken,
                _ => Heard::Missed,
            },
        }
    }

    /// The nodes that have told their members.
    pub(super) fn others(&self) -> impl Iterator<Item = &Arc<str>> {
        self.others.keys()
    }

    /// Another node is gone, and its members with it.
    pub(super) fn forget(&mut self, node: &str) {
        if let Some(replica) = self.others.remove(node) {
            self.changed.extend(replica.members.into_keys());
        }
    }
}

/// How many connections these are, when the first of them came, and which is the newest.
fn sum<M>(connections: &[Own<M>]) -> Option<(u32, u64, &Own<M>)> {
    let count = u32::try_from(connections.len()).unwrap_or(u32::MAX);
    let first = connections.iter().map(|own| own.first).min()?;
    Some((count, first, connections.iter().max_by_key(|own| own.since)?))
}

fn part<M>(entry: Entry<'_, M>) -> (Key, Part<M>) {
    let Entry { key, connections, since, first, meta } = entry;
    ((*key).into(), Part { meta: Arc::new(meta), connections: connections.max(1), since, first })
}
