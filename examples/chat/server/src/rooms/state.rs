//! All rooms, as plain data: who may enter, what happens when the last one leaves. Must not know about locks or clocks.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chat_contract::RoomSummary;
use hubs::{HubError, HubResult};
use tokio::time::Instant;

use super::person::Person;

/// Rooms that stay when they are empty.
const ALWAYS: [&str; 3] = ["lobby", "rust", "typescript"];
/// Most rooms at a time.
pub(super) const MOST_ROOMS: usize = 50;
/// Most rooms one connection may be in.
pub(super) const MOST_ROOMS_EACH: usize = 10;

/// What the pages of this node are to be told after something changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Changes {
    /// The list of rooms.
    pub(crate) rooms: Vec<RoomSummary>,
    /// The pages of this node, which all get it.
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
    /// Whether a person came or left, and pages were not told yet.
    has_changed: bool,
}

impl State {
    pub(super) fn connect(&mut self, connection: &str) {
        self.pages.insert(connection.to_owned());
    }

    /// Lets a connection into a room, made if need be.
    pub(super) fn enter(&mut self, name: &str, connection: &str, user: &str) -> HubResult<()> {
        if let Some(person) = self.here.iter_mut().find(|person| person.is(name, connection)) {
            user.clone_into(&mut person.user);
            self.has_changed = true;
            return Ok(());
        }
        let rooms = self.sizes();
        if !rooms.contains_key(name) && rooms.len() >= MOST_ROOMS {
            return Err(HubError::client("There are enough rooms already. Please join one of them."));
        }
        if self.here.iter().filter(|person| person.connection == connection).count() >= MOST_ROOMS_EACH {
            return Err(HubError::client("You are in many rooms already. Please leave one first."));
        }
        let [room, connection, user] = [name, connection, user].map(str::to_owned);
        self.here.push(Person { room, connection, user });
        self.has_changed = true;
        Ok(())
    }

    /// Lets a connection out of a room, if it is in.
    pub(super) fn leave(&mut self, name: &str, connection: &str) {
        self.let_out(|person| person.is(name, connection));
    }

    /// The connection has ended: lets it out of all rooms.
    pub(super) fn disconnect(&mut self, connection: &str) {
        self.pages.remove(connection);
        self.let_out(|person| person.connection == connection);
    }

    fn let_out(&mut self, is_out: impl Fn(&Person) -> bool) {
        let before = self.here.len();
        self.here.retain(|person| !is_out(person));
        self.has_changed |= self.here.len() < before;
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
        self.has_changed |= before != self.elsewhere[node].people;
    }

    /// Takes nodes out that were last heard of before this time.
    pub(super) fn forget_silent(&mut self, since: Instant) {
        let mut gone = self.elsewhere.extract_if(|_, node| node.heard < since);
        self.has_changed |= gone.any(|(_, node)| !node.people.is_empty());
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
        std::mem::take(&mut self.has_changed)
            .then(|| Changes { rooms: self.summaries(), pages: self.pages.iter().cloned().collect() })
    }

    fn everybody(&self) -> impl Iterator<Item = &Person> {
        self.here.iter().chain(self.elsewhere.values().flat_map(|node| &node.people))
    }

    /// How many people are in each room. Windows with one name are one person.
    fn sizes(&self) -> BTreeMap<&str, u32> {
        let people: HashSet<_> = self.everybody().map(|person| (person.room.as_str(), person.user.as_str())).collect();
        let mut sizes: BTreeMap<&str, u32> = ALWAYS.map(|name| (name, 0)).into();
        for (room, _) in people {
            *sizes.entry(room).or_default() += 1;
        }
        sizes
    }
}
