//! HUB002: a setting that `#[hub_type]` does not have.

use hubs::hub_type;

#[hub_type(rename_all = "camelCase")]
pub struct ChatMessage {
    pub text: String,
}

fn main() {}
