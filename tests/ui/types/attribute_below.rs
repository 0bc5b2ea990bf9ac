//! HUB067: an attribute that changes fields, below `#[hub_type]`.

use hubs::hub_type;

#[hub_type]
#[serde_with::serde_as]
pub struct Count {
    #[serde_as(as = "serde_with::DisplayFromStr")]
    #[schemars(with = "String")]
    pub total: u64,
}

fn main() {}
