//! Nodes and their connections at random: members come, change and leave, nodes are cut off, die and start, messages are
//! lost. Each watcher must be told of every change once and in order, and when it is quiet again, all nodes must know the
//! same members: those that are there.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use serde_json::Value;
use tokio::time::Instant;

use super::{
    Settings,
    table::{Sent, Table},
    told,
};
use crate::{
    backplane::MemoryCluster,
    ids::{ConnectionId, GroupName},
    lifetime::{Cluster, dice::Dice},
    protocol::{EncodedMessage, HubProtocol as _, JsonHubProtocol},
};

const HUB: &str = "Rooms";

/// The first shows who is in it, the second has more members than are listed.
const GROUPS: [&str; 2] = ["small", "large"];
const LIST_LIMIT: usize = 4;
const LEAVE_DELAY: Duration = Duration::from_secs(3);

/// How long after the last fault all must be right.
const QUIET: Duration = Duration::from_secs(15);

/// What one watcher has been told of a group.
#[derive(Debug, Default)]
struct Store {
    members: Option<BTreeMap<String, (u64, u64)>>,
    count: usize,
    /// How often each member has left.
    left: BTreeMap<String, usize>,
}

impl Store {
    fn take(&mut self, update: &Value) {
        if let Some(all) = update.get("members") {
            self.members = Some(all.as_array().unwrap().iter().map(member).collect());
        } else if update.as_object().unwrap().len() == 1 {
            self.members = None;
        } else {
            let members = self.members.as_mut().expect("changes come after all members");
            let listed = |name: &str| update.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
            for (key, shows) in listed("joined").iter().map(member) {
                assert!(members.insert(key, shows).is_none(), "it has joined before: {update}");
            }
            for (key, shows) in listed("changed").iter().map(member) {
                assert!(members.insert(key, shows).is_some(), "it has not joined: {update}");
            }
            for key in listed("left") {
                let key = key.as_str().unwrap();
                assert!(members.remove(key).is_some(), "it was not there: {update}");
                *self.left.entry(key.to_owned()).or_default() += 1;
            }
        }
        self.count = usize::try_from(update["count"].as_u64().unwrap()).unwrap();
        if let Some(members) = &self.members {
            assert_eq!(members.len(), self.count, "{update}");
        }
    }
}

fn member(member: &Value) -> (String, (u64, u64)) {
    (
        member["key"].as_str().unwrap().to_owned(),
        (member["meta"].as_u64().unwrap(), member["connections"].as_u64().unwrap()),
    )
}

struct Node {
    name: String,
    table: Table<u64>,
    is_cut_off: bool,
    subscribed: BTreeSet<GroupName>,
    stores: BTreeMap<String, Store>,
    /// What its connections show: connection and group to key and number.
    tracked: BTreeMap<(String, String), (String, u64)>,
}

struct Net {
    nodes: Vec<Node>,
    cluster: MemoryCluster,
    now: Instant,
    dice: Dice,
    /// One of so many messages is lost.
    loses: Option<u64>,
    numbers: u64,
    published: usize,
    leave_delay: Duration,
}

impl Net {
    fn new(seed: u64, nodes: usize) -> Self {
        Self::with(LEAVE_DELAY, seed, nodes)
    }

    fn with(leave_delay: Duration, seed: u64, nodes: usize) -> Self {
        let dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        let (cluster, now) = (MemoryCluster::new(), Instant::now());
        let mut net =
            Self { nodes: Vec::new(), cluster, now, dice, loses: None, numbers: 0, published: 0, leave_delay };
        for _ in 0..nodes {
            let node = net.node();
            net.nodes.push(node);
        }
        (0..nodes).for_each(|index| net.watch(index));
        net
    }

