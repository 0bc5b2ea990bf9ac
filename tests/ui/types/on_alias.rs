//! HUB060: `#[hub_type]` on an alias, which needs none.

use hubs::hub_type;

#[hub_type]
pub type Room = String;

fn main() {}
