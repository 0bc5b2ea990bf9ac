//! What both ends agreed on: the interfaces as the macros saw them and, with feature `contract`, the document made
//! from them. Must not know tokio, axum or sockets.

mod descriptor;
mod types;

pub use descriptor::{Flow, InterfaceDescriptor, MethodDescriptor, OutputDescriptor, ParamDescriptor, TypeDescriptor};
pub use types::HubType;