    fn node(&mut self) -> Node {
        self.numbers += 1;
        let name = format!("node{}", self.numbers);
        let backplane = std::sync::Arc::new(self.cluster.node(&name));
        let cluster = Cluster { backplane, hub: HUB.to_owned(), protocols: 1, command_timeout: Duration::from_secs(1) };
        let settings = Settings {
            cluster: Some(cluster),
            leave_delay: self.leave_delay,
            list_limit: LIST_LIMIT,
            member_size: 1024,
        };
        let (subscribed, stores, tracked) = Default::default();
        let mut table = Table::new(settings, self.now);
        table.begin(self.now);
        Node { name, table, is_cut_off: false, subscribed, stores, tracked }
    }

    /// A connection of the node watches both groups.
    fn watch(&mut self, index: usize) {
        for group in GROUPS {
            self.nodes[index].table.enter(&"watcher".into(), &group.into(), None, self.now);
        }
        self.subscribe(index);
    }

    fn track(&mut self, index: usize, connection: &str, group: &str, key: &str) {
        self.numbers += 1;
        let (number, node) = (self.numbers, &mut self.nodes[index]);
        node.table.enter(&connection.into(), &group.into(), Some((key.into(), number)), self.now);
        node.tracked.insert((connection.to_owned(), group.to_owned()), (key.to_owned(), number));
        self.subscribe(index);
    }

    fn untrack(&mut self, index: usize, connection: &str, group: &str) {
        let node = &mut self.nodes[index];
        node.table.leave(&connection.into(), &group.into(), self.now);
        node.tracked.remove(&(connection.to_owned(), group.to_owned()));
    }

    fn gone(&mut self, index: usize, connection: &str) {
        let node = &mut self.nodes[index];
        node.table.gone(&ConnectionId::from(connection), self.now);
        node.tracked.retain(|(other, _), _| other != connection);
    }

    /// The node is killed, and another one starts in its place.
    fn kill(&mut self, index: usize) {
        self.nodes[index] = self.node();
        self.watch(index);
    }

    fn reached(&mut self, index: usize, is_reached: bool) {
        self.nodes[index].is_cut_off = !is_reached;
        self.nodes[index].table.reached(is_reached, self.now);
    }

