//! What a method may take, and how it is decoded.

use crate::{
    contract::{Flow, HubType, ParamDescriptor, TypeDescriptor},
    protocol::{ArgumentError, Arguments, Payload},
};

/// The arguments of one call, as generated code takes them.
#[derive(Debug)]
pub struct CallArguments<'a> {
    values: Arguments<'a>,
}

impl<'a> CallArguments<'a> {
    /// Starts at the first argument.
    pub fn new(values: Arguments<'a>) -> Self {
        Self { values }
    }

    /// Decodes the next argument.
    pub fn take<T: HubParam>(&mut self) -> Result<T, ArgumentError> {
        T::take(self)
    }
}

/// A type that a method may take.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the hub wire",
    label = "a hub method cannot take this",
    note = "put `#[hub_type]` on the type, or take a type that has serde, JSON Schema and TypeScript"
)]
pub trait HubParam: Send + Sized + 'static {
    /// A value, or a stream of values.
    const FLOW: Flow;
    /// How it goes into the contract.
    const TYPE: TypeDescriptor;
    /// On the callee's side.
    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError>;
    /// On the caller's side.
    fn payload(&self) -> &dyn Payload;

    /// The descriptor of a parameter of this type.
    fn described(name: &'static str) -> ParamDescriptor {
        ParamDescriptor { name, flow: Self::FLOW, ty: Self::TYPE }
    }
}

#[diagnostic::do_not_recommend]
impl<T: HubType> HubParam for T {
    const FLOW: Flow = Flow::Value;
    const TYPE: TypeDescriptor = TypeDescriptor::of::<T>();

    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError> {
        arguments.values.take()
    }

    fn payload(&self) -> &dyn Payload {
        self
    }
}
