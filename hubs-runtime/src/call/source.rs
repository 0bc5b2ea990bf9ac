//! A stream that goes out, its type erased.

use std::{
    marker::PhantomData,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt};

use super::Fault;
use crate::{
    contract::HubType,
    ids::HubError,
    protocol::{Payload, PayloadFormat},
};

/// Gives one item after the other, written.
pub trait ItemSource: Send {
    /// Appends the next item to `out`. `None`: the stream has ended.
    fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
        format: PayloadFormat,
        out: &mut Vec<u8>,
    ) -> Poll<Option<Result<(), Fault>>>;
}

pub(super) struct Source<S, T> {
    stream: S,
    item: PhantomData<fn() -> T>,
}

impl<S, T> Source<S, T> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, item: PhantomData }
    }
}

impl<S, T, E> ItemSource for Source<S, T>
where
    S: Stream<Item = Result<T, E>> + Send + Unpin,
    T: HubType,
    E: Into<HubError>,
{
    fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
        format: PayloadFormat,
        out: &mut Vec<u8>,
    ) -> Poll<Option<Result<(), Fault>>> {
        self.stream.poll_next_unpin(cx).map(|next| {
            Some(match next? {
                Ok(value) => value.encode(format, out).map_err(Fault::Encode),
                Err(error) => Err(Fault::Error(error.into())),
            })
        })
    }
}
