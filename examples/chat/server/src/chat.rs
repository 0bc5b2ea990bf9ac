//! The hub: each method checks what it got, changes the rooms, and tells those who should know.
//!
//! The list of rooms is not sent here but by [`crate::roster`], in order. Who is in a room is the hub's presence.

use std::{sync::Arc, time::Duration};

use chat_contract::{ChatHub, ChatMessage, Cx, Member, Notice, NoticeKind, RoomSnapshot, RoomSummary};
use hubs::{DisconnectError, HubError, HubOptions, HubResult, InvokeError};

use crate::{
    clock,
    history::{Draft, History, PAGE},
    rooms::Rooms,
    words,
};

/// How long the server waits for a person's answer. People take their time.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// The options of the hub.
pub(crate) fn options() -> HubOptions {
    HubOptions::default().client_result_timeout(ANSWER_WITHIN)
}

/// The chat: who is where, which it shares with the background tasks, and what was said.
#[derive(Debug)]
pub(crate) struct Chat {
    rooms: Arc<Rooms>,
    history: Arc<History>,
}

impl Chat {
    pub(crate) fn new(rooms: Arc<Rooms>, history: Arc<History>) -> Self {
        Self { rooms, history }
    }
}

impl ChatHub for Chat {
    async fn rooms(&self, _cx: &Cx) -> HubResult<Vec<RoomSummary>> {
        Ok(self.rooms.summaries())
    }

    async fn join_room(&self, cx: &Cx, room: String, user: String) -> HubResult<RoomSnapshot> {
        let (room, user) = (words::room_name(&room)?, words::user_name(&user)?);
        self.rooms.enter(&room, cx.connection_id(), &user)?;
        // First into the group, then the snapshot: a message in between comes twice, never not at all. Pages drop the
        // second by its id.
        cx.groups().add(cx.connection_id(), &room).await?;
        let history = self.history.latest(&room).await?;
        // Windows with one name are one person, who has not left while a page is loaded again or finds another node.
        cx.presence().track_as(cx.connection_id(), &room, user.clone(), Member { user })?;
        let more = history.len() == PAGE as usize;
        Ok(RoomSnapshot { room, history, more })
    }

    async fn leave_room(&self, cx: &Cx, room: String) -> HubResult<()> {
        self.rooms.leave(&room, cx.connection_id());
        // That it is not shown any more follows from this.
        cx.groups().remove(cx.connection_id(), &room).await?;
        Ok(())
    }

    async fn send_message(&self, cx: &Cx, room: String, text: String, key: Option<String>) -> HubResult<ChatMessage> {
        let user = self.rooms.user(&room, cx.connection_id())?;
        let draft = Draft { room, user, text: words::text(&text)?, key: words::key(key)? };
        // First it is kept, then everybody hears it: what a page has shown is there after a restart. A message that comes
        // twice is sent to all twice, and pages drop the second by its id.
        let message = self.history.keep(draft).await?;
        cx.clients().group(&message.room).receive_message(message.clone()).await?;
        Ok(message)
    }

    async fn older_messages(&self, cx: &Cx, room: String, before: u32) -> HubResult<Vec<ChatMessage>> {
        self.rooms.user(&room, cx.connection_id())?;
        self.history.before(&room, before.into()).await
    }

    async fn set_typing(&self, cx: &Cx, room: String, typing: bool) -> HubResult<()> {
        let user = self.rooms.user(&room, cx.connection_id())?;
        cx.clients().others_in_group(&room).typing_changed(room.clone(), user, typing).await?;
        Ok(())
    }

    async fn clear_history(&self, cx: &Cx, room: String) -> HubResult<bool> {
        let user = self.rooms.user(&room, cx.connection_id())?;
        let question = match self.history.count(&room).await? {
            0 => return Err(HubError::client("There is nothing to clear.")),
            1 => format!("Remove the only message of #{room}, for everybody?"),
            count => format!("Remove all {count} messages of #{room}, for everybody?"),
        };
        // The server asks the page and waits for the person.
        match cx.clients().caller().confirm(question).await {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(InvokeError::TimedOut(_)) => {
                return Err(HubError::client("There was no answer, so nothing was cleared."));
            }
            Err(error) => return Err(error.into()),
        }
        self.history.clear(&room).await?;
        let notice = notice(NoticeKind::System, &room, format!("{user} cleared the history"));
        cx.clients().group(&room).receive_notice(notice).await?;
        Ok(true)
    }

    async fn delete_message(&self, cx: &Cx, room: String, id: u32) -> HubResult<()> {
        // Who may is in the contract, and was checked before this began.
        let user = self.rooms.user(&room, cx.connection_id())?;
        if !self.history.remove(&room, id.into()).await? {
            return Err(HubError::client("This message is gone already."));
        }
        let notice = notice(NoticeKind::System, &room, format!("{user} removed a message"));
        cx.clients().group(&room).receive_notice(notice).await?;
        Ok(())
    }

    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        self.rooms.connect(cx.connection_id());
        Ok(())
    }

    async fn on_disconnected(&self, cx: &Cx, error: Option<&DisconnectError>) {
        if let Some(error) = error {
            tracing::info!(connection = %cx.connection_id(), %error, "a page is gone");
        }
        self.rooms.disconnect(cx.connection_id());
    }
}

fn notice(kind: NoticeKind, room: &str, text: String) -> Notice {
    Notice { kind, room: Some(room.to_owned()), text, sent_at: clock::now() }
}