    /// Subscriptions are confirmed at once.
    fn subscribe(&mut self, index: usize) {
        let node = &mut self.nodes[index];
        for group in GROUPS.map(GroupName::from) {
            match (node.table.existing(&group).is_some(), node.subscribed.contains(&group)) {
                (true, false) => {
                    node.table.is_subscribed(&group, self.now);
                    node.subscribed.insert(group);
                }
                (false, true) => {
                    node.subscribed.remove(&group);
                }
                _ => {}
            }
        }
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let published = self.published;
            let next = (0..self.nodes.len()).filter_map(|index| self.turn(index)).min();
            match next {
                // What was published may be due earlier.
                _ if self.published > published => {}
                Some(next) if next <= end => self.now = next.max(self.now),
                _ => break,
            }
        }
        self.now = end;
    }

    fn turn(&mut self, index: usize) -> Option<Instant> {
        let (sent, next) = self.nodes[index].table.turn(1 << JsonHubProtocol.slot(), self.now);
        for sent in sent {
            match sent {
                Sent::Published(channel, payload) => self.publish(index, &channel, &payload),
                Sent::Introduced(channel, payload) => {
                    self.publish(index, &channel, &payload);
                    let others = self.nodes.len() - 1;
                    self.nodes[index].table.introduced_to(others, self.now);
                }
                Sent::Delivered(watchers, message) => self.deliver(index, &watchers, &message),
            }
        }
        self.subscribe(index);
        next
    }

    fn publish(&mut self, from: usize, channel: &str, payload: &Bytes) {
        self.published += 1;
        if self.nodes[from].is_cut_off {
            return;
        }
        for to in 0..self.nodes.len() {
            let is_lost = self.loses.is_some_and(|sides| self.dice.one_in(sides));
            let node = &mut self.nodes[to];
            if to == from || is_lost || node.is_cut_off {
                continue;
            }
            match channel.strip_prefix(&format!("{HUB}:presence:")) {
                None => node.table.notice(&told::read(payload).unwrap(), self.now),
                Some(group) => node.table.hear(&group.into(), told::read(payload).unwrap(), self.now),
            }
        }
    }

    fn deliver(&mut self, index: usize, watchers: &[ConnectionId], message: &EncodedMessage) {
        let bytes = message.get(&JsonHubProtocol).unwrap();
        let message: Value = serde_json::from_slice(&bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(message["target"], "hubs:presence");
        let (group, update) = (message["arguments"][0].as_str().unwrap(), &message["arguments"][1]);
        if watchers.contains(&"watcher".into()) {
            self.nodes[index].stores.entry(group.to_owned()).or_default().take(update);
        }
    }

    /// Who is there: each with what its newest connection shows, and the number of its connections.
    fn truth(&self, group: &str) -> BTreeMap<String, (u64, u64)> {
        let mut truth = BTreeMap::new();
        for ((_, other), (key, number)) in self.nodes.iter().flat_map(|node| &node.tracked) {
            if other == group {
                let member = truth.entry(key.clone()).or_insert((0, 0));
                *member = (member.0.max(*number), member.1 + 1);
            }
        }
        truth
    }

    fn check(&mut self) {
        for (index, group) in (0..self.nodes.len()).flat_map(|index| GROUPS.map(|group| (index, group))) {
            let (truth, now) = (self.truth(group), self.now);
            let node = &mut self.nodes[index];
            let view = node.table.view(&group.into(), now).unwrap();
            let list = view.list().into_iter().map(|seen| (seen.key.to_owned(), (*seen.meta, seen.connections.into())));
            assert_eq!(list.collect::<BTreeMap<_, _>>(), truth, "{} of {group}", node.name);
            let store = &node.stores[group];
            assert_eq!(store.count, truth.len(), "watcher at {} of {group}", node.name);
            if let Some(members) = &store.members {
                assert_eq!(*members, truth, "watcher at {} of {group}", node.name);
            }
        }
    }

    fn step(&mut self) {
        let index = usize::try_from(self.dice.below(self.nodes.len() as u64)).unwrap();
        let connection = format!("connection{}", self.dice.below(5));
        let group = GROUPS[usize::from(self.dice.one_in(2))];
        let keys = if group == "small" { 4 } else { 9 };
        let key = format!("key{}", self.dice.below(keys));
        match self.dice.below(24) {
            0..12 => self.track(index, &connection, group, &key),
            12..16 => self.untrack(index, &connection, group),
            16..18 => self.gone(index, &connection),
            18 => self.kill(index),
            19..21 => self.reached(index, false),
            21..23 => self.reached(index, true),
            _ => self.pass(Duration::from_secs(9)),
        }
        let millis = self.dice.below(600);
        self.pass(Duration::from_millis(millis));
    }
}

#[test]
fn all_nodes_know_who_is_there_whatever_was_lost() {
    for seed in 1..=300 {
        let mut net = Net::new(seed, 3);
        net.pass(Duration::from_secs(1));
        net.loses = (seed % 3 == 0).then_some(4);
        (0..60).for_each(|_| net.step());
        let has_lost = net.loses.take().is_some();
        for index in 0..3 {
            net.reached(index, true);
            if has_lost {
                // The next change shows which ones were lost without a sign of it.
                GROUPS.iter().for_each(|group| net.track(index, "last", group, "last"));
            }
        }
        net.pass(QUIET);
        net.check();
    }
}

#[test]
fn who_is_back_in_time_has_not_left() {
    let mut net = Net::new(1, 2);
    net.track(0, "phone", "small", "ann");
    net.pass(Duration::from_secs(1));
    // It comes back to the other node.
    net.gone(0, "phone");
    net.pass(LEAVE_DELAY - Duration::from_millis(500));
    net.track(1, "phone again", "small", "ann");
    net.pass(Duration::from_secs(10));
    net.check();
    assert!(net.nodes.iter().all(|node| node.stores["small"].left.is_empty()));
    net.gone(1, "phone again");
    net.pass(LEAVE_DELAY - Duration::from_millis(200));
    assert!(net.nodes.iter().all(|node| node.stores["small"].count == 1));
    net.pass(Duration::from_millis(600));
    net.check();
    assert!(net.nodes.iter().all(|node| node.stores["small"].left["ann"] == 1));
}

