//! The two halves of an interface: [`Dispatch`] for the end that is called, [`Proxy`] for the end that calls. Must not
//! know which side it is on, groups, or axum.

mod bound;
mod dispatch;
mod failure;
mod fault;
mod outlet;
mod output;
mod param;
mod proxy;
mod pump;
pub(crate) mod resumable;
mod source;
mod stream;
mod table;
#[cfg(feature = "garde")]
pub mod validation;

pub(crate) use bound::Reply;
pub use bound::{Bound, Returned};
pub use dispatch::{
    BoxFuture, Call, ClientInterface, Dispatch, HubInterface, Interface, Lifecycle, NoClient, NoClientProxy,
    PresenceMeta, ShowsPresence,
};
pub use failure::{CallError, MethodError};
pub(crate) use fault::Fault;
pub use outlet::{OutgoingCall, Outlet};
pub use output::{HubOutput, Returns};
pub(crate) use param::OpenedStream;
pub use param::{CallArguments, HubParam};
pub use proxy::{Addressing, Answers, Asked, Many, Proxy, Single};
pub(crate) use pump::Pump;
pub(crate) use resumable::{ResumableLimits, ResumableStreams, StreamOwner};
pub(crate) use source::ItemSource;
pub use stream::{HubStream, UploadStream};
pub(crate) use table::MethodTable;
