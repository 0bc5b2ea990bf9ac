//! One person in one room. Must not know on which node.

use serde::{Deserialize, Serialize};

/// A person in a room, as nodes tell each other. Who is in two rooms is two of these.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) room: String,
    pub(crate) connection: String,
    pub(crate) user: String,
}

impl Person {
    pub(super) fn is(&self, room: &str, connection: &str) -> bool {
        self.room == room && self.connection == connection
    }
}
