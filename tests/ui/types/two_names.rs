//! HUB064: two names for one type.

use hubs::hub_type;

#[hub_type]
#[serde(rename = "Message")]
#[ts(rename = "Line")]
pub struct ChatMessage {
    pub text: String,
}

fn main() {}
