//! HUB060: `#[hub_type]` on something without values.

use hubs::hub_type;

#[hub_type]
pub fn chat_message() {}

fn main() {}
