//! The contract of the notifications: what one is, and how pages are told. Pages only listen, so that the hub has no
//! methods. It must not know who is told of what.

use hubs::{HubResult, client_interface, hub, hub_type};

/// Something that a person should know.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Grows with every notification, so that a page knows which it has.
    pub id: u32,
    /// Whom it is for.
    pub audience: Audience,
    /// What it is about, in a few words.
    pub title: String,
    /// The rest; it may be empty.
    pub text: String,
    /// Whether it cannot wait.
    pub urgent: bool,
    /// When it was made: RFC 3339, UTC.
    pub sent_at: String,
}

/// Whom a notification is for.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// All who are signed in.
    Everyone,
    /// The members of a team.
    Team(String),
    /// One person.
    Person(String),
}

/// What the server may call on a page.
#[client_interface]
pub trait NotificationsClient {
    /// There is a new notification.
    async fn notified(&self, notification: Notification) -> HubResult<()>;
}

/// What a page may call on the server: nothing.
#[hub(client = NotificationsClient)]
pub trait NotificationsHub {}
