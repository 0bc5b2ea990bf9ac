//! HUB061: a union.

use hubs::hub_type;

#[hub_type]
pub union Number {
    integer: u32,
    float: f32,
}

fn main() {}
