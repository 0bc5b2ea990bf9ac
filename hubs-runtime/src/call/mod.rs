//! The two halves of an interface, whoever the peer is: [`Dispatch`] for whoever is called, [`Proxy`] for whoever
//! calls. Must not know which side it is on, groups, or axum.

mod bound;
mod dispatch;
mod outlet;
mod output;
mod param;
mod proxy;
mod pump;
mod source;
mod stream;
mod table;

pub use bound::Bound;
pub(crate) use bound::{Reply, ReplyValue};
pub use dispatch::{BoxFuture, Call, Dispatch, HubInterface, Interface, Lifecycle, NoClient, NoClientProxy};
pub use outlet::OutgoingCall;
pub use outlet::Outlet;
pub use output::{HubOutput, Returns};
pub(crate) use param::OpenedStream;
pub use param::{CallArguments, HubParam};
pub use proxy::{Addressing, Answers, Asked, Many, Proxy, Single};
pub(crate) use pump::{Pump, PumpError};
pub(crate) use source::ItemSource;
pub use stream::{HubStream, UploadStream};
pub(crate) use table::MethodTable;
