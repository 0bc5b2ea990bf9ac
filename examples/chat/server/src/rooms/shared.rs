//! The rooms as all parts of the server share them: the lock around the state, and the signal that something changed.

use chat_contract::{Member, RoomSummary};
use hubs::{ConnectionId, HubResult};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::state::{Changes, Departure, State};

/// All rooms of this server. Each method takes the lock once, and returns copies.
#[derive(Debug)]
pub(crate) struct Rooms {
    state: Mutex<State>,
    changed: Notify,
}

impl Rooms {
    pub(crate) fn new() -> Self {
        Self { state: Mutex::new(State::new()), changed: Notify::new() }
    }

    pub(crate) fn summaries(&self) -> Vec<RoomSummary> {
        self.state.lock().summaries()
    }

    /// Lets a connection into a room, made if need be. Returns whether it is new there.
    ///
    /// # Errors
    /// There are too many rooms, or this connection is in too many.
    pub(crate) fn enter(&self, room: &str, connection: &ConnectionId, user: &str) -> HubResult<bool> {
        let new = self.state.lock().enter(room, connection.as_str(), user)?;
        self.changed.notify_one();
        Ok(new)
    }

    /// Who is in a room, in the order they came.
    pub(crate) fn members(&self, room: &str) -> Vec<Member> {
        self.state.lock().members(room)
    }

    /// Lets a connection out of a room, if it is in.
    pub(crate) fn leave(&self, room: &str, connection: &ConnectionId) -> Option<Departure> {
        let departure = self.state.lock().leave(room, connection.as_str());
        self.changed.notify_one();
        departure
    }

    /// Lets a connection out of all rooms it is in.
    pub(crate) fn leave_all(&self, connection: &ConnectionId) -> Vec<Departure> {
        let departures = self.state.lock().leave_all(connection.as_str());
        self.changed.notify_one();
        departures
    }

    /// The name of a connection in a room.
    ///
    /// # Errors
    /// The connection is not in the room.
    pub(crate) fn user(&self, room: &str, connection: &ConnectionId) -> HubResult<String> {
        self.state.lock().user(room, connection.as_str())
    }

    /// How many people are anywhere, and how many rooms are not empty.
    pub(crate) fn busy(&self) -> (usize, usize) {
        self.state.lock().busy()
    }

    /// Waits until a person came or left, then returns what changed since the last call. For one waiter only.
    pub(crate) async fn changes(&self) -> Changes {
        loop {
            if let Some(changes) = self.state.lock().take_changes() {
                return changes;
            }
            self.changed.notified().await;
        }
    }
}
