//! What a method may fail with: any error, of which the caller reads a general sentence; or an error of its own type,
//! which the caller gets as data.

use std::{any::Any, error::Error, fmt};

use crate::{
    contract::{HubType, TypeDescriptor},
    ids::HubError,
    protocol::{Payload, PayloadFormat},
};

/// An error that a method may return: [`HubError`], a type of your own, or [`CallError`] of it.
#[diagnostic::on_unimplemented(
    message = "a hub method cannot fail with `{Self}`",
    label = "not an error that callers can read",
    note = "write `HubResult<T>`, or put `#[hub_type]` on the error and implement `std::error::Error` for it"
)]
pub trait MethodError: Send + Sized + 'static {
    /// The type that callers get, if it is not only text.
    const TYPE: Option<TypeDescriptor>;
    /// As it is sent.
    fn into_hub_error(self) -> HubError;
}

impl MethodError for HubError {
    const TYPE: Option<TypeDescriptor> = None;

    fn into_hub_error(self) -> HubError {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<E: HubType + Error> MethodError for E {
    const TYPE: Option<TypeDescriptor> = Some(TypeDescriptor::of::<E>());

    fn into_hub_error(self) -> HubError {
        let mut data = Vec::new();
        match self.encode(PayloadFormat::Json, &mut data).map(|()| String::from_utf8(data)) {
            Ok(Ok(data)) => HubError::typed(self.to_string(), data),
            Ok(Err(error)) => HubError::internal(error),
            Err(error) => HubError::internal(error),
        }
    }
}

/// The error of a method that names its errors, `E`, and passes others on with `?`.
///
/// The caller gets an `E` as data: a union in TypeScript, and the enum in Rust with
/// [`InvokeError::decode`](crate::InvokeError::decode). A client without the contract reads the text that `E` displays.
/// Any other error is masked, as in a method that returns `HubResult<T>`.
///
/// ```
/// use hubs::{CallError, HubCallerContext, HubResult, NoClient, hub, hub_type};
///
/// #[hub_type]
/// #[derive(Debug, thiserror::Error)]
/// pub enum JoinError {
///     #[error("the room is full: {limit} people are in it")]
///     Full { limit: u32 },
///     #[error("you are banned")]
///     Banned,
/// }
///
/// type Cx = HubCallerContext<NoClient>;
///
/// #[hub]
/// pub trait RoomHub {
///     async fn join(&self, cx: &Cx, room: String) -> HubResult<u32, CallError<JoinError>>;
/// }
///
/// struct Rooms;
///
/// impl RoomHub for Rooms {
///     async fn join(&self, _cx: &Cx, room: String) -> HubResult<u32, CallError<JoinError>> {
///         let number: u32 = room.parse()?; // masked
///         if number > 9 {
///             return Err(JoinError::Full { limit: 100 }.into()); // data
///         }
///         Ok(number)
///     }
/// }
/// ```
#[derive(Debug)]
pub enum CallError<E> {
    /// One of the errors that the method names.
    Typed(E),
    /// Any other error.
    Other(HubError),
}

impl<E: HubType + Error> MethodError for CallError<E> {
    const TYPE: Option<TypeDescriptor> = E::TYPE;

    fn into_hub_error(self) -> HubError {
        match self {
            Self::Typed(error) => error.into_hub_error(),
            Self::Other(error) => error,
        }
    }
}

impl<E> From<HubError> for CallError<E> {
    fn from(error: HubError) -> Self {
        Self::Other(error)
    }
}

/// An `E` stays one; any other error is masked.
impl<E: 'static, X: Error + Send + Sync + 'static> From<X> for CallError<E> {
    fn from(error: X) -> Self {
        let mut error = Some(error);
        let typed = (&mut error as &mut dyn Any).downcast_mut::<Option<E>>().and_then(Option::take);
        match (typed, error) {
            (Some(typed), _) => Self::Typed(typed),
            (None, Some(error)) => Self::Other(error.into()),
            (None, None) => Self::Other(HubError::internal("an error without a value")),
        }
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed(error) => error.fmt(f),
            Self::Other(error) => error.fmt(f),
        }
    }
}
