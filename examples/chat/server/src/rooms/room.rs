//! One room. Must not know about other rooms, or who may enter.

use chat_contract::{Member, RoomSummary};

#[derive(Debug, Default)]
pub(super) struct Room {
    members: Vec<Member>,
}

impl Room {
    pub(super) fn member(&self, connection: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.connection_id == connection)
    }

    /// Adds a person, or changes their name. Returns whether they are new here.
    pub(super) fn enter(&mut self, connection: &str, user: &str) -> bool {
        if let Some(member) = self.members.iter_mut().find(|member| member.connection_id == connection) {
            user.clone_into(&mut member.user);
            return false;
        }
        self.members.push(Member { connection_id: connection.to_owned(), user: user.to_owned() });
        true
    }

    /// Removes a person, if they are here.
    pub(super) fn leave(&mut self, connection: &str) -> Option<Member> {
        let at = self.members.iter().position(|member| member.connection_id == connection)?;
        Some(self.members.remove(at))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn members(&self) -> &[Member] {
        &self.members
    }

    pub(super) fn summary(&self, name: &str) -> RoomSummary {
        let members = u32::try_from(self.members.len()).unwrap_or(u32::MAX);
        RoomSummary { name: name.to_owned(), members }
    }
}
