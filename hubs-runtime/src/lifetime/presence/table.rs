//! All groups of one hub that this node follows, and what its connections do in them. Without I/O; what is to be sent is
//! collected, and given out in order.

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BinaryHeap, HashMap, HashSet},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use serde::Serialize;
use tokio::time::Instant;

use super::{
    Key, Settings,
    group::{Group, Out},
    nodes::{BEAT, Nodes},
    told::{self, Notice, Told},
    view::{Update, View},
};
use crate::{
    ids::{ConnectionId, GroupName, ShrinkSpare},
    protocol::{EncodedMessage, Outgoing, Payload},
};

/// The method of clients that updates call.
const TARGET: &str = "hubs:presence";

/// What a turn sends.
#[derive(Debug)]
pub(super) enum Sent {
    /// To other nodes.
    Published(String, Bytes),
    /// The same, and to how many it went is of interest.
    Introduced(String, Bytes),
    /// To connections of this node.
    Delivered(Vec<ConnectionId>, EncodedMessage),
}

/// What a connection does in a group.
struct Place {
    group: GroupName,
    /// As which member it is shown; `None`: it watches.
    key: Option<Key>,
}

pub(super) struct Table<M> {
    pub(super) settings: Settings,
    groups: HashMap<GroupName, Group<M>>,
    connections: HashMap<ConnectionId, Vec<Place>>,
    nodes: Nodes,
    /// When which group has to be looked at.
    due: BinaryHeap<Reverse<(Instant, GroupName)>>,
    /// The last time that was given to something.
    stamp: u64,
    /// Whether the other nodes are reached.
    is_reached: bool,
    beats: Option<Instant>,
    /// Whether the next beat asks who else runs.
    is_new: bool,
    sent: Vec<Sent>,
}

impl<M: Serialize> Table<M> {
    pub(super) fn new(settings: Settings, now: Instant) -> Self {
        let (groups, connections, due) = Default::default();
        Self {
            nodes: Nodes::new(settings.cluster.is_some(), now),
            settings,
            groups,
            connections,
            due,
            stamp: 0,
            is_reached: true,
            beats: None,
            is_new: true,
            sent: Vec::new(),
        }
    }

    /// In how many groups a connection is.
    pub(super) fn places(&self, connection: &ConnectionId) -> usize {
        self.connections.get(connection).map_or(0, Vec::len)
    }

    pub(super) fn is_in(&self, connection: &ConnectionId, group: &GroupName) -> bool {
        self.connections.get(connection).is_some_and(|places| places.iter().any(|place| place.group == *group))
    }

    /// How often connections of this node are shown as members.
    pub(super) fn tracked(&self) -> usize {
        self.connections.values().flatten().filter(|place| place.key.is_some()).count()
    }

    /// A connection is shown in a group as this member, or only watches it.
    pub(super) fn enter(&mut self, connection: &ConnectionId, name: &GroupName, shown: Option<(Key, M)>, now: Instant) {
        let stamp = self.stamp();
        let places = self.connections.entry(connection.clone()).or_default();
        let at = places.iter().position(|place| place.group == *name).unwrap_or_else(|| {
            places.push(Place { group: name.clone(), key: None });
            places.len() - 1
        });
        let key = shown.as_ref().map(|(key, _)| Arc::clone(key));
        let before = std::mem::replace(&mut places[at].key, key.clone());
        let group = self.group(name, now);
        group.watch(connection);
        if let Some(before) = before.filter(|before| Some(before) != key.as_ref()) {
            group.parts.untrack(connection, &before);
        }
        if let Some((key, meta)) = shown {
            group.parts.track(connection, &key, meta, stamp);
        }
        self.touch(name, now);
    }

    /// A connection is in a group no more.
    pub(super) fn leave(&mut self, connection: &ConnectionId, name: &GroupName, now: Instant) {
        let Some(places) = self.connections.get_mut(connection) else { return };
        let Some(at) = places.iter().position(|place| place.group == *name) else { return };
        let place = places.swap_remove(at);
        if places.is_empty() {
            self.connections.remove(connection);
            self.connections.shrink_spare();
        }
        self.left(connection, place, true, now);
    }

    /// A connection has ended.
    pub(super) fn gone(&mut self, connection: &ConnectionId, now: Instant) {
        let places = self.connections.remove(connection);
        self.connections.shrink_spare();
        for place in places.into_iter().flatten() {
            self.left(connection, place, false, now);
        }
    }

    fn left(&mut self, connection: &ConnectionId, place: Place, is_there: bool, now: Instant) {
        let Some(group) = self.groups.get_mut(&place.group) else { return };
        if let Some(key) = place.key {
            group.parts.untrack(connection, &key);
        }
        group.unwatch(connection, is_there);
        self.touch(&place.group, now);
    }

