//! What a filter sees: a call, or a connection that begins or ends.

use std::{fmt, future::Future, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    NoClient,
    contract::{Flow, MethodDescriptor},
    hub::{HubCallerContext, Items, Principal, arguments::argument},
    ids::{ConnectionId, UserId},
    protocol::{Headers, KeptArguments},
    transport::TransportKind,
};

/// The call that a [`HubFilter`](super::HubFilter) stands around: which method, of whom, with which arguments.
pub struct HubInvocationContext {
    pub(super) connection: HubLifetimeContext,
    pub(super) method: &'static MethodDescriptor,
    pub(super) arguments: KeptArguments,
}

impl HubInvocationContext {
    /// The method, by its name on the wire.
    pub fn method(&self) -> &'static str {
        self.method.name
    }

    /// Whether the method returns a stream: `next` then returns when the stream begins.
    pub fn is_stream(&self) -> bool {
        self.method.output.flow == Flow::Stream
    }

    /// The argument of this name, by the name of the parameter in Rust, decoded now. `None` if the method has no such
    /// parameter, or the argument is no `T`.
    pub fn argument<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        argument(self.method, self.arguments.arguments(), name)
    }

    /// The headers of this call, which are not those of the HTTP request.
    pub fn headers(&self) -> Headers<'_> {
        self.connection.caller.headers()
    }

    /// The connection that calls.
    pub fn connection(&self) -> &HubLifetimeContext {
        &self.connection
    }
}

/// The connection that a [`HubFilter`](super::HubFilter) stands around, when it begins, calls or ends.
pub struct HubLifetimeContext {
    pub(super) hub: Arc<str>,
    pub(super) caller: HubCallerContext<NoClient>,
}

impl HubLifetimeContext {
    /// The caller as a method sees it, for what this type has no method for, such as `authorize` and `query`.
    pub fn caller(&self) -> &HubCallerContext<NoClient> {
        &self.caller
    }

    fn connection(&self) -> &Self {
        self
    }
}

/// What both show of the connection.
macro_rules! connection {
    ($($context:ident),*) => {$(
        impl $context {
            /// The name of the hub.
            pub fn hub(&self) -> &str {
                &self.connection().hub
            }

            /// The public name of the connection.
            pub fn connection_id(&self) -> &ConnectionId {
                self.connection().caller.connection_id()
            }

            /// The authenticated user, if the connection has one.
            pub fn user(&self) -> Option<&Principal> {
                self.connection().caller.user()
            }

            /// The id under which `Clients::user` finds the connection.
            pub fn user_id(&self) -> Option<&UserId> {
                self.connection().caller.user_id()
            }

            /// What the application keeps with the connection: here a filter leaves what later filters and methods read.
            pub fn items(&self) -> &Items {
                self.connection().caller.items()
            }

            /// The request that made the connection.
            pub fn request(&self) -> &http::request::Parts {
                self.connection().caller.request()
            }

            /// The transport in use.
            pub fn transport(&self) -> TransportKind {
                self.connection().caller.transport()
            }

            /// Resolves when the connection has ended.
            pub fn cancelled(&self) -> impl Future<Output = ()> + Send + use<> {
                self.connection().caller.cancelled()
            }
        }
    )*};
}

connection!(HubInvocationContext, HubLifetimeContext);

impl fmt::Debug for HubInvocationContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubInvocationContext")
            .field("hub", &self.hub())
            .field("method", &self.method())
            .field("connection_id", self.connection_id())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for HubLifetimeContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubLifetimeContext")
            .field("hub", &self.hub())
            .field("connection_id", self.connection_id())
            .finish_non_exhaustive()
    }
}
