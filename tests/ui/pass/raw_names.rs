//! Names that are keywords lose their `r#` on the wire.

#![deny(warnings)]

use hubs::{HubCallerContext, HubResult, Interface, NoClient, hub, hub_type};

#[hub_type]
#[derive(Default)]
pub struct r#Yield {
    pub r#type: String,
}

#[hub]
pub trait r#Final {
    async fn r#match(&self, r#in: &HubCallerContext<NoClient>, r#type: r#Yield, r#fn: u8) -> HubResult<()>;
}

pub struct Impl;

impl r#Final for Impl {
    async fn r#match(&self, _cx: &HubCallerContext<NoClient>, _type: r#Yield, _fn: u8) -> HubResult<()> {
        Ok(())
    }
}

fn main() {
    let descriptor = FinalContract::DESCRIPTOR;
    let method = descriptor.methods[0];
    assert_eq!((descriptor.name, method.name, method.rust_name), ("Final", "Match", "match"));
    assert_eq!(method.params.iter().map(|param| param.name).collect::<Vec<_>>(), ["type", "fn"]);
    assert_eq!(serde_json::to_string(&r#Yield::default()).unwrap(), r#"{"type":""}"#);
}
