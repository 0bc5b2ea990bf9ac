//! The rules of every manager, with connections on two nodes, of which each is told what concerns the other.

use std::sync::Arc;

use super::{TestNode, node};
use crate::{
    backplane::{Backplane, MemoryBackplane, MemoryCluster},
    connection::Peer,
    ids::{ConnectionId, GroupName},
    lifetime::{Answer, HubLifetimeManager, Target, spec::lifetime_spec},
    protocol::EncodedMessage,
};

/// Two nodes as one manager: a connection is on one of them, and what is done to it is asked of the other.
pub(super) struct Spread<B>([TestNode<B>; 2]);

impl<B: Backplane> Spread<B> {
    pub(super) fn of(nodes: [TestNode<B>; 2]) -> Self {
        let spread = Self(nodes);
        // Both hear commands, as nodes do that have connections.
        spread.0.iter().for_each(|node| _ = node.manager.shared.start());
        spread
    }

    fn own(&self, id: &ConnectionId) -> &dyn HubLifetimeManager {
        &*self.0[Self::index(id)].manager
    }

    fn other(&self, id: &ConnectionId) -> &dyn HubLifetimeManager {
        &*self.0[1 - Self::index(id)].manager
    }

    fn index(id: &ConnectionId) -> usize {
        usize::from(id.as_str().bytes().last().unwrap_or_default() % 2)
    }
}

impl<B: Backplane> HubLifetimeManager for Spread<B> {
    fn connect(&self, peer: Arc<Peer>) -> Answer<()> {
        self.own(&peer.id).connect(Arc::clone(&peer))
    }

    fn disconnect(&self, peer: &Peer) {
        self.own(&peer.id).disconnect(peer);
    }

    fn protocols(&self) -> u8 {
        self.0[0].manager.protocols()
    }

    fn protocols_of(&self, id: &ConnectionId) -> u8 {
        self.other(id).protocols_of(id)
    }

    fn send(&self, target: &Target, message: &EncodedMessage) -> Answer<()> {
        self.0[0].manager.send(target, message)
    }

    fn send_to(&self, id: &ConnectionId, message: &EncodedMessage) -> Answer<bool> {
        self.other(id).send_to(id, message)
    }

    fn add_to_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.other(id).add_to_group(id, group)
    }

    fn remove_from_group(&self, id: &ConnectionId, group: &GroupName) -> Answer<()> {
        self.other(id).remove_from_group(id, group)
    }

    fn result_id(&self, number: u64) -> String {
        self.0[0].manager.result_id(number)
    }

    fn result_number(&self, id: &str) -> Option<u64> {
        assert_eq!(self.0[1].manager.result_number(id), None, "another node has made it");
        self.0[0].manager.result_number(id)
    }
}

fn in_memory() -> Box<Spread<MemoryBackplane>> {
    let cluster = MemoryCluster::new();
    Box::new(Spread::of(["north", "south"].map(|name| node(&cluster, name))))
}

lifetime_spec!(in_memory());
