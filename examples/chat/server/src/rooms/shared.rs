//! The rooms as all parts of the server share them: the lock around the state, and the signals that something changed.

use std::time::Duration;

use chat_contract::RoomSummary;
use hubs::{ConnectionId, HubResult};
use parking_lot::Mutex;
use tokio::{sync::Notify, time::Instant};

use super::{
    person::Person,
    state::{Changes, State},
};

/// All rooms. Each method takes the lock once, and returns copies.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    state: Mutex<State>,
    /// A person came or left, on any node.
    changed: Notify,
    /// On this node.
    changed_here: Notify,
}

impl Rooms {
    pub(crate) fn summaries(&self) -> Vec<RoomSummary> {
        self.state.lock().summaries()
    }

    /// A page is connected to this node.
    pub(crate) fn connect(&self, connection: &ConnectionId) {
        self.state.lock().connect(connection.as_str());
    }

    /// Lets a connection into a room, made if need be.
    ///
    /// # Errors
    /// There are too many rooms, or this connection is in too many.
    pub(crate) fn enter(&self, room: &str, connection: &ConnectionId, user: &str) -> HubResult<()> {
        self.state.lock().enter(room, connection.as_str(), user)?;
        self.tell();
        Ok(())
    }

    /// Lets a connection out of a room, if it is in.
    pub(crate) fn leave(&self, room: &str, connection: &ConnectionId) {
        self.state.lock().leave(room, connection.as_str());
        self.tell();
    }

    /// A connection has ended: lets it out of all rooms it is in.
    pub(crate) fn disconnect(&self, connection: &ConnectionId) {
        self.state.lock().disconnect(connection.as_str());
        self.tell();
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

    /// Waits until a person came to this node or left it. For one waiter only.
    pub(crate) async fn changed_here(&self) {
        self.changed_here.notified().await;
    }

    /// Who is in which room on this node.
    pub(crate) fn here(&self) -> Vec<Person> {
        self.state.lock().here()
    }

    /// These people are on another node, and no others.
    pub(crate) fn hear(&self, node: &str, people: Vec<Person>) {
        self.state.lock().hear(node, people, Instant::now());
        self.changed.notify_one();
    }

    /// Takes nodes out that have said nothing for this time.
    pub(crate) fn forget_silent(&self, time: Duration) {
        if let Some(since) = Instant::now().checked_sub(time) {
            self.state.lock().forget_silent(since);
            self.changed.notify_one();
        }
    }

    fn tell(&self) {
        self.changed.notify_one();
        self.changed_here.notify_one();
    }
}
