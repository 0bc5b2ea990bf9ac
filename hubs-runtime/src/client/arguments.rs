//! The arguments of calls by name: tuples of any types that serde knows.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    call::CallArguments,
    protocol::{ArgumentError, Payload},
};

/// What a call by name passes: a tuple of values (`()` for none, `(7,)` for one), or a list of JSON values.
pub trait IntoArguments: Send {
    /// The values, in their order.
    #[doc(hidden)]
    fn values(&self) -> Vec<&dyn Payload>;
}

/// What a handler by name takes: a tuple of values (`()` for none, `(String,)` for one), or a list of JSON values.
pub trait FromArguments: Sized + Send + 'static {
    /// How many there are; `None` for any number.
    #[doc(hidden)]
    const COUNT: Option<usize>;
    /// Decodes the values.
    #[doc(hidden)]
    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError>;
}

macro_rules! tuples {
    ($($count:literal $($ty:ident)*;)*) => {$(
        #[allow(non_snake_case, reason = "each value has the name of its type")]
        impl<$($ty: Serialize + Send),*> IntoArguments for ($($ty,)*) {
            fn values(&self) -> Vec<&dyn Payload> {
                let ($($ty,)*) = self;
                vec![$($ty),*]
            }
        }

        impl<$($ty: DeserializeOwned + Send + 'static),*> FromArguments for ($($ty,)*) {
            const COUNT: Option<usize> = Some($count);

            #[allow(clippy::unused_unit, reason = "a tuple may be empty")]
            fn take(_arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError> {
                Ok(($(_arguments.take_any::<$ty>()?,)*))
            }
        }
    )*};
}

tuples! {
    0;
    1 A;
    2 A B;
    3 A B C;
    4 A B C D;
    5 A B C D E;
    6 A B C D E F;
    7 A B C D E F G;
    8 A B C D E F G H;
}

impl IntoArguments for Vec<Value> {
    fn values(&self) -> Vec<&dyn Payload> {
        self.iter().map(|value| value as &dyn Payload).collect()
    }
}

impl FromArguments for Vec<Value> {
    const COUNT: Option<usize> = None;

    fn take(arguments: &mut CallArguments<'_>) -> Result<Self, ArgumentError> {
        (0..arguments.len()).map(|_| arguments.take_any()).collect()
    }
}
