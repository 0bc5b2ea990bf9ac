//! A method that names an error without `#[hub_type]`.

use hubs::{HubCallerContext, HubResult, NoClient, hub};

#[derive(Debug)]
pub struct Plain;

#[hub]
pub trait ChatHub {
    async fn send(&self, cx: &HubCallerContext<NoClient>, text: String) -> HubResult<(), Plain>;
}

fn main() {}
