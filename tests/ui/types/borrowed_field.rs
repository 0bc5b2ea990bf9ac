//! HUB063: a field that borrows.

use hubs::hub_type;

#[hub_type]
pub struct ChatMessage {
    #[serde(default)]
    pub text: &'static str,
}

fn main() {}
