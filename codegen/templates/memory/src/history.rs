//! What was said, in memory: it is gone when the server ends.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Mutex, PoisonError},
};

use crate::contract::Message;

/// How many messages are kept.
const KEPT: usize = 100;

/// The last messages.
#[derive(Debug, Default)]
pub struct History {
    messages: Mutex<VecDeque<Message>>,
}

impl History {
    /// Keeps a message, and gives it its number.
    pub async fn add(&self, user: &str, text: &str) -> Result<Message, Infallible> {
        let mut messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let id = messages.back().map_or(1, |last| last.id + 1);
        let message = Message { id, user: user.to_owned(), text: text.to_owned() };
        if messages.len() == KEPT {
            messages.pop_front();
        }
        messages.push_back(message.clone());
        Ok(message)
    }

    /// The last messages, oldest first.
    pub async fn latest(&self) -> Result<Vec<Message>, Infallible> {
        Ok(self.messages.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect())
    }
}
