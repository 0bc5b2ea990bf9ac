//! An argument of a call by the name of its parameter, decoded when it is asked for. Must not know who asks.

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::{
    contract::{Flow, MethodDescriptor},
    protocol::Arguments,
};

/// The argument of this name. `None` if the method has no such parameter, or the argument is no `T`. `arguments` are at the
/// first.
pub(super) fn argument<T: DeserializeOwned>(
    method: &MethodDescriptor,
    mut arguments: Arguments<'_>,
    name: &str,
) -> Option<T> {
    let mut values = method.params.iter().filter(|param| param.flow == Flow::Value);
    let place = values.position(|param| param.name == name)?;
    for _ in 0..place {
        arguments.take::<IgnoredAny>().ok()?;
    }
    arguments.take().ok()
}
