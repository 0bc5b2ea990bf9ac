//! One group as this node follows it: its members, who watches them here, and when the group has to be looked at. Without
//! I/O; the time is passed in.

use std::{
    collections::{BTreeSet, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use serde::Serialize;
use tokio::{sync::watch, time::Instant};

use super::{
    Settings,
    parts::{Heard, Parts},
    told::Told,
    view::{Update, View},
};
use crate::{
    backplane::Subscription,
    ids::{ConnectionId, ShrinkSpare},
};

/// How long changes are collected.
const COLLECTED: Duration = Duration::from_millis(100);

/// How long after a change other nodes are told again which version they should have.
const REPEATED: [Duration; 3] = [Duration::from_secs(5), Duration::from_secs(10), Duration::from_secs(20)];

/// How long the other nodes may take to tell of a group that this one begins to follow.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often one node is asked for all of its members.
const ASKED_AGAIN: Duration = Duration::from_secs(1);

/// How long a group is followed that was asked for, and that no connection of this node watches.
const HELD: Duration = Duration::from_secs(10);

/// What a turn of a group gives out.
pub(super) trait Out<M> {
    /// For other nodes.
    fn publish(&mut self, told: Told<'_, &M>);
    /// All members are asked for, of one node or of each.
    fn ask(&mut self, of: Option<&str>);
    /// For connections of this node. Nothing: they do not see the group any more.
    fn update(&mut self, watchers: Vec<ConnectionId>, update: Option<&Update<'_, M>>);
}

pub(super) struct Group<M> {
    pub(super) parts: Parts<M>,
    view: View<M>,
    watchers: HashSet<ConnectionId>,
    /// Who watches, and was not told all members yet.
    new: HashSet<ConnectionId>,
    /// Who has watched, and was not told so yet.
    former: Vec<ConnectionId>,
    /// What is not known yet.
    awaited: Option<Awaited>,
    /// Whether it is known on this node who is in the group.
    pub(super) known: watch::Sender<bool>,
    /// The nodes that are to be asked for their members; `None` for each.
    asks: BTreeSet<Option<Arc<str>>>,
    asked: Option<Instant>,
    repeats: VecDeque<Instant>,
    held_until: Option<Instant>,
    /// When what has changed is given out.
    due: Option<Instant>,
    /// When the hub checks it next.
    pub(super) scheduled: Option<Instant>,
    pub(super) subscription: Option<Subscription>,
}

/// The members of other nodes, which are not known yet.
struct Awaited {
    /// The nodes that have not told them; `None`: it is not known which nodes there are.
    others: Option<HashSet<Arc<str>>>,
    /// How long they may take.
    until: Instant,
}

impl<M: Serialize> Group<M> {
    /// `others`: the other nodes, if they are known.
    pub(super) fn new(version: u64, others: Option<HashSet<Arc<str>>>, now: Instant) -> Self {
        let (watchers, new, former, asks, repeats) = Default::default();
        let is_known = others.as_ref().is_some_and(HashSet::is_empty);
        Self {
            parts: Parts::new(version),
            view: View::default(),
            watchers,
            new,
            former,
            awaited: (!is_known).then_some(Awaited { others, until: now + PATIENCE }),
            known: watch::Sender::new(is_known),
            asks,
            asked: None,
            repeats,
            held_until: None,
            due: None,
            scheduled: None,
            subscription: None,
        }
    }

    pub(super) fn watch(&mut self, connection: &ConnectionId) {
        if !self.watchers.contains(connection) {
            self.former.retain(|former| former != connection);
            self.new.insert(connection.clone());
        }
    }

    pub(super) fn unwatch(&mut self, connection: &ConnectionId, is_there: bool) {
        let watched = self.watchers.remove(connection) | self.new.remove(connection);
        self.watchers.shrink_spare();
        self.new.shrink_spare();
        if watched && is_there {
            self.former.push(connection.clone());
        }
    }

    /// It is asked for on this node.
    pub(super) fn hold(&mut self, now: Instant) {
        self.held_until = Some(now + HELD);
    }

    /// The nodes are to be asked for their members.
    pub(super) fn ask(&mut self, of: Option<Arc<str>>) {
        self.asks.insert(of);
    }

    /// What another node has told.
    pub(super) fn hear(&mut self, told: Told<'_, M>) {
        let node: Arc<str> = told.node().into();
        match self.parts.hear(told) {
            Heard::Taken => {}
            Heard::All => self.heard_all(&node),
            Heard::Missed => self.ask(Some(node)),
        }
    }

    fn heard_all(&mut self, node: &str) {
        if let Some(others) = self.awaited.as_mut().and_then(|awaited| awaited.others.as_mut()) {
            others.remove(node);
            if others.is_empty() {
                self.is_known();
            }
        }
    }

    /// These are the other nodes, of which some may have told their members.
    pub(super) fn others_are(&mut self, mut others: HashSet<Arc<str>>) {
        let Some(awaited) = &mut self.awaited else { return };
        self.parts.others().for_each(|other| _ = others.remove(other));
        if others.is_empty() {
            return self.is_known();
        }
        awaited.others = Some(others);
    }

    fn is_known(&mut self) {
        self.awaited = None;
        self.known.send_replace(true);
    }

    /// Another node is gone.
    pub(super) fn forget(&mut self, node: &str) {
        self.parts.forget(node);
        self.heard_all(node);
    }

    /// Who is there now.
    pub(super) fn settled(&mut self, leave_delay: Duration, now: Instant) -> &View<M> {
        self.view.settle(&mut self.parts, leave_delay, now);
        &self.view
    }

    /// Gives out what is due.
    pub(super) fn turn(&mut self, settings: &Settings, now: Instant, out: &mut impl Out<M>) {
        self.due = self.due.filter(|due| *due > now);
        self.held_until = self.held_until.filter(|until| *until > now);
        if self.awaited.as_ref().is_some_and(|awaited| awaited.until <= now) {
            self.is_known();
        }
        self.tell_nodes(settings, now, out);
        self.settled(settings.leave_delay, now);
        self.tell_watchers(settings, now, out);
    }

    fn tell_nodes(&mut self, settings: &Settings, now: Instant, out: &mut impl Out<M>) {
        let Some(cluster) = &settings.cluster else { return self.parts.tell("", |_| {}) };
        let node = cluster.backplane.node();
        if self.parts.is_untold() {
            self.parts.tell(node, |told| out.publish(told));
            self.repeats = REPEATED.map(|after| now + after).into();
        }
        while self.repeats.pop_front_if(|at| *at <= now).is_some() {
            out.publish(Told::Version { node: node.into(), version: self.parts.version() });
        }
        if self.asked.is_none_or(|asked| asked + ASKED_AGAIN <= now) && !self.asks.is_empty() {
            self.asked = Some(now);
            let asks = std::mem::take(&mut self.asks);
            let ask_all = asks.contains(&None);
            asks.iter().filter(|of| of.is_none() || !ask_all).for_each(|of| out.ask(of.as_deref()));
        }
    }

    fn tell_watchers(&mut self, settings: &Settings, now: Instant, out: &mut impl Out<M>) {
        let former = std::mem::take(&mut self.former);
        if !former.is_empty() {
            out.update(former, None);
        }
        if self.awaited.is_some() {
            return;
        }
        if let Some(update) = self.view.update(settings.list_limit, now)
            && !self.watchers.is_empty()
        {
            out.update(self.watchers.iter().cloned().collect(), Some(&update));
        }
        if !self.new.is_empty() {
            out.update(self.new.iter().cloned().collect(), Some(&self.view.whole()));
            self.watchers.extend(std::mem::take(&mut self.new));
        }
    }

    /// Something has changed, which is given out soon, together with what else changes until then.
    pub(super) fn is_due(&mut self, now: Instant) {
        self.due.get_or_insert(now + COLLECTED);
    }

    /// When it has to be looked at again, though nothing changes.
    pub(super) fn next(&self) -> Option<Instant> {
        let asks = (!self.asks.is_empty()).then_some(self.asked).flatten().map(|asked| asked + ASKED_AGAIN);
        let awaited = self.awaited.as_ref().map(|awaited| awaited.until);
        let times = [self.due, self.view.next(), self.repeats.front().copied(), asks, awaited, self.held_until];
        times.into_iter().flatten().min()
    }

    /// Whether this node needs it no more.
    pub(super) fn is_idle(&self) -> bool {
        let is_watched = !(self.watchers.is_empty() && self.new.is_empty() && self.former.is_empty());
        let has_members = self.parts.has_own() || self.parts.is_untold() || !self.repeats.is_empty();
        self.held_until.is_none() && !is_watched && !has_members && self.view.next().is_none()
    }
}