    /// The group, which this node follows from now on.
    pub(super) fn group(&mut self, name: &GroupName, now: Instant) -> &mut Group<M> {
        if !self.groups.contains_key(name) {
            let others = self.nodes.introduction().is_none().then(|| self.nodes.all().cloned().collect());
            let group = Group::new(self.stamp(), others, now);
            self.groups.insert(name.clone(), group);
            self.touch(name, now);
        }
        self.groups.entry(name.clone()).or_insert_with(|| Group::new(0, None, now))
    }

    pub(super) fn existing(&mut self, name: &GroupName) -> Option<&mut Group<M>> {
        self.groups.get_mut(name)
    }

    /// Who is in a group now, if this node follows it.
    pub(super) fn view(&mut self, name: &GroupName, now: Instant) -> Option<&View<M>> {
        let leave_delay = self.settings.leave_delay;
        self.groups.get_mut(name).map(|group| group.settled(leave_delay, now))
    }

    /// The group has changed.
    pub(super) fn touch(&mut self, name: &GroupName, now: Instant) {
        if let Some(group) = self.groups.get_mut(name) {
            group.is_due(now);
            schedule(&mut self.due, name, group);
        }
    }

    /// The time now, in microseconds since 1970, and later than the last one.
    fn stamp(&mut self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        self.stamp = u64::try_from(now.as_micros()).unwrap_or(u64::MAX).max(self.stamp + 1);
        self.stamp
    }

    /// This node hears from now on what other nodes tell of themselves.
    pub(super) fn begin(&mut self, now: Instant) {
        self.beats = Some(now);
    }

    /// So many other nodes have been told that this one runs, and answer.
    pub(super) fn introduced_to(&mut self, others: usize, now: Instant) {
        self.nodes.introduced_to(others);
        self.introduce(now);
    }

    fn introduce(&mut self, now: Instant) {
        if self.nodes.are_known(now) {
            let others: HashSet<_> = self.nodes.all().cloned().collect();
            self.for_all(now, |group| group.others_are(others.clone()));
        }
    }

    /// Other nodes tell of a group from now on.
    pub(super) fn is_subscribed(&mut self, name: &GroupName, now: Instant) {
        if let Some(group) = self.groups.get_mut(name) {
            group.ask(None);
            self.touch(name, now);
        }
    }

    /// Another node has told of a group.
    pub(super) fn hear(&mut self, name: &GroupName, told: Told<'_, M>, now: Instant) {
        self.heard(told.node(), now);
        if let Some(group) = self.groups.get_mut(name) {
            group.hear(told);
            self.touch(name, now);
        }
    }

    /// Another node has something to say of itself, or asks.
    pub(super) fn notice(&mut self, notice: &Notice<'_>, now: Instant) {
        match notice {
            // It tells all of its members by itself.
            Notice::Alive { node, new: true } => {
                self.nodes.heard(node, now);
                self.introduce(now);
                self.beats = Some(now);
            }
            Notice::Alive { node, new: false } => self.heard(node, now),
            Notice::Leaving { node } => {
                self.nodes.forget(node);
                self.forget(node, now);
            }
            Notice::Ask { node, group, of } => {
                self.heard(node, now);
                if of.as_deref().is_none_or(|of| of == self.node()) {
                    self.asked(&GroupName::from(&**group), now);
                }
            }
        }
    }

    fn asked(&mut self, name: &GroupName, now: Instant) {
        if let Some(group) = self.groups.get_mut(name) {
            group.parts.tell_all();
            return self.touch(name, now);
        }
        let none: Told<'_, ()> = Told::All { node: self.node().to_owned().into(), version: 0, members: Vec::new() };
        self.publish(Some(name), &none);
    }

    fn heard(&mut self, node: &str, now: Instant) {
        if self.nodes.heard(node, now) {
            let node: Arc<str> = node.into();
            self.for_all(now, |group| group.ask(Some(Arc::clone(&node))));
            self.introduce(now);
        }
    }

    /// A node and its members are gone.
    fn forget(&mut self, node: &str, now: Instant) {
        self.for_all(now, |group| group.forget(node));
    }

    fn for_all(&mut self, now: Instant, act: impl Fn(&mut Group<M>)) {
        for (name, group) in &mut self.groups {
            act(group);
            group.is_due(now);
            schedule(&mut self.due, name, group);
        }
    }

    /// The other nodes are reached, or not. Meanwhile nothing is concluded from their silence; afterwards each tells the
    /// others all.
    pub(super) fn reached(&mut self, is_reached: bool, now: Instant) {
        if is_reached && !self.is_reached {
            self.nodes.pardon(now);
            (self.beats, self.is_new) = (Some(now), true);
            self.for_all(now, |group| {
                group.parts.tell_all();
                group.ask(None);
            });
        }
        self.is_reached = is_reached;
    }

