//! HUB065: a struct with a tag.

use hubs::hub_type;

#[hub_type]
#[serde(tag = "type")]
pub struct ChatMessage {
    pub text: String,
}

fn main() {}
