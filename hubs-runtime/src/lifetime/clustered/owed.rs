//! Answers of connections of this process for which other nodes wait.

use std::collections::HashMap;

use parking_lot::Mutex;

use super::envelope::Asker;
use crate::{
    ids::{ConnectionId, ShrinkSpare},
    invocation::Unexpected,
};

/// How many answers one connection may owe: an asker that goes on asking a client that never answers is not served.
const MAXIMUM: usize = 10_000;

/// Who is asked, by connection and by the id of the question.
#[derive(Debug, Default)]
pub(super) struct OwedAnswers {
    owed: Mutex<Owed>,
}

#[derive(Debug, Default)]
struct Owed {
    by_connection: HashMap<ConnectionId, HashMap<String, Asker>>,
    connections: HashMap<String, ConnectionId>,
}

impl OwedAnswers {
    /// A connection is asked. `false`: it owes too many answers already.
    pub(super) fn add(&self, connection: &ConnectionId, asker: Asker) -> bool {
        let mut owed = self.owed.lock();
        let of_connection = owed.by_connection.entry(connection.clone()).or_default();
        if of_connection.len() >= MAXIMUM {
            return false;
        }
        let id = asker.invocation_id.clone();
        of_connection.insert(id.clone(), asker);
        owed.connections.insert(id, connection.clone());
        true
    }

    /// Who waits for the answer with this id, which `from` gives.
    pub(super) fn take(&self, id: &str, from: &ConnectionId) -> Result<Asker, Unexpected> {
        let mut owed = self.owed.lock();
        match owed.connections.get(id) {
            None => return Err(Unexpected::Unknown),
            Some(asked) if asked != from => return Err(Unexpected::NotAsked),
            Some(_) => owed.connections.remove(id),
        };
        owed.connections.shrink_spare();
        let of_connection = owed.by_connection.get_mut(from).ok_or(Unexpected::Unknown)?;
        let asker = of_connection.remove(id).ok_or(Unexpected::Unknown)?;
        if of_connection.is_empty() {
            owed.by_connection.remove(from);
            owed.by_connection.shrink_spare();
        }
        Ok(asker)
    }

    /// All that wait for answers of a connection that gives none any more.
    pub(super) fn take_all(&self, connection: &ConnectionId) -> Vec<Asker> {
        let mut owed = self.owed.lock();
        let Some(askers) = owed.by_connection.remove(connection) else { return Vec::new() };
        for id in askers.keys() {
            owed.connections.remove(id);
        }
        owed.connections.shrink_spare();
        owed.by_connection.shrink_spare();
        askers.into_values().collect()
    }

    pub(super) fn has(&self, connection: &ConnectionId) -> bool {
        self.owed.lock().by_connection.contains_key(connection)
    }
}
