//! What happens when a page calls.

use hubs::{HubError, HubResult};

use crate::{
    contract::{ChatHub, Cx, Message},
    history::History,
};

/// The chat.
#[derive(Debug)]
pub struct Chat {
    history: History,
}

impl Chat {
    /// A chat that remembers what was said.
    pub fn new(history: History) -> Self {
        Self { history }
    }
}

impl ChatHub for Chat {
    async fn say(&self, cx: &Cx, user: String, text: String) -> HubResult<()> {
        let (user, text) = (user.trim(), text.trim());
        if user.is_empty() || text.is_empty() {
            // This text is shown on the page. The text of any other error stays on the server.
            return Err(HubError::client("Please give a name and a text."));
        }
        let message = self.history.add(user, text).await?;
        cx.clients().all().receive(message).await?;
        Ok(())
    }

    async fn history(&self, _cx: &Cx) -> HubResult<Vec<Message>> {
        Ok(self.history.latest().await?)
    }
}
