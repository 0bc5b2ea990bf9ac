//! The two halves of an interface, whoever the peer is: [`Dispatch`] for whoever is called, [`Proxy`] for whoever
//! calls. Must not know which side it is on, groups, or axum.

mod dispatch;
mod output;
mod param;
mod proxy;
mod table;

pub(crate) use dispatch::Reply;
pub use dispatch::{Bound, BoxFuture, Call, Dispatch, HubInterface, Interface, Lifecycle, NoClient, NoClientProxy};
pub use output::{HubOutput, Returns, reply};
pub use param::{CallArguments, HubParam};
pub(crate) use proxy::Outlet;
pub use proxy::{Addressing, Answers, Asked, Many, Proxy, Single};
pub(crate) use table::MethodTable;
