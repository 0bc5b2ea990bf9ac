//! What a method may return, and how it becomes a reply.

use std::any::TypeId;

use super::{BoxFuture, ItemSource, MethodError, OutgoingCall, Outlet};
use crate::{
    contract::{Flow, HubType, OutputDescriptor, TypeDescriptor},
    ids::HubError,
    invocation::InvokeError,
    protocol::{Payload, RawPayload},
};

/// A type that a method may return.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the hub wire",
    label = "a hub method cannot return this",
    note = "put `#[hub_type]` on the type; one of another crate may have a feature of hubs: `bigdecimal`, `chrono`, `rust_decimal`, `url`, `uuid`, and `ipnet`, `time` with `hubs::Text<..>`"
)]
pub trait HubOutput: Send + Sized + 'static {
    /// How it goes into the contract.
    const OUTPUT: OutputDescriptor;
    /// What is written of it, unless it is a stream.
    type Value: Payload + Send;
    /// On the callee's side: the value, or the stream.
    fn into_parts(self) -> Result<Self::Value, Box<dyn ItemSource>>;
    /// On the caller's side: makes the call and gives what comes back.
    fn ask(outlet: &dyn Outlet, call: OutgoingCall<'_>) -> BoxFuture<Result<Self, InvokeError>>;
}

#[diagnostic::do_not_recommend]
impl<T: HubType> HubOutput for T {
    const OUTPUT: OutputDescriptor = OutputDescriptor { flow: Flow::Value, ty: TypeDescriptor::of::<T>() };

    type Value = T;

    fn into_parts(self) -> Result<T, Box<dyn ItemSource>> {
        Ok(self)
    }

    fn ask(outlet: &dyn Outlet, call: OutgoingCall<'_>) -> BoxFuture<Result<Self, InvokeError>> {
        // A client that returns nothing is not waited for: a JavaScript handler without a result must not
        // become an error.
        if TypeId::of::<T>() == TypeId::of::<()>() && !outlet.waits_for_unit() {
            let sent = outlet.send(call);
            return Box::pin(async move {
                sent.await?;
                decoded(&RawPayload::null())
            });
        }
        let answer = outlet.invoke(call);
        Box::pin(async move { decoded(&answer.await?) })
    }
}

fn decoded<T: HubType>(result: &RawPayload) -> Result<T, InvokeError> {
    result.decode().map_err(|error| InvokeError::UnexpectedType(error.to_string()))
}

/// The return type of a method: `HubResult<T>`, or `HubResult<T, E>` with an error that callers get as data.
#[diagnostic::on_unimplemented(
    message = "a hub method returns `HubResult<T>`, not `{Self}`",
    label = "expected `HubResult<..>`",
    note = "write `-> HubResult<()>` if there is nothing to return"
)]
pub trait Returns {
    /// The `T`.
    type Output;
    /// The type of error that callers get, if it is not only text.
    const ERROR: Option<TypeDescriptor>;
    /// The result, with the error as it is sent.
    fn into_result(self) -> Result<Self::Output, HubError>;
}

impl<T, E: MethodError> Returns for Result<T, E> {
    type Output = T;
    const ERROR: Option<TypeDescriptor> = E::TYPE;

    fn into_result(self) -> Result<T, HubError> {
        self.map_err(E::into_hub_error)
    }
}
