//! A part of the connections of a hub, with their groups and users. The lock around a shard is held only to look up and
//! append, never across a system call or an await.

use std::{
    collections::{HashMap, HashSet},
    hash::Hash,
    sync::Arc,
};

use indexmap::IndexMap;

use super::Target;
use crate::{
    connection::Peer,
    ids::{ConnectionId, GroupName, ShrinkSpare, UserId},
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
    groups: HashSet<GroupName>,
}

impl Shard {
    pub(super) fn connect(&mut self, peer: Arc<Peer>) {
        if let Some(user) = &peer.user {
            insert(&mut self.users, user, &peer);
        }
        self.members.insert(peer.id.clone(), Member { peer, groups: HashSet::new() });
    }

    pub(super) fn disconnect(&mut self, peer: &Peer) {
        let Some(member) = self.members.swap_remove(&peer.id) else { return };
        self.members.shrink_spare();
        for group in &member.groups {
            remove(&mut self.groups, group, &peer.id);
        }
        if let Some(user) = &peer.user {
            remove(&mut self.users, user, &peer.id);
        }
    }

    /// Adds a connection to a group. `false`: it is in `limit` others. An unknown connection is in none.
    pub(super) fn join(&mut self, id: &ConnectionId, group: &GroupName, limit: usize) -> bool {
        let Some(member) = self.members.get_mut(id) else { return true };
        if member.groups.len() >= limit && !member.groups.contains(group) {
            return false;
        }
        if member.groups.insert(group.clone()) {
            insert(&mut self.groups, group, &member.peer);
        }
        true
    }

    pub(super) fn leave(&mut self, id: &ConnectionId, group: &GroupName) {
        let Some(member) = self.members.get_mut(id) else { return };
        if member.groups.remove(group) {
            member.groups.shrink_spare();
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
        peers.shrink_spare();
        if peers.is_empty() {
            sets.remove(key);
            sets.shrink_spare();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;
    use crate::{connection::OutboxLimits, protocol::JsonHubProtocol};

    const MANY: usize = 100_000;

    fn connect(shard: &mut Shard, number: usize) -> Arc<Peer> {
        let limits = OutboxLimits::DEFAULT;
        let user = Some(UserId::from(format!("user {number}")));
        let peer = Arc::new(Peer::new(ConnectionId::from(number.to_string()), user, &JsonHubProtocol, limits));
        shard.connect(Arc::clone(&peer));
        peer
    }

    /// Case 73.
    #[tokio::test]
    async fn what_many_connections_needed_is_freed() {
        let mut shard = Shard::default();
        let stays = connect(&mut shard, 0);
        assert!(shard.join(&stays.id, &"all".into(), MANY));
        let peers: Vec<_> = (1..10_000).map(|number| connect(&mut shard, number)).collect();
        for (number, peer) in peers.iter().enumerate() {
            assert!(shard.join(&peer.id, &"all".into(), MANY));
            assert!(shard.join(&peer.id, &number.to_string().into(), MANY));
        }
        peers.iter().for_each(|peer| shard.disconnect(peer));
        let all = &shard.groups["all"];
        let rooms = [shard.members.capacity(), shard.groups.capacity(), shard.users.capacity(), all.capacity()];
        assert!(rooms.iter().all(|room| *room < 64), "{rooms:?}");
    }

    /// Takes minutes where each join looks through all the groups of its connection.
    #[tokio::test]
    async fn a_connection_may_be_in_many_groups() {
        let (done, is_done) = mpsc::channel();
        let mut shard = Shard::default();
        let peer = connect(&mut shard, 1);
        thread::spawn(move || {
            let names: Vec<_> = (0..MANY).map(|number| GroupName::from(number.to_string())).collect();
            names.iter().for_each(|name| assert!(shard.join(&peer.id, name, MANY)));
            names.iter().rev().for_each(|name| shard.leave(&peer.id, name));
            done.send(shard.groups.len()).ok();
        });
        assert_eq!(is_done.recv_timeout(Duration::from_secs(20)), Ok(0), "in time");
    }
}
