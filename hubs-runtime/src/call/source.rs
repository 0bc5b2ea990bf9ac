//! A stream that goes out, its type forgotten.

use std::{
    marker::PhantomData,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt};

use super::PumpError;
use crate::{
    contract::HubType,
    ids::HubResult,
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
    ) -> Poll<Option<Result<(), PumpError>>>;
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

impl<S, T> ItemSource for Source<S, T>
where
    S: Stream<Item = HubResult<T>> + Send + Unpin,
    T: HubType,
{
    fn poll_item(
        &mut self,
        cx: &mut Context<'_>,
        format: PayloadFormat,
        out: &mut Vec<u8>,
    ) -> Poll<Option<Result<(), PumpError>>> {
        self.stream.poll_next_unpin(cx).map(|next| {
            Some(match next? {
                Ok(value) => value.encode(format, out).map_err(PumpError::Encode),
                Err(error) => Err(PumpError::Source(error)),
            })
        })
    }
}
