//! Long polling, the calling end: requests that wait for something to fetch, and requests to send.

use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{StatusCode, Uri};

use super::{
    super::{ConnectError, error::RequestError, http::Requests},
    posting::{Posting, failed},
};
use crate::{
    call::BoxFuture,
    ids::TransferFormat,
    transport::{CloseCode, Transport, TransportError, TransportKind},
};

/// A connection over long polling.
pub(crate) struct Polling {
    receiving: Receiving,
    posting: Posting,
}

type Polled = BoxFuture<Result<(StatusCode, Bytes), RequestError>>;

enum Receiving {
    /// A request waits.
    Waits(Polled),
    /// The connection is being ended by this end.
    Deleting(BoxFuture<Result<(), RequestError>>),
    /// The server has ended the connection, or does not answer.
    Ended,
}

/// Opens the connection: the first request is answered at once.
pub(crate) async fn open(requests: &Requests, uri: Uri) -> Result<Polling, ConnectError> {
    let what = "the first poll";
    let (status, body) = requests.get(uri.clone()).await.map_err(|error| error.while_asking(what))?;
    if status != StatusCode::OK || !body.is_empty() {
        let text = "an empty answer was expected".to_owned();
        return Err(ConnectError::Status { what, status: status.as_u16(), text });
    }
    let receiving = Receiving::Waits(poll(requests, &uri));
    Ok(Polling { receiving, posting: Posting::new(requests.clone(), uri) })
}

fn poll(requests: &Requests, uri: &Uri) -> Polled {
    let (requests, uri) = (requests.clone(), uri.clone());
    Box::pin(async move { requests.get(uri).await })
}

impl Transport for Polling {
    fn poll_receive(&mut self, cx: &mut Context<'_>, into: &mut Vec<u8>) -> Poll<Option<Result<(), TransportError>>> {
        loop {
            let Receiving::Waits(request) = &mut self.receiving else { return Poll::Ready(None) };
            let answered = ready!(request.as_mut().poll(cx));
            self.receiving = Receiving::Ended;
            match answered {
                Ok((StatusCode::NO_CONTENT, _)) => return Poll::Ready(None),
                Ok((_, body)) => {
                    self.receiving = Receiving::Waits(poll(&self.posting.requests, &self.posting.uri));
                    if !body.is_empty() {
                        into.extend_from_slice(&body);
                        return Poll::Ready(Some(Ok(())));
                    }
                }
                Err(error) => return Poll::Ready(Some(Err(failed(error)))),
            }
        }
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.posting.poll_flush(cx)
    }

    fn send(&mut self, batch: Bytes, format: TransferFormat) -> Result<(), TransportError> {
        self.posting.send(batch, format);
        Ok(())
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: CloseCode) -> Poll<()> {
        let _ = ready!(self.posting.poll_flush(cx));
        loop {
            match &mut self.receiving {
                Receiving::Waits(_) => {
                    let (requests, uri) = (self.posting.requests.clone(), self.posting.uri.clone());
                    self.receiving = Receiving::Deleting(Box::pin(async move { requests.delete(uri).await }));
                }
                Receiving::Deleting(request) => {
                    // The server may have forgotten the connection already.
                    let _ = ready!(request.as_mut().poll(cx));
                    self.receiving = Receiving::Ended;
                }
                Receiving::Ended => return Poll::Ready(()),
            }
        }
    }

    fn bytes_sent(&self) -> u64 {
        self.posting.bytes_sent()
    }

    fn kind(&self) -> TransportKind {
        TransportKind::LongPolling
    }
}
