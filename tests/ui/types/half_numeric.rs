//! HUB068: one of the two derives of `serde_repr`.

use hubs::hub_type;

#[hub_type]
#[derive(serde_repr::Serialize_repr)]
#[repr(u8)]
pub enum Level {
    Low = 1,
    High = 2,
}

fn main() {}
