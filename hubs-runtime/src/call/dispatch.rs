//! The callee's half: what the macros implement on a contract's marker type.

use std::{future::Future, pin::Pin, sync::Arc};

use super::{Addressing, Bound, CallArguments, Proxy};
use crate::{
    contract::{HubType, InterfaceDescriptor, TypeDescriptor, field::HubField},
    ids::{DisconnectError, HubResult},
    protocol::ArgumentError,
};

/// A boxed future, as it is kept while it is pending.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A hub or client interface, named by its marker type (`ChatHubContract`).
pub trait Interface: Send + Sync + 'static {
    /// What calls this interface (`ChatHubProxy`).
    type Proxy<S: Addressing>: From<Proxy<S>> + Send + Sync;
    /// What the macros saw.
    const DESCRIPTOR: InterfaceDescriptor;
}

/// The interface of a hub, with the interface of its clients.
pub trait HubInterface: Interface {
    /// What the hub may call on its clients.
    type Client: Interface;
}

/// A client interface whose hub knows who is in which group: `#[client_interface(presence = Member)]`.
#[diagnostic::on_unimplemented(
    message = "the clients of this hub show no presence",
    label = "its client interface names no type of what a member shows",
    note = "name it: `#[client_interface(presence = Member)]`"
)]
pub trait ShowsPresence: Interface {
    /// What a member shows of itself.
    type Member: PresenceMeta;
    /// How it goes into the contract.
    #[doc(hidden)]
    const MEMBER: TypeDescriptor = TypeDescriptor::of::<Self::Member>();
}

/// What a member of a group may show of itself: a type with [`#[hub_type]`](macro@crate::hub_type), or a plain one such as
/// `String`, that is `Clone` and `Sync`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the hub wire",
    label = "members of a group cannot show this",
    note = "put `#[hub_type]` and `#[derive(Clone)]` on the type"
)]
pub trait PresenceMeta: HubType + Clone + Sync {}

// `HubField` is implemented type by type, so that a forgotten `#[hub_type]` is one error.
impl<T: HubField + Clone + Send + Sync + 'static> PresenceMeta for T {}

/// A client interface, named by its trait: implemented for `dyn ChatClient`, so that `#[hub(client = ..)]` finds the
/// contract under any name and path by which the trait is imported.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a client interface",
    label = "this trait has no `#[client_interface]`",
    note = "put `#[client_interface]` on the trait whose methods the hub calls on its clients"
)]
pub trait ClientInterface {
    /// The marker type of the contract.
    type Contract: Interface;
}

/// Binds and runs the methods of an implementation `H`.
pub trait Dispatch<H: 'static>: Interface {
    /// What each method gets first: the caller context for a hub, `()` for a client.
    type Context: Clone + Send + Sync + 'static;
    /// One entry for each method, in the order of the descriptor.
    const CALLS: &'static [Call<H, Self::Context>];
}

/// The lifecycle hooks of a hub implementation `H`.
pub trait Lifecycle<H: 'static>: Dispatch<H> + HubInterface {
    /// Runs once, after the handshake.
    fn on_connected(hub: Arc<H>, cx: Self::Context) -> BoxFuture<HubResult<()>>;
    /// Runs once, for each connection whose `on_connected` returned `Ok`.
    fn on_disconnected(hub: Arc<H>, cx: Self::Context, error: Option<DisconnectError>) -> BoxFuture<()>;
}

/// Decodes the arguments of one call, at once, and gives the call that has not started.
pub type Call<H, Cx> = fn(Arc<H>, Cx, &mut CallArguments<'_>) -> Result<Bound, ArgumentError>;

/// The client interface of a hub that calls nothing on its clients.
#[derive(Debug, Clone, Copy)]
pub struct NoClient;

/// The proxy of [`NoClient`]: it has no methods.
#[derive(Debug, Clone)]
pub struct NoClientProxy<S = super::Single>(std::marker::PhantomData<S>);

impl<S: Addressing> From<Proxy<S>> for NoClientProxy<S> {
    fn from(_: Proxy<S>) -> Self {
        Self(std::marker::PhantomData)
    }
}

impl Interface for NoClient {
    type Proxy<S: Addressing> = NoClientProxy<S>;
    const DESCRIPTOR: InterfaceDescriptor = InterfaceDescriptor {
        name: "NoClient",
        rust_path: "hubs::NoClient",
        package: env!("CARGO_PKG_NAME"),
        docs: "",
        deprecated: None,
        requirement: None,
        methods: &[],
        presence: None,
    };
}

/// Nothing can be called on such a client, so anything will do for one.
impl Dispatch<()> for NoClient {
    type Context = ();
    const CALLS: &'static [Call<(), ()>] = &[];
}
