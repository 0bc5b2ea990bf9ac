//! All that the expansions of the macros may name. Not part of the public API: it changes with the macros.

pub use std::sync::Arc;

#[cfg(feature = "contract")]
pub use inventory;
pub use schemars;
pub use serde;
pub use ts_rs;

#[cfg(feature = "contract")]
pub use crate::contract::RegisteredHub;
pub use crate::{
    args,
    call::{
        Addressing, Answers, Asked, Bound, BoxFuture, Call, CallArguments, Dispatch, HubInterface, HubOutput, HubParam,
        Interface, Lifecycle, NoClient, Proxy, Returns, Single, reply,
    },
    contract::{InterfaceDescriptor, MethodDescriptor, OutputDescriptor, ParamDescriptor, TypeDescriptor},
    hub::HubCallerContext,
    ids::{DisconnectError, HubError, HubResult},
    protocol::{ArgumentError, Payload},
    register,
};

/// Describes a parameter.
pub const fn param<T: HubParam>(name: &'static str) -> ParamDescriptor {
    ParamDescriptor { name, flow: T::FLOW, ty: T::TYPE }
}

/// Describes what a method with return type `R` gives back.
pub const fn output<R: Returns<Output: HubOutput>>() -> OutputDescriptor {
    <R::Output as HubOutput>::OUTPUT
}

/// One argument of a proxy's call.
pub fn argument<T: HubParam>(value: &T) -> &dyn Payload {
    value.payload()
}

/// The arguments of a proxy's call.
#[doc(hidden)]
#[macro_export]
macro_rules! args {
    ($($argument:ident),* $(,)?) => {
        &[$($crate::__private::argument(&$argument)),*]
    };
}

/// Makes a hub known to `cargo hubs`.
#[cfg(feature = "contract")]
#[doc(hidden)]
#[macro_export]
macro_rules! register {
    ($contract:ty) => {
        $crate::__private::inventory::submit! {
            $crate::__private::RegisteredHub {
                hub: || <$contract as $crate::__private::Interface>::DESCRIPTOR,
                client: || {
                    <<$contract as $crate::__private::HubInterface>::Client as $crate::__private::Interface>::DESCRIPTOR
                },
            }
        }
    };
}

/// Makes a hub known to `cargo hubs`: nobody asks in this build.
#[cfg(not(feature = "contract"))]
#[doc(hidden)]
#[macro_export]
macro_rules! register {
    ($contract:ty) => {};
}
