//! HUB062: a type that borrows.

use hubs::hub_type;

#[hub_type]
pub struct ChatMessage<'a> {
    pub text: &'a str,
}

fn main() {}