    /// Does what is due. Gives what is to be sent, and when the next turn is.
    pub(super) fn turn(&mut self, protocols: u8, now: Instant) -> (Vec<Sent>, Option<Instant>) {
        self.introduce(now);
        if self.beats.is_some_and(|at| at <= now) {
            self.beat(now);
        }
        while let Some(Reverse((at, _))) = self.due.peek()
            && *at <= now
        {
            let Some(Reverse((at, name))) = self.due.pop() else { break };
            // What was scheduled before something earlier is over.
            let is_current = |group: &&mut Group<M>| group.scheduled == Some(at);
            let Some(group) = self.groups.get_mut(&name).filter(is_current) else { continue };
            group.scheduled = None;
            let mut out = Collected { settings: &self.settings, name: &name, protocols, sent: &mut self.sent };
            group.turn(&self.settings, now, &mut out);
            if group.is_idle() {
                self.groups.remove(&name);
                self.groups.shrink_spare();
            } else {
                schedule(&mut self.due, &name, group);
            }
        }
        let next = self.due.peek().map(|Reverse((at, _))| *at);
        let times = [next, self.beats, self.nodes.introduction()];
        (std::mem::take(&mut self.sent), times.into_iter().flatten().min())
    }

    /// Tells that this node runs, and looks for nodes that do not any more.
    fn beat(&mut self, now: Instant) {
        let new = std::mem::take(&mut self.is_new);
        let node = self.node().to_owned();
        let alive = message(&self.settings, None, &Notice::Alive { node: node.into(), new });
        let kind = if new { Sent::Introduced } else { Sent::Published };
        self.sent.extend(alive.map(|(channel, payload)| kind(channel, payload)));
        self.beats = Some(now + BEAT);
        if self.is_reached {
            for node in self.nodes.silent(now) {
                tracing::debug!(%node, "another node is silent, so its members leave");
                self.forget(&node, now);
            }
        }
    }

    /// Tells all that other nodes do not know yet, and that this one is about to end.
    pub(super) fn end(&mut self, now: Instant) -> Vec<Sent> {
        self.beats = None;
        for (name, group) in &mut self.groups {
            let mut out = Collected { settings: &self.settings, name, protocols: 0, sent: &mut self.sent };
            group.turn(&self.settings, now, &mut out);
        }
        let node = self.node().to_owned();
        self.publish(None, &Notice::Leaving { node: node.into() });
        std::mem::take(&mut self.sent)
    }

    /// How many groups wait to be looked at.
    #[cfg(test)]
    pub(super) fn scheduled(&self) -> usize {
        self.due.len()
    }

    fn node(&self) -> &str {
        self.settings.cluster.as_ref().map_or("", |cluster| cluster.backplane.node())
    }

    fn publish(&mut self, group: Option<&GroupName>, told: &impl Serialize) {
        publish(&self.settings, &mut self.sent, group, told);
    }
}

/// Queues what other nodes are told, of a group or of none.
fn publish(settings: &Settings, sent: &mut Vec<Sent>, group: Option<&GroupName>, told: &impl Serialize) {
    sent.extend(message(settings, group, told).map(|(channel, payload)| Sent::Published(channel, payload)));
}

/// What other nodes are told, and where.
fn message(settings: &Settings, group: Option<&GroupName>, told: &impl Serialize) -> Option<(String, Bytes)> {
    let cluster = settings.cluster.as_ref()?;
    Some((told::channel(&cluster.hub, group), told::write(told)?))
}

/// A group is looked at when it is next to be.
fn schedule<M: Serialize>(due: &mut BinaryHeap<Reverse<(Instant, GroupName)>>, name: &GroupName, group: &mut Group<M>) {
    let Some(next) = group.next() else { return };
    if group.scheduled.is_none_or(|scheduled| next < scheduled) {
        group.scheduled = Some(next);
        due.push(Reverse((next, name.clone())));
    }
}

/// What a turn of one group gives out.
struct Collected<'a> {
    settings: &'a Settings,
    name: &'a GroupName,
    protocols: u8,
    sent: &'a mut Vec<Sent>,
}

impl<M: Serialize> Out<M> for Collected<'_> {
    fn publish(&mut self, told: Told<'_, &M>) {
        publish(self.settings, self.sent, Some(self.name), &told);
    }

    fn ask(&mut self, of: Option<&str>) {
        let Some(cluster) = &self.settings.cluster else { return };
        let node = cluster.backplane.node().into();
        let ask = Notice::Ask { node, group: self.name.as_str().into(), of: of.map(Cow::Borrowed) };
        publish(self.settings, self.sent, None, &ask);
    }

    fn update(&mut self, watchers: Vec<ConnectionId>, update: Option<&Update<'_, M>>) {
        let group = self.name.as_str();
        let arguments: [&dyn Payload; 2] = [&group, &update];
        let message = Outgoing::Invocation { id: None, target: TARGET, arguments: &arguments };
        match EncodedMessage::new(&message, self.protocols) {
            Ok(message) => self.sent.push(Sent::Delivered(watchers, message)),
            Err(error) => tracing::error!(group, %error, "what members show cannot be written"),
        }
    }
}
