//! One person in one room. Must not know on which node.

use chat_contract::Member;
use serde::{Deserialize, Serialize};

/// A person in a room, as nodes tell each other. Who is in two rooms is two of these.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) room: String,
    pub(crate) connection: String,
    pub(crate) user: String,
    /// When they came: milliseconds since 1970.
    pub(crate) since: u64,
}

impl Person {
    pub(super) fn is(&self, room: &str, connection: &str) -> bool {
        self.room == room && self.connection == connection
    }

    pub(super) fn member(&self) -> Member {
        Member { connection_id: self.connection.clone(), user: self.user.clone() }
    }
}
