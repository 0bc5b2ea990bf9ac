//! What watchers of one group see of its members: who has joined, and who has left for a while. Without I/O; the time is
//! passed in.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde::Serialize;
use tokio::time::Instant;

use super::{
    Key,
    parts::{Part, Parts},
};
use crate::{
    ids::ShrinkSpare,
    protocol::{Payload as _, PayloadFormat},
};

/// How often watchers of a group that is too large for a list are told how many members there are.
const COUNT_AT_MOST_EACH: Duration = Duration::from_secs(1);

struct Shown<M> {
    part: Part<M>,
    /// When it has joined.
    joined: u64,
    /// When it is shown no more, if it has left.
    leaves: Option<Instant>,
}

/// What watchers are to be told of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Joined,
    Changed,
    Left,
}

/// A member as watchers see it.
#[derive(Debug, Serialize)]
pub(crate) struct Seen<'a, M> {
    pub(crate) key: &'a str,
    pub(crate) meta: &'a M,
    pub(crate) connections: u32,
}

/// What watchers are told. Its names are part of the wire.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Update<'a, M> {
    /// All members.
    Members { members: Vec<Seen<'a, M>>, count: usize },
    /// What has changed.
    Changes {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        joined: Vec<Seen<'a, M>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        changed: Vec<Seen<'a, M>>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        left: Vec<String>,
        count: usize,
    },
    /// How many there are: too many for a list.
    Count { count: usize },
}

pub(super) struct View<M> {
    shown: HashMap<Key, Shown<M>>,
    leaving: VecDeque<(Instant, Key)>,
    /// What watchers were not told yet.
    changes: HashMap<Key, Change>,
    /// Whether watchers are told how many there are, and not who.
    is_counted: bool,
    /// The number that they were told last, and when.
    counted: Option<(usize, Instant)>,
}

impl<M> Default for View<M> {
    fn default() -> Self {
        let (shown, leaving, changes) = Default::default();
        Self { shown, leaving, changes, is_counted: false, counted: None }
    }
}

impl<M: Serialize> View<M> {
    /// Takes over which members have changed, and lets those go that have left for a while.
    pub(super) fn settle(&mut self, parts: &mut Parts<M>, leave_delay: Duration, now: Instant) {
        for key in parts.take_changed() {
            match parts.member(&key) {
                Some(part) => self.show(key, part),
                None => self.leave(key, now + leave_delay),
            }
        }
        while self.leaving.front().is_some_and(|(at, _)| *at <= now) {
            let Some((at, key)) = self.leaving.pop_front() else { return };
            if self.shown.get(&key).is_some_and(|shown| shown.leaves == Some(at)) {
                self.shown.remove(&key);
                self.shown.shrink_spare();
                self.note(key, Change::Left);
            }
        }
    }

    fn show(&mut self, key: Key, part: Part<M>) {
        let change = match self.shown.get_mut(&key) {
            None => {
                let joined = part.first;
                self.shown.insert(Arc::clone(&key), Shown { part, joined, leaves: None });
                Change::Joined
            }
            Some(shown) => {
                let is_same = shown.part.connections == part.connections && is_same(&shown.part, &part);
                (shown.part, shown.leaves) = (part, None);
                if is_same {
                    return;
                }
                Change::Changed
            }
        };
        self.note(key, change);
    }

    fn leave(&mut self, key: Key, at: Instant) {
        if let Some(shown) = self.shown.get_mut(&key)
            && shown.leaves.is_none()
        {
            shown.leaves = Some(at);
            self.leaving.push_back((at, key));
        }
    }

    /// Notes what watchers are to be told, of what has changed since they were last told.
    fn note(&mut self, key: Key, change: Change) {
        let change = match (self.changes.get(&key), change) {
            (Some(Change::Joined), Change::Left) => {
                self.changes.remove(&key);
                return;
            }
            (Some(Change::Joined), _) => Change::Joined,
            (Some(Change::Left), Change::Joined) => Change::Changed,
            (_, change) => change,
        };
        self.changes.insert(key, change);
    }

    /// What those who watch already are told now.
    pub(super) fn update(&mut self, list_limit: usize, now: Instant) -> Option<Update<'_, M>> {
        let count = self.shown.len();
        let was_counted = self.is_counted;
        // A group whose size is about the limit does not change its kind with each member.
        self.is_counted = count > if was_counted { list_limit - list_limit / 8 } else { list_limit };
        let changes = std::mem::take(&mut self.changes);
        if self.is_counted {
            return self.count(now);
        }
        self.counted = None;
        if was_counted {
            return Some(self.members());
        }
        if changes.is_empty() {
            return None;
        }
        let of = |wanted| changes.iter().filter_map(move |(key, change)| (*change == wanted).then_some(key));
        let left = of(Change::Left).map(|key| key.as_ref().to_owned()).collect();
        let (joined, changed) = (self.seen(of(Change::Joined)), self.seen(of(Change::Changed)));
        Some(Update::Changes { joined, changed, left, count })
    }

    /// What those are told first who begin to watch.
    pub(super) fn whole(&self) -> Update<'_, M> {
        if self.is_counted { Update::Count { count: self.shown.len() } } else { self.members() }
    }

    fn count(&mut self, now: Instant) -> Option<Update<'_, M>> {
        let count = self.shown.len();
        let is_due = self.counted.is_none_or(|(told, at)| told != count && at + COUNT_AT_MOST_EACH <= now);
        is_due.then(|| {
            self.counted = Some((count, now));
            Update::Count { count }
        })
    }

    fn members(&self) -> Update<'_, M> {
        Update::Members { members: self.list(), count: self.shown.len() }
    }

    /// All members, in the order in which they have joined.
    pub(super) fn list(&self) -> Vec<Seen<'_, M>> {
        self.seen(self.shown.keys())
    }

    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    fn seen<'a, 'k>(&'a self, keys: impl Iterator<Item = &'k Key>) -> Vec<Seen<'a, M>> {
        let mut seen: Vec<_> = keys.filter_map(|key| self.shown.get_key_value(key)).collect();
        seen.sort_unstable_by_key(|(key, shown)| (shown.joined, *key));
        let of = |(key, Shown { part, .. }): (&'a Key, &'a Shown<M>)| Seen {
            key,
            meta: &*part.meta,
            connections: part.connections,
        };
        seen.into_iter().map(of).collect()
    }

    /// When it has to be looked at again, though nothing changes.
    pub(super) fn next(&self) -> Option<Instant> {
        let leaves = self.leaving.front().map(|(at, _)| *at);
        let counts = self.counted.filter(|(told, _)| *told != self.shown.len()).map(|(_, at)| at + COUNT_AT_MOST_EACH);
        leaves.into_iter().chain(counts).min()
    }
}

/// Whether a member shows the same, also where it was tracked anew.
fn is_same<M: Serialize>(one: &Part<M>, other: &Part<M>) -> bool {
    one.since == other.since || written(&*one.meta).is_some_and(|one| written(&*other.meta) == Some(one))
}

fn written(meta: &impl Serialize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    meta.encode(PayloadFormat::Json, &mut out).ok().map(|()| out)
}
