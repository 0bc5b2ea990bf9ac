//! The rooms as all parts of the server share them: the lock around the state, and the signal that something changed.

use chat_contract::{ChatMessage, RoomSnapshot, RoomSummary};
use hubs::{ConnectionId, HubResult};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::state::{Changes, Departure, State};
use crate::clock;

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

    /// All there is to see in a room.
    ///
    /// # Errors
    /// The connection is not in the room; so for all methods below that can fail.
    pub(crate) fn snapshot(&self, room: &str, connection: &ConnectionId) -> HubResult<RoomSnapshot> {
        self.state.lock().snapshot(room, connection.as_str())
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
    pub(crate) fn user(&self, room: &str, connection: &ConnectionId) -> HubResult<String> {
        self.state.lock().user(room, connection.as_str())
    }

    /// How many messages a room remembers.
    pub(crate) fn remembered(&self, room: &str, connection: &ConnectionId) -> HubResult<usize> {
        self.state.lock().remembered(room, connection.as_str())
    }

    /// Remembers what was said, as the message to pass on.
    pub(crate) fn say(&self, room: &str, connection: &ConnectionId, text: String) -> HubResult<ChatMessage> {
        self.state.lock().say(room, connection.as_str(), text, clock::now())
    }

    /// Forgets what was said. Returns the name of the person who asked for it.
    pub(crate) fn forget(&self, room: &str, connection: &ConnectionId) -> HubResult<String> {
        self.state.lock().forget(room, connection.as_str())
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
