//! Types, methods and parameters may have any name: the expansion has none of its own that could meet them.

#![deny(warnings)]
#![allow(non_camel_case_types, reason = "names are the point")]

use hubs::{HubCallerContext, NoClient, client_interface, hub, hub_type};

type Cx = HubCallerContext<NoClient>;
type Answer<T> = hubs::HubResult<T>;

macro_rules! types {
    ($($name:ident)*) => { $(#[hub_type] pub struct $name { pub value: u8 })* };
}

pub mod types {
    use super::hub_type;

    types!(S H Hub Proxy Contract Send Future Arc Output Call __S);
}

use types::{__S, Arc, Call, Contract, Future, H, Hub, Output, Proxy, S, Send};

/// Methods of the standard library that every `Arc` or every type has too.
#[hub]
pub trait ChatHub {
    async fn clone(&self, cx: &Cx, hub: Hub, cx2: H) -> Answer<S>;
    async fn into(&self, cx: &Cx, args: Proxy, h: Contract) -> Answer<Send>;
    async fn from(&self, cx: &Cx, call: Future, proxy: Arc) -> Answer<Output>;
    async fn fmt(&self, cx: &Cx, method: Call, error: __S) -> Answer<()>;
    async fn type_id(&self, cx: &Cx, reply: u8, bound: u8) -> Answer<()>;
    async fn borrow(&self, context: &Cx, _cx1: u8) -> Answer<()>;
    async fn call(&self, self_: &Cx, cx: u8) -> Answer<()>;
}

#[client_interface]
pub trait ChatClient {
    async fn clone(&self, hub: Hub, cx: S) -> Answer<()>;
    async fn on_connected(&self, h: H, args: u8) -> Answer<()>;
}

pub trait Everywhere {
    fn borrow(&self) {}
    fn call(&self) {}
}

impl<T: ?Sized> Everywhere for T {}

fn main() {}
