//! A chat in a terminal: what the room says is printed, and each line that is written is said there. Ctrl-D leaves.
//!
//! `cargo run -p chat-rust-client --bin chat-terminal -- http://127.0.0.1:5080/chat lobby Ada`

use std::time::Duration;

use chat_contract::{ChatClient, ChatHubContract, ChatMessage, Member, Notice, RoomSummary};
use hubs::{
    HubResult,
    client::{GroupPresence, HubConnection, HubConnectionState, RetryPolicy},
};
use tokio::io::{AsyncBufReadExt as _, BufReader, stdin};

/// Prints what the server calls.
struct Screen;

impl ChatClient for Screen {
    async fn receive_message(&self, message: ChatMessage) -> HubResult<()> {
        println!("{}: {}", message.user, message.text);
        Ok(())
    }

    async fn receive_notice(&self, notice: Notice) -> HubResult<()> {
        println!("* {}", notice.text);
        Ok(())
    }

    async fn typing_changed(&self, _room: String, _user: String, _typing: bool) -> HubResult<()> {
        Ok(())
    }

    async fn rooms_changed(&self, _rooms: Vec<RoomSummary>) -> HubResult<()> {
        Ok(())
    }

    async fn confirm(&self, question: String) -> HubResult<bool> {
        println!("* {question} (no: this client clears nothing)");
        Ok(false)
    }
}

fn show_members(presence: GroupPresence<Member>) {
    let Some(members) = presence.members else { return };
    let names: Vec<_> = members.into_iter().map(|member| member.meta.user).collect();
    println!("* here: {}", names.join(", "));
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let url = words.next().unwrap_or_else(|| "http://127.0.0.1:5080/chat".to_owned());
    let room = words.next().unwrap_or_else(|| "lobby".to_owned());
    let user = words.next().unwrap_or_else(|| "terminal".to_owned());

    let (same_room, same_user) = (room.clone(), user.clone());
    let chat = HubConnection::builder(&url)
        .reconnect(RetryPolicy::exponential(Duration::from_secs(1), Duration::from_secs(30)))
        // The server sees another connection, which is in no room.
        .on_reconnected(move |connection| {
            let (room, user) = (same_room.clone(), same_user.clone());
            async move {
                if let Err(error) = connection.hub::<ChatHubContract>().join_room(room, user).await {
                    println!("* not in the room: {error}");
                }
            }
        })
        .on_presence(show_members)
        .connect(ChatHubContract, Screen)
        .await?;
    for message in chat.join_room(room.clone(), user).await?.history {
        println!("{}: {}", message.user, message.text);
    }

    let mut states = chat.connection().states();
    let mut lines = BufReader::new(stdin()).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { break };
                if let Err(error) = chat.send_message(room.clone(), line, None).await {
                    println!("* not said: {}", error.client_text().unwrap_or("there is no connection"));
                }
            }
            changed = states.changed() => {
                changed?;
                match &*states.borrow_and_update() {
                    HubConnectionState::Reconnecting { reason, attempt, .. } => println!("* {reason}; attempt {attempt}"),
                    HubConnectionState::Disconnected { reason, .. } => anyhow::bail!("{reason}"),
                    _ => {}
                }
            }
        }
    }
    chat.connection().stop().await;
    Ok(())
}
