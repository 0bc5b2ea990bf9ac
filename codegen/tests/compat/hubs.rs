//! Hubs that go, come, and get another name.

use hubs::{HubCallerContext, HubResult, NoClient, hub};
use hubs_codegen::compat::Direction::PageSends;

use crate::{
    pair::{AS_IT_LOOKS, Pair, contract, verdict},
    server::Server,
};

#[hub]
pub trait H {
    async fn a(&self, _cx: &HubCallerContext<NoClient>) -> HubResult<()> {
        Ok(())
    }
}

/// The same under another name.
#[hub]
pub trait G {
    async fn a(&self, _cx: &HubCallerContext<NoClient>) -> HubResult<()> {
        Ok(())
    }
}

#[hub]
pub trait Other {
    async fn b(&self, _cx: &HubCallerContext<NoClient>) -> HubResult<()> {
        Ok(())
    }
}

impl H for Server {}
impl G for Server {}
impl Other for Server {}

pub(crate) fn pairs() -> Vec<Pair> {
    let pair = |name, new, serve, wire, source| Pair {
        name,
        surprise: AS_IT_LOOKS,
        old: contract::<HContract>(),
        new,
        serve,
        expected: vec![(PageSends, (verdict(wire), verdict(source)))],
        old_sample: None,
        page: "await hub.a();",
    };
    let both = |mut hubs: hubs::contract::Contract, more: hubs::contract::Contract| {
        hubs.hubs.extend(more.hubs);
        hubs
    };
    vec![
        // At its address is nothing any more.
        pair("hub_removed", contract::<OtherContract>(), |hubs| hubs.map("/other", OtherContract, Server), 'B', 'B'),
        pair("hub_renamed", contract::<GContract>(), |hubs| hubs.map("/hub_renamed", GContract, Server), 'C', 'B'),
        pair(
            "hub_added",
            both(contract::<HContract>(), contract::<OtherContract>()),
            |hubs| hubs.map_named("hub_added", "/hub_added", HContract, Server, hubs::HubOptions::default()),
            'C',
            'C',
        ),
    ]
}
