//! The fence around user code: a panic costs the call, not the process.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
};

use futures_util::FutureExt;

use crate::call::BoxFuture;

/// The text that user code panicked with.
#[derive(Debug)]
pub(crate) struct Panic(pub(crate) String);

impl Panic {
    pub(super) fn new(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        Self(text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".to_owned()))
    }
}

/// Runs user code that may panic.
pub(super) fn fence<R>(code: impl FnOnce() -> R) -> Result<R, Panic> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|payload| Panic::new(&*payload))
}

/// Drops what user code made. Its `Drop` may panic.
pub(super) fn drop_fenced<T>(value: T) -> Result<(), Panic> {
    fence(|| drop(value))
}

/// A future of user code that may panic.
pub(super) fn caught<R: Send + 'static>(future: BoxFuture<R>) -> BoxFuture<Result<R, Panic>> {
    Box::pin(AssertUnwindSafe(future).catch_unwind().map(|done| done.map_err(|payload| Panic::new(&*payload))))
}
