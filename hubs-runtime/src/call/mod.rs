//! The two halves of an interface, whoever the peer is: [`Dispatch`] for whoever is called, [`Proxy`] for whoever
//! calls. Must not know which side it is on, groups, or axum.

mod dispatch;
mod output;
mod param;
mod proxy;
mod table;

pub use dispatch::{
    Bound, BoxFuture, Call, Dispatch, HubInterface, Interface, Lifecycle, NoClient, NoClientProxy, Reply,
};
pub use output::{HubOutput, Returns, reply};
pub use param::{CallArguments, HubParam};
pub use proxy::{Addressing, Answers, Asked, Many, Outlet, Proxy, Single};
pub(crate) use table::MethodTable;
