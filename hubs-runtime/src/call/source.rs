//! A stream that goes out, its type forgotten.

use std::{
    marker::PhantomData,
    task::{Context, Poll},
};

use futures_util::{Stream, StreamExt};

use crate::{contract::HubType, ids::HubResult, protocol::Payload};

/// Gives one item after the other to be written.
pub trait ItemSource: Send {
    /// Shows the next item to `write`. `None`: the stream has ended.
    fn poll_item(&mut self, cx: &mut Context<'_>, write: &mut dyn FnMut(&dyn Payload)) -> Poll<Option<HubResult<()>>>;
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
    fn poll_item(&mut self, cx: &mut Context<'_>, write: &mut dyn FnMut(&dyn Payload)) -> Poll<Option<HubResult<()>>> {
        self.stream.poll_next_unpin(cx).map(|next| next.map(|item| item.map(|value| write(&value))))
    }
}
