//! All rooms, as plain data: who may enter, what happens when the last one leaves. Must not know about locks or clocks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chat_contract::{Member, RoomSummary};
use hubs::{HubError, HubResult};
use tokio::time::Instant;

use super::person::Person;

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

/// What the pages of this node are to be told after something changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The list of rooms.
    pub(crate) rooms: Vec<RoomSummary>,
    /// The pages of this node, which all get it.
    pub(crate) pages: Vec<String>,
    /// Each room in which something changed.
    pub(crate) changed: Vec<Changed>,
}

/// A room in which people came or left.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) room: String,
    /// Who is there, on all nodes.
    pub(crate) members: Vec<Member>,
    /// The pages of this node that are there.
    pub(crate) pages: Vec<String>,
}

/// The people on another node.
#[derive(Debug)]
struct Elsewhere {
    people: HashSet<Person>,
    heard: Instant,
}

#[derive(Debug, Default)]
pub(super) struct State {
    /// The pages that are connected to this node, in a room or not.
    pages: BTreeSet<String>,
    /// Who is in which room, on this node.
    here: Vec<Person>,
    /// By the name of their node.
    elsewhere: HashMap<String, Elsewhere>,
    /// Rooms where a person came or left, and pages were not told yet.
    changed: BTreeSet<String>,
}

impl State {
    pub(super) fn connect(&mut self, connection: &str) {
        self.pages.insert(connection.to_owned());
    }

    /// Lets a connection into a room, made if need be. Returns whether it is new there.
    pub(super) fn enter(&mut self, name: &str, connection: &str, user: &str, since: u64) -> HubResult<bool> {
        if let Some(person) = self.here.iter_mut().find(|person| person.is(name, connection)) {
            user.clone_into(&mut person.user);
            self.changed.insert(name.to_owned());
            return Ok(false);
        }
        let rooms = self.sizes();
        if !rooms.contains_key(name) && rooms.len() >= MOST_ROOMS {
            return Err(HubError::client("There are enough rooms already. Please join one of them."));
        }
        if self.here.iter().filter(|person| person.connection == connection).count() >= MOST_ROOMS_EACH {
            return Err(HubError::client("You are in many rooms already. Please leave one first."));
        }
        let [room, connection, user] = [name, connection, user].map(str::to_owned);
        self.here.push(Person { room, connection, user, since });
        self.changed.insert(name.to_owned());
        Ok(true)
    }

    /// Lets a connection out of a room, if it is in.
    pub(super) fn leave(&mut self, name: &str, connection: &str) -> Option<Departure> {
        let at = self.here.iter().position(|person| person.is(name, connection))?;
        let Person { room, user, .. } = self.here.remove(at);
        self.changed.insert(room.clone());
        Some(Departure { room, user })
    }

    /// The connection has ended: lets it out of all rooms.
    pub(super) fn disconnect(&mut self, connection: &str) -> Vec<Departure> {
        self.pages.remove(connection);
        let rooms: Vec<_> = self.here.iter().filter(|person| person.connection == connection).collect();
        let rooms: Vec<_> = rooms.into_iter().map(|person| person.room.clone()).collect();
        rooms.iter().filter_map(|room| self.leave(room, connection)).collect()
    }

    /// Who is in which room on this node, for the other nodes.
    pub(super) fn here(&self) -> Vec<Person> {
        self.here.clone()
    }

    /// These people are on another node, and no others.
    pub(super) fn hear(&mut self, node: &str, people: Vec<Person>, heard: Instant) {
        let people: HashSet<_> = people.into_iter().collect();
        let before = self.elsewhere.insert(node.to_owned(), Elsewhere { people, heard });
        let before = before.map(|before| before.people).unwrap_or_default();
        let differ = before.symmetric_difference(&self.elsewhere[node].people);
        self.changed.extend(differ.map(|person| person.room.clone()));
    }

    /// Takes nodes out that were last heard of before this time.
    pub(super) fn forget_silent(&mut self, since: Instant) {
        let gone = self.elsewhere.extract_if(|_, node| node.heard < since);
        self.changed.extend(gone.flat_map(|(_, node)| node.people).map(|person| person.room));
    }

    /// Who is in a room, in the order they came.
    pub(super) fn members(&self, name: &str) -> Vec<Member> {
        let mut people: Vec<_> = self.everybody().filter(|person| person.room == name).collect();
        // People of two nodes may come in the same millisecond.
        people.sort_by_key(|person| (person.since, &person.connection));
        people.into_iter().map(Person::member).collect()
    }

    pub(super) fn summaries(&self) -> Vec<RoomSummary> {
        let rooms = self.sizes().into_iter();
        rooms.map(|(name, members)| RoomSummary { name: name.to_owned(), members }).collect()
    }

    /// The name of a connection in a room.
    pub(super) fn user(&self, name: &str, connection: &str) -> HubResult<String> {
        let person = self.here.iter().find(|person| person.is(name, connection));
        let outside = || HubError::client(format!("You are not in #{name}. Please join it first."));
        Ok(person.ok_or_else(outside)?.user.clone())
    }

    /// How many people are anywhere, and how many rooms are not empty.
    pub(super) fn busy(&self) -> (usize, usize) {
        let people: HashSet<_> = self.everybody().map(|person| &person.connection).collect();
        (people.len(), self.sizes().values().filter(|members| **members > 0).count())
    }

    /// What changed since the last time, if anything did.
    pub(super) fn take_changes(&mut self) -> Option<Changes> {
        let changed = std::mem::take(&mut self.changed);
        if changed.is_empty() {
            return None;
        }
        let changed = changed.into_iter().map(|room| Changed {
            members: self.members(&room),
            pages: self
                .here
                .iter()
                .filter(|person| person.room == room)
                .map(|person| person.connection.clone())
                .collect(),
            room,
        });
        let changed = changed.filter(|changed| !changed.pages.is_empty()).collect();
        Some(Changes { rooms: self.summaries(), pages: self.pages.iter().cloned().collect(), changed })
    }

    fn everybody(&self) -> impl Iterator<Item = &Person> {
        self.here.iter().chain(self.elsewhere.values().flat_map(|node| &node.people))
    }

    /// How many are in each room.
    fn sizes(&self) -> BTreeMap<&str, u32> {
        let mut sizes: BTreeMap<&str, u32> = ALWAYS.map(|name| (name, 0)).into();
        for person in self.everybody() {
            *sizes.entry(&person.room).or_default() += 1;
        }
        sizes
    }
}
