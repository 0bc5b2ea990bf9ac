//! The members of groups, as a client is told of them.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use parking_lot::Mutex;
use serde::Deserialize;

use crate::{
    contract::HubType,
    ids::Present,
    protocol::{ArgumentError, Arguments},
};

/// What the server tells of members.
pub(super) const TARGET: &str = "hubs:presence";

/// Who is in a group now, and what has just changed: [`HubConnectionBuilder::on_presence`](super::HubConnectionBuilder::on_presence)
/// gets one for each change.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GroupPresence<M> {
    /// The group.
    pub group: String,
    /// The members, in the order in which they have joined. `None`: the group has so many that the server tells only how
    /// many, or this client does not see it any more.
    pub members: Option<Vec<Present<M>>>,
    /// How many members it has.
    pub count: usize,
    /// The keys of members that have joined; all of them where they are told for the first time, or again after a
    /// reconnect.
    pub joined: Vec<String>,
    /// The keys of members that have left.
    pub left: Vec<String>,
}

/// An update, as it is on the wire.
#[derive(Deserialize)]
struct Update<M> {
    count: usize,
    members: Option<Vec<Present<M>>>,
    joined: Option<Vec<Present<M>>>,
    changed: Option<Vec<Present<M>>>,
    left: Option<Vec<String>>,
}

impl<M> Update<M> {
    /// The group has too many members for a list.
    fn is_count(&self) -> bool {
        self.members.is_none() && self.joined.is_none() && self.changed.is_none() && self.left.is_none()
    }
}

/// Takes an update.
pub(super) type OnPresence = Arc<dyn Fn(&mut Arguments<'_>) -> Result<(), ArgumentError> + Send + Sync>;

/// The groups of a client, over all of its connections.
struct Groups<M>(HashMap<String, Vec<Present<M>>>);

impl<M: Clone> Groups<M> {
    /// Takes an update; `None` for the update: the client does not see the group any more. `None`: it changes nothing.
    fn take(&mut self, group: String, update: Option<Update<M>>) -> Option<GroupPresence<M>> {
        let Some(update) = update else {
            self.0.remove(&group);
            return Some(GroupPresence { group, members: None, count: 0, joined: Vec::new(), left: Vec::new() });
        };
        let count = update.count;
        if update.is_count() {
            self.0.remove(&group);
            return Some(GroupPresence { group, members: None, count, joined: Vec::new(), left: Vec::new() });
        }
        let key = |member: &Present<M>| member.key.clone();
        let (joined, left);
        let members = match update.members {
            Some(all) => {
                (joined, left) = (all.iter().map(key).collect(), Vec::new());
                self.0.insert(group.clone(), all.clone());
                all
            }
            None => {
                // A change without members before it belongs to a list that was not seen.
                let members = self.0.get_mut(&group)?;
                left = update.left.unwrap_or_default();
                members.retain(|member| !left.contains(&member.key));
                for member in update.changed.into_iter().flatten() {
                    if let Some(known) = members.iter_mut().find(|known| known.key == member.key) {
                        *known = member;
                    }
                }
                let new = update.joined.unwrap_or_default();
                joined = new.iter().map(key).collect();
                members.extend(new);
                members.clone()
            }
        };
        Some(GroupPresence { group, members: Some(members), count, joined, left })
    }
}

/// Reads updates, and gives them to the application's hook.
pub(super) fn reader<M: HubType + Clone>(hook: impl Fn(GroupPresence<M>) + Send + Sync + 'static) -> OnPresence {
    let groups = Mutex::new(Groups(HashMap::new()));
    Arc::new(move |arguments| {
        let (group, update) = (arguments.take()?, arguments.take()?);
        let presence = groups.lock().take(group, update);
        if let Some(presence) = presence
            && catch_unwind(AssertUnwindSafe(|| hook(presence))).is_err()
        {
            tracing::error!("the hook for members of groups panicked");
        }
        Ok(())
    })
}
