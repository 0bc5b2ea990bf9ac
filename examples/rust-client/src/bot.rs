//! A bot in the chat: it answers those who speak to it.
//!
//! `cargo run -p chat-rust-client --bin chat-bot -- http://127.0.0.1:5080/chat lobby`

use std::time::Duration;

use hubs::{
    HubResult,
    client::{HubConnection, RetryPolicy},
};
use tokio::sync::mpsc;

const NAME: &str = "bot";

/// What is answered to a line of the chat.
fn answer(text: &str) -> Option<String> {
    let asked = text.strip_prefix("bot, ")?;
    Some(match asked.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["add", numbers @ ..] => {
            numbers.iter().filter_map(|number| number.parse::<i64>().ok()).sum::<i64>().to_string()
        }
        ["echo", words @ ..] => words.join(" "),
        _ => "I know `bot, add 1 2` and `bot, echo something`".to_owned(),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let mut words = std::env::args().skip(1);
    let url = words.next().unwrap_or_else(|| "http://127.0.0.1:5080/chat".to_owned());
    let room = words.next().unwrap_or_else(|| "lobby".to_owned());

    // By name: a bot need not have the contract, and reads of a message what it needs.
    let (lines, mut said) = mpsc::channel(100);
    let same_room = room.clone();
    let chat = HubConnection::builder(&url)
        .reconnect(RetryPolicy::exponential(Duration::from_secs(1), Duration::from_secs(30)))
        .retry_first_connection()
        .on("ReceiveMessage", move |(message,): (chat_contract::ChatMessage,)| {
            let lines = lines.clone();
            async move { HubResult::Ok(lines.send(message.text).await?) }
        })
        .on_reconnected(move |connection| {
            let room = same_room.clone();
            async move {
                if let Err(error) = connection.invoke::<chat_contract::RoomSnapshot>("JoinRoom", (room, NAME)).await {
                    eprintln!("not in the room: {error}");
                }
            }
        })
        .start()
        .await?;
    chat.invoke::<chat_contract::RoomSnapshot>("JoinRoom", (&room, NAME)).await?;
    loop {
        tokio::select! {
            Some(text) = said.recv() => if let Some(answer) = answer(&text) {
                chat.send("SendMessage", (&room, answer)).await?;
            },
            reason = chat.closed() => anyhow::bail!("{reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn it_answers_those_who_speak_to_it() {
        assert_eq!(answer("bot, add 1 2 39").as_deref(), Some("42"));
        assert_eq!(answer("bot, echo hello  there").as_deref(), Some("hello there"));
        assert!(answer("bot, who are you?").is_some_and(|text| text.contains("I know")));
        assert_eq!(answer("is there a bot, add 1"), None);
    }
}