#[test]
fn members_of_a_killed_node_leave_within_15_s_and_those_of_a_node_that_ends_within_4() {
    for (is_killed, limit) in [(true, 15), (false, 4)] {
        let mut net = Net::new(1, 3);
        net.track(0, "phone", "small", "ann");
        net.pass(Duration::from_secs(60));
        if !is_killed {
            net.gone(0, "phone");
            let now = net.now;
            for sent in net.nodes[0].table.end(now) {
                if let Sent::Published(channel, payload) = sent {
                    net.publish(0, &channel, &payload);
                }
            }
        }
        net.nodes.remove(0);
        net.pass(Duration::from_secs(limit));
        net.check();
        assert!(net.nodes.iter().all(|node| node.stores["small"].left["ann"] == 1));
    }
}

#[test]
fn nothing_is_concluded_from_silence_while_this_node_is_cut_off() {
    let mut net = Net::new(1, 2);
    net.track(0, "phone", "small", "ann");
    net.pass(Duration::from_secs(1));
    net.reached(1, false);
    net.pass(Duration::from_secs(60));
    assert_eq!(net.nodes[1].stores["small"].count, 1);
    net.gone(0, "phone");
    net.reached(1, true);
    net.pass(Duration::from_secs(4));
    net.check();
    assert_eq!(net.nodes[1].stores["small"].left["ann"], 1);
}

#[test]
fn a_group_that_is_not_needed_any_more_is_forgotten_on_all_nodes() {
    let mut net = Net::new(1, 2);
    for group in GROUPS {
        net.track(0, "phone", group, "ann");
    }
    net.pass(Duration::from_secs(1));
    net.gone(0, "phone");
    (0..2).for_each(|index| net.gone(index, "watcher"));
    net.pass(Duration::from_secs(25));
    for (index, group) in (0..2).flat_map(|index| GROUPS.map(|group| (index, group))) {
        assert!(net.nodes[index].table.existing(&group.into()).is_none());
        assert_eq!(net.nodes[index].table.scheduled(), 0);
    }
}

#[test]
fn a_quiet_group_costs_other_nodes_nothing() {
    let mut net = Net::new(1, 3);
    net.track(0, "phone", "small", "ann");
    net.pass(Duration::from_secs(30));
    let before = net.published;
    net.pass(Duration::from_secs(50));
    assert_eq!(net.published - before, 3 * 20, "a beat of each node each 2.5 s");
}

#[test]
fn without_a_delay_nothing_flickers() {
    let mut net = Net::with(Duration::ZERO, 1, 2);
    net.track(0, "phone", "small", "ann");
    net.pass(Duration::from_secs(1));
    // Who comes and goes while changes are collected was not there.
    net.track(0, "visitor", "small", "bob");
    net.untrack(0, "visitor", "small");
    net.pass(Duration::from_secs(1));
    // The other node was not silent: this one did not hear it.
    net.reached(1, false);
    net.pass(Duration::from_secs(60));
    net.reached(1, true);
    net.pass(Duration::from_secs(10));
    net.check();
    assert!(net.nodes.iter().all(|node| node.stores["small"].left.is_empty()));
}

#[test]
fn all_nodes_list_members_in_the_order_in_which_they_have_joined() {
    let mut net = Net::new(1, 3);
    let keys = ["dora", "ann", "carl", "bob"];
    for (index, key) in keys.into_iter().enumerate() {
        net.track(index % 3, key, "small", key);
    }
    // What a member shows changes nothing about its place.
    net.track(0, "dora", "small", "dora");
    net.pass(Duration::from_secs(1));
    for node in &mut net.nodes {
        let view = node.table.view(&"small".into(), net.now).unwrap();
        assert_eq!(view.list().iter().map(|seen| seen.key).collect::<Vec<_>>(), keys, "{}", node.name);
    }
}
