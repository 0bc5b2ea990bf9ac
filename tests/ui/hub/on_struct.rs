//! HUB001: the attribute goes on the trait, not on what implements it.

use hubs::hub;

#[hub]
pub struct Chat;

fn main() {}
