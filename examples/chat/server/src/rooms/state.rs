//! All rooms, as plain data: who may enter, what happens when the last one leaves. Must not know about locks or clocks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use chat_contract::{Member, RoomSummary};
use hubs::{HubError, HubResult};

use super::room::Room;

/// Rooms that stay when they are empty.
const ALWAYS: [&str; 3] = ["lobby", "rust", "typescript"];
/// Most rooms at a time.
pub(super) const MOST_ROOMS: usize = 50;
/// Most rooms one connection may be in.
pub(super) const MOST_ROOMS_EACH: usize = 10;

/// A person who is no longer in a room.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) room: String,
    pub(crate) user: String,
}

/// What is to be published after something changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The list of rooms, for everyone.
    pub(crate) rooms: Vec<RoomSummary>,
    /// For each room in which something changed: its name and who is there.
    pub(crate) members: Vec<(String, Vec<Member>)>,
}

#[derive(Debug)]
pub(super) struct State {
    rooms: BTreeMap<String, Room>,
    /// Rooms where a person came or left, and clients were not told yet.
    changed: BTreeSet<String>,
}

impl State {
    pub(super) fn new() -> Self {
        let rooms = ALWAYS.map(|name| (name.to_owned(), Room::default())).into();
        Self { rooms, changed: BTreeSet::new() }
    }

    pub(super) fn summaries(&self) -> Vec<RoomSummary> {
        self.rooms.iter().map(|(name, room)| room.summary(name)).collect()
    }

    /// Lets a connection into a room, made if need be. Returns whether it is new there.
    pub(super) fn enter(&mut self, name: &str, connection: &str, user: &str) -> HubResult<bool> {
        let known = self.rooms.get(name);
        if known.is_none() && self.rooms.len() >= MOST_ROOMS {
            return Err(HubError::client("There are enough rooms already. Please join one of them."));
        }
        let inside = known.is_some_and(|room| room.member(connection).is_some());
        let rooms = self.rooms.values().filter(|room| room.member(connection).is_some()).count();
        if !inside && rooms >= MOST_ROOMS_EACH {
            return Err(HubError::client("You are in many rooms already. Please leave one first."));
        }
        self.changed.insert(name.to_owned());
        Ok(self.rooms.entry(name.to_owned()).or_default().enter(connection, user))
    }

    /// Who is in a room, in the order they came.
    pub(super) fn members(&self, name: &str) -> Vec<Member> {
        self.rooms.get(name).map(|room| room.members().to_vec()).unwrap_or_default()
    }

    /// Lets a connection out of a room, if it is in.
    pub(super) fn leave(&mut self, name: &str, connection: &str) -> Option<Departure> {
        let room = self.rooms.get_mut(name)?;
        let Member { user, .. } = room.leave(connection)?;
        if room.is_empty() && !ALWAYS.contains(&name) {
            self.rooms.remove(name);
        }
        self.changed.insert(name.to_owned());
        Some(Departure { room: name.to_owned(), user })
    }

    pub(super) fn leave_all(&mut self, connection: &str) -> Vec<Departure> {
        let names: Vec<String> = self.rooms.keys().cloned().collect();
        names.iter().filter_map(|name| self.leave(name, connection)).collect()
    }

    /// The name of a connection in a room.
    pub(super) fn user(&self, name: &str, connection: &str) -> HubResult<String> {
        let member = self.rooms.get(name).and_then(|room| room.member(connection));
        let outside = || HubError::client(format!("You are not in #{name}. Please join it first."));
        Ok(member.ok_or_else(outside)?.user.clone())
    }

    /// How many people are anywhere, and how many rooms are not empty.
    pub(super) fn busy(&self) -> (usize, usize) {
        let people = self.rooms.values().flat_map(Room::members).map(|member| &member.connection_id);
        (people.collect::<HashSet<_>>().len(), self.rooms.values().filter(|room| !room.is_empty()).count())
    }

    /// What changed since the last time, if anything did.
    pub(super) fn take_changes(&mut self) -> Option<Changes> {
        let changed = std::mem::take(&mut self.changed);
        if changed.is_empty() {
            return None;
        }
        let members = changed
            .into_iter()
            .filter_map(|name| self.rooms.get(&name).map(|room| room.members().to_vec()).map(|members| (name, members)))
            .collect();
        Some(Changes { rooms: self.summaries(), members })
    }
}
