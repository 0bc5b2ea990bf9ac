//! The connections of this process, with their subscriptions.

use std::{
    collections::HashMap,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;

use super::shared::SharedSubscriptions;
use crate::{
    backplane::Subscription,
    connection::Peer,
    ids::{ConnectionId, GroupName, ShrinkSpare, UserId},
};

/// Who is connected here, and what is subscribed for each.
#[derive(Debug, Default)]
pub(super) struct Members {
    connections: Mutex<HashMap<ConnectionId, Member>>,
    pub(super) groups: SharedSubscriptions<GroupName>,
    pub(super) users: SharedSubscriptions<UserId>,
}

#[derive(Debug)]
struct Member {
    peer: Weak<Peer>,
    own: Arc<Subscription>,
    user: Option<(UserId, Arc<Subscription>)>,
    groups: HashMap<GroupName, Arc<Subscription>>,
}

impl Members {
    /// Adds a connection. Gives what must be confirmed before it gets all that others send to it.
    pub(super) fn add(
        &self,
        peer: &Arc<Peer>,
        own: Subscription,
        of_user: impl FnOnce(&UserId) -> Subscription,
    ) -> Vec<Arc<Subscription>> {
        let own = Arc::new(own);
        let user = peer.user.as_ref().map(|user| (user.clone(), self.users.get(user, || of_user(user))));
        let subscriptions = [Some(Arc::clone(&own)), user.as_ref().map(|(_, shared)| Arc::clone(shared))];
        let member = Member { peer: Arc::downgrade(peer), own, user, groups: HashMap::new() };
        let before = self.connections.lock().insert(peer.id.clone(), member);
        self.forget(before);
        subscriptions.into_iter().flatten().collect()
    }

    /// Removes a connection, and ends what was subscribed for it alone.
    pub(super) fn remove(&self, peer: &Peer) {
        let mut connections = self.connections.lock();
        let is_same = |member: &Member| std::ptr::eq(member.peer.as_ptr(), peer);
        if !connections.get(&peer.id).is_some_and(is_same) {
            return;
        }
        let removed = connections.remove(&peer.id);
        connections.shrink_spare();
        drop(connections);
        self.forget(removed);
    }

    fn forget(&self, member: Option<Member>) {
        let Some(Member { own, user, groups, .. }) = member else { return };
        drop(own);
        for (group, subscription) in groups {
            self.groups.leave(&group, subscription);
        }
        if let Some((user, subscription)) = user {
            self.users.leave(&user, subscription);
        }
    }

    pub(super) fn contains(&self, id: &ConnectionId) -> bool {
        self.connections.lock().contains_key(id)
    }

    /// The subscription of a group, for a connection of this process that joins it, and whether it was not in the group
    /// before. `None`: it is not here.
    pub(super) fn join(
        &self,
        id: &ConnectionId,
        group: &GroupName,
        subscribe: impl FnOnce() -> Subscription,
    ) -> Option<(Arc<Subscription>, bool)> {
        let mut connections = self.connections.lock();
        let member = connections.get_mut(id)?;
        if let Some(subscription) = member.groups.get(group) {
            return Some((Arc::clone(subscription), false));
        }
        let subscription = self.groups.get(group, subscribe);
        member.groups.insert(group.clone(), Arc::clone(&subscription));
        Some((subscription, true))
    }

    /// Does `join` if the connection is still to be in the group, by this subscription. No other join or leave comes
    /// between.
    pub(super) fn confirm<T>(
        &self,
        id: &ConnectionId,
        group: &GroupName,
        subscription: &Arc<Subscription>,
        join: impl FnOnce() -> T,
    ) -> Option<T> {
        let connections = self.connections.lock();
        let current = connections.get(id).and_then(|member| member.groups.get(group));
        current.is_some_and(|current| Arc::ptr_eq(current, subscription)).then(join)
    }

    /// The connection leaves a group, which `leave` does. Ends the subscription if it was the last member here.
    pub(super) fn leave(&self, id: &ConnectionId, group: &GroupName, leave: impl FnOnce()) {
        let mut connections = self.connections.lock();
        leave();
        let removed = connections.get_mut(id).and_then(|member| {
            let removed = member.groups.remove(group);
            member.groups.shrink_spare();
            removed
        });
        drop(connections);
        if let Some(subscription) = removed {
            self.groups.leave(group, subscription);
        }
    }

    /// How many groups have members here.
    #[cfg(test)]
    pub(super) fn groups_of(&self, id: &ConnectionId) -> usize {
        self.connections.lock().get(id).map_or(0, |member| member.groups.len())
    }
}
