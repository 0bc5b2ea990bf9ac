//! A part of the connections of a hub, with their groups and users. The lock around a shard is held only to look up and
//! append, never across a system call or an await.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use indexmap::IndexMap;

use super::Target;
use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName, UserId},
};

#[derive(Default)]
pub(super) struct Shard {
    members: IndexMap<ConnectionId, Member>,
    groups: HashMap<GroupName, Peers>,
    users: HashMap<UserId, Peers>,
}

/// Dense, so that a broadcast walks through memory in order.
type Peers = IndexMap<ConnectionId, Arc<Peer>>;

struct Member {
    peer: Arc<Peer>,
    groups: Vec<GroupName>,
}

impl Shard {
    pub(super) fn connect(&mut self, peer: Arc<Peer>) {
        if let Some(user) = &peer.user {
            insert(&mut self.users, user, &peer);
        }
        self.members.insert(peer.id.clone(), Member { peer, groups: Vec::new() });
    }

    pub(super) fn disconnect(&mut self, peer: &Peer) {
        let Some(member) = self.members.swap_remove(&peer.id) else { return };
        for group in &member.groups {
            remove(&mut self.groups, group, &peer.id);
        }
        if let Some(user) = &peer.user {
            remove(&mut self.users, user, &peer.id);
        }
    }

    pub(super) fn join(&mut self, id: &ConnectionId, group: &GroupName) {
        let Some(member) = self.members.get_mut(id) else { return };
        if !member.groups.contains(group) {
            member.groups.push(group.clone());
            insert(&mut self.groups, group, &member.peer);
        }
    }

    pub(super) fn leave(&mut self, id: &ConnectionId, group: &GroupName) {
        let Some(member) = self.members.get_mut(id) else { return };
        if let Some(at) = member.groups.iter().position(|name| name == group) {
            member.groups.swap_remove(at);
            remove(&mut self.groups, group, id);
        }
    }

    pub(super) fn peer(&self, id: &ConnectionId) -> Option<&Arc<Peer>> {
        self.members.get(id).map(|member| &member.peer)
    }

    pub(super) fn peers(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.members.values().map(|member| &member.peer)
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &GroupName> {
        self.groups.keys()
    }

    /// Visits every receiver of this shard.
    pub(super) fn visit(&self, target: &Target, visit: impl FnMut(&Arc<Peer>)) {
        match target {
            Target::All { except } => self.peers().filter(|peer| !except.contains(&peer.id)).for_each(visit),
            Target::Connections(ids) => ids.iter().filter_map(|id| self.peer(id)).for_each(visit),
            Target::Groups { names, except } => {
                let members = names.iter().filter_map(|name| self.groups.get(name)).flat_map(IndexMap::values);
                members.filter(|peer| !except.contains(&peer.id)).for_each(visit);
            }
            Target::Users(ids) => {
                let peers = ids.iter().filter_map(|id| self.users.get(id)).flat_map(IndexMap::values);
                peers.for_each(visit);
            }
        }
    }
}

fn insert<K: Clone + Eq + Hash>(sets: &mut HashMap<K, Peers>, key: &K, peer: &Arc<Peer>) {
    sets.entry(key.clone()).or_default().insert(peer.id.clone(), Arc::clone(peer));
}

fn remove<K: Eq + Hash>(sets: &mut HashMap<K, Peers>, key: &K, id: &ConnectionId) {
    if let Some(peers) = sets.get_mut(key) {
        peers.swap_remove(id);
        if peers.is_empty() {
            sets.remove(key);
        }
    }
}
