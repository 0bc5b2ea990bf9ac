//! The contract of the chat: its messages, the methods a client may call, and the methods the server may call.
//!
//! This is the only description of it. The server implements [`ChatHub`], the page uses the TypeScript client that
//! `cargo hubs generate` makes from this file. It must not know how rooms are stored.

use hubs::{HubResult, client_interface, hub, hub_type};

/// This file, which the server shows to people who want to see it.
pub const SOURCE: &str = include_str!("lib.rs");

/// The context of every method of [`ChatHub`]: the caller, and the clients that can be called.
pub type Cx = hubs::HubCallerContext<ChatClientContract>;

/// One line of a conversation.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    /// Grows with every message, so it orders the lines of a room and tells them apart.
    pub id: u32,
    /// What its sender called it before it had an `id`: a page finds its own message by it.
    pub key: String,
    /// The room it was said in.
    pub room: String,
    /// Who said it.
    pub user: String,
    /// What was said, at most 2000 characters.
    pub text: String,
    /// When the server took it: RFC 3339, UTC.
    pub sent_at: String,
}

/// What a person in a room shows of themselves. Pages see who is in a room by its presence, under the name of the room.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The name they chose. Windows with one name are one person.
    pub user: String,
}

/// A room as the list of rooms shows it.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSummary {
    /// Its name: lower-case letters, digits, `-` and `_`.
    pub name: String,
    /// How many are in it now.
    pub members: u32,
}

/// All that a page needs to show a room it has just entered.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoomSnapshot {
    /// The room's name as the server spells it.
    pub room: String,
    /// The last messages, oldest first.
    pub history: Vec<ChatMessage>,
    /// Whether there are older ones, for `older_messages`.
    pub more: bool,
}

/// A notice from the server.
#[hub_type]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The room it concerns; without one it concerns everyone.
    pub room: Option<String>,
    /// The words to show.
    pub text: String,
    /// When it was made: RFC 3339, UTC.
    pub sent_at: String,
}

/// What a notice is about.
#[hub_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// The room itself changed: messages were removed. A page forgets the lines it shows and joins the room again,
    /// for a fresh snapshot.
    System,
    /// An announcement to everyone.
    Announcement,
}

/// What the server may call on a page.
#[client_interface(presence = Member)]
pub trait ChatClient {
    /// A line was said in a room this client is in.
    #[method(durable)]
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()>;

    /// The server sends a notice.
    async fn receive_notice(&self, notice: Notice) -> HubResult<()>;

    /// Another person in the room started or stopped typing.
    async fn typing_changed(&self, room: String, user: String, typing: bool) -> HubResult<()>;

    /// A room was made or is gone, or the number of people in one changed.
    async fn rooms_changed(&self, rooms: Vec<RoomSummary>) -> HubResult<()>;

    /// Asks the person a question and waits for yes (`true`) or no.
    async fn confirm(&self, question: String) -> HubResult<bool>;
}

/// What a page may call on the server.
#[hub(client = ChatClient)]
pub trait ChatHub {
    /// All rooms, by name.
    async fn rooms(&self, cx: &Cx) -> HubResult<Vec<RoomSummary>>;

    /// Enters a room under a name, makes the room where there is none. Entering again is fine: it only gives a new
    /// snapshot, and takes over the name.
    async fn join_room(&self, cx: &Cx, room: String, user: String) -> HubResult<RoomSnapshot>;

    /// Leaves a room. Leaving a room one is not in does nothing.
    async fn leave_room(&self, cx: &Cx, room: String) -> HubResult<()>;

    /// Says something to everyone in a room, the caller included.
    ///
    /// `key` is a text that the caller makes up for this message, such as a UUID. A page that does not know whether a
    /// message arrived sends it again with the same key: it is said once, and this returns the message of the first time. Without a key, each call is a message of its own.
    #[method(idempotent)]
    async fn send_message(&self, cx: &Cx, room: String, text: String, key: Option<String>) -> HubResult<ChatMessage>;

    /// Messages of a room before the one with the id `before`, oldest first; at most 50, none if there are no more.
    async fn older_messages(&self, cx: &Cx, room: String, before: u32) -> HubResult<Vec<ChatMessage>>;

    /// Tells the others in a room that the caller started or stopped typing.
    async fn set_typing(&self, cx: &Cx, room: String, typing: bool) -> HubResult<()>;

    /// Forgets all messages of a room. Asks the caller first, through `confirm`, and returns the answer.
    async fn clear_history(&self, cx: &Cx, room: String) -> HubResult<bool>;

    /// Removes one message of a room, for everybody. People who are signed in as moderators may.
    #[authorize(role = "moderator")]
    async fn delete_message(&self, cx: &Cx, room: String, id: u32) -> HubResult<()>;
}
