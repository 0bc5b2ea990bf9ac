//! Sending in requests of their own, one after the other, for the transports that only receive.

use std::{
    io,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Uri;

use super::super::{error::RequestError, http::Requests};
use crate::{call::BoxFuture, ids::TransferFormat, transport::TransportError};

/// The sending half of a connection.
pub(super) struct Posting {
    pub(super) requests: Requests,
    pub(super) uri: Uri,
    /// The request that is under way, with its length.
    current: Option<(u64, BoxFuture<Result<Bytes, RequestError>>)>,
    sent: u64,
}

impl Posting {
    pub(super) fn new(requests: Requests, uri: Uri) -> Self {
        Self { requests, uri, current: None, sent: 0 }
    }

    /// Starts to send a batch. The one before must have left.
    pub(super) fn send(&mut self, batch: Bytes, format: TransferFormat) {
        if batch.is_empty() {
            return;
        }
        let (requests, uri, length) = (self.requests.clone(), self.uri.clone(), batch.len() as u64);
        self.current = Some((length, Box::pin(async move { requests.post(uri, batch, format).await })));
    }

    /// Ready when the batch has been taken by the server.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        let Some((length, post)) = &mut self.current else { return Poll::Ready(Ok(())) };
        let (length, answered) = (*length, ready!(post.as_mut().poll(cx)));
        self.current = None;
        self.sent += length;
        Poll::Ready(answered.map(drop).map_err(failed))
    }

    pub(super) fn bytes_sent(&self) -> u64 {
        self.sent
    }
}

/// A request that failed is a socket that failed.
pub(super) fn failed(error: RequestError) -> TransportError {
    io::Error::other(error).into()
}
