//! What people may call themselves, their rooms, and say. Every refusal is written for the person who reads it.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

use hubs::{HubError, HubResult};

/// Most characters of a person's or a room's name.
pub(crate) const LONGEST_NAME: usize = 24;
/// Most characters of a message's key.
const LONGEST_KEY: usize = 64;
/// Most characters of one message.
pub(crate) const LONGEST_TEXT: usize = 2000;

/// A person's name without needless space.
pub(crate) fn user_name(name: &str) -> HubResult<String> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(HubError::client("Please choose a name."));
    }
    if name.chars().any(char::is_control) {
        return Err(HubError::client("A name is made of characters that one can see."));
    }
    no_longer_than(LONGEST_NAME, "A name", name)
}

/// A room's name as all spell it: `" #Release Notes"` is `release-notes`.
pub(crate) fn room_name(name: &str) -> HubResult<String> {
    let name = name.trim().trim_start_matches('#').to_lowercase();
    let name = name.split_whitespace().collect::<Vec<_>>().join("-");
    if name.is_empty() {
        return Err(HubError::client("Please give the room a name."));
    }
    if !name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') {
        return Err(HubError::client("A room's name is made of letters, digits, - and _."));
    }
    no_longer_than(LONGEST_NAME, "A room's name", name)
}

/// What was said, without space around it.
pub(crate) fn text(text: &str) -> HubResult<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(HubError::client("There is nothing in this message."));
    }
    no_longer_than(LONGEST_TEXT, "A message", text.into())
}

/// What a page calls a message before it has a number; a fresh one if it does not say.
pub(crate) fn key(key: Option<String>) -> HubResult<String> {
    let Some(key) = key else { return Ok(fresh_key()) };
    if key.is_empty() || key.len() > LONGEST_KEY || !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(HubError::client("A key is made of 1 to 64 ASCII characters without space."));
    }
    Ok(key)
}

/// A key that no other message has.
fn fresh_key() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("server-{}-{}-{}", std::process::id(), now.as_nanos(), COUNT.fetch_add(1, Ordering::Relaxed))
}

fn no_longer_than(most: usize, what: &str, text: String) -> HubResult<String> {
    if text.chars().count() > most {
        return Err(HubError::client(format!("{what} has at most {most} characters.")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal<T: std::fmt::Debug>(result: HubResult<T>) -> String {
        result.unwrap_err().client_text().expect("shown to the person").to_owned()
    }

    #[test]
    fn names_lose_needless_space() {
        assert_eq!(user_name("  Ada \t Lovelace ").unwrap(), "Ada Lovelace");
        assert_eq!(room_name(" #Release  Notes").unwrap(), "release-notes");
        assert_eq!(room_name("Zürich_2").unwrap(), "zürich_2");
        assert_eq!(text("  two\nlines \n").unwrap(), "two\nlines");
    }

    #[test]
    fn refusals_say_why() {
        assert_eq!(refusal(user_name(" \n ")), "Please choose a name.");
        assert_eq!(refusal(user_name("a\u{7}b")), "A name is made of characters that one can see.");
        assert_eq!(refusal(user_name(&"é".repeat(25))), "A name has at most 24 characters.");
        assert_eq!(refusal(room_name("##")), "Please give the room a name.");
        assert_eq!(refusal(room_name("a/b")), "A room's name is made of letters, digits, - and _.");
        assert_eq!(refusal(key(Some("a b".to_owned()))), "A key is made of 1 to 64 ASCII characters without space.");
        assert_eq!(refusal(text("  ")), "There is nothing in this message.");
        assert_eq!(refusal(text(&"x".repeat(2001))), "A message has at most 2000 characters.");
    }

    #[test]
    fn the_longest_fits() {
        assert!(user_name(&"é".repeat(24)).is_ok());
        assert!(text(&"é".repeat(2000)).is_ok());
        assert!(key(Some("k".repeat(64))).is_ok() && key(Some(fresh_key())).is_ok() && fresh_key() != fresh_key());
    }
}
