//! What both ends agreed on: the interfaces as the macros saw them and, with feature `contract`, the document made
//! from them. Must not know tokio, axum or sockets.

#[cfg(feature = "contract")]
mod buffered;
#[cfg(feature = "contract")]
mod build;
#[cfg(feature = "contract")]
mod declarations;
#[doc(hidden)]
pub mod defaults;
mod descriptor;
#[cfg(feature = "contract")]
mod document;
#[cfg(feature = "contract")]
mod error;
#[doc(hidden)]
pub mod field;
#[doc(hidden)]
pub mod flattened;
#[doc(hidden)]
pub mod named;
#[cfg(feature = "contract")]
mod refused;
#[cfg(feature = "contract")]
mod registered;
#[cfg(feature = "contract")]
mod registry;
#[cfg(feature = "contract")]
mod schemas;
#[cfg(feature = "contract")]
mod shape;
#[cfg(all(test, feature = "contract"))]
mod tests;
mod types;

#[cfg(feature = "contract")]
pub use build::contract_of;
pub use descriptor::{
    Flow, InterfaceDescriptor, MethodDescriptor, OutputDescriptor, ParamDescriptor, Requirement, TypeDescriptor,
};
#[cfg(feature = "contract")]
pub use document::{
    Authorization, ClientContract, Contract, ContractFlow, FORMAT, HubContract, Method, Output, Param, Rate,
    SlowReaders, TypeDef, TypeRef,
};
#[cfg(feature = "contract")]
pub use error::ContractError;
#[cfg(feature = "contract")]
pub use registered::{RegisteredHub, contract, packages};
#[cfg(feature = "contract")]
pub use registry::{Direction, TypeRegistry};
#[cfg(feature = "contract")]
pub use shape::{FieldShape, Shape};
pub use types::HubType;
