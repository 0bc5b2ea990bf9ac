//! Opening Server-Sent Events: the one response that carries all that the client is sent.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use http::{
    HeaderName, HeaderValue,
    header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, PRAGMA},
    request::Parts,
};

use super::{
    Accepted, Acceptor, Endpoint, Named, OTHER_TRANSPORT, TAKEN,
    elsewhere::Held,
    tokens::{Attachment, Line},
};
use crate::{
    server::http::answer::Refusal,
    transport::{
        TransportKind,
        sse::{self, EventStream, ServerSentEvents},
    },
};

const HEADERS: [(HeaderName, &str); 5] = [
    (CONTENT_TYPE, "text/event-stream"),
    (CACHE_CONTROL, "no-cache,no-store"),
    (PRAGMA, "no-cache"),
    // So that no layer of the application compresses, and thereby collects, what must leave at once.
    (CONTENT_ENCODING, "identity"),
    // So that nginx does not collect it either.
    (HeaderName::from_static("x-accel-buffering"), "no"),
];

impl<A: Acceptor> Endpoint<A> {
    pub(super) async fn open_events(self: &Arc<Self>, mut request: Parts) -> Result<Response, Refusal> {
        let named = self.named(&request)?;
        self.check_transport(TransportKind::ServerSentEvents)?;
        match &named.line {
            Line::Unused | Line::Posted(_) => self.check_opening(&request)?,
            Line::Events(_) => return Err(TAKEN),
            Line::WebSocket(_) | Line::Polls(..) => return Err(OTHER_TRANSPORT),
        }
        let claim = self.claim(&named, true).await.map_err(|Held| TAKEN)?;
        let Named { token, claims, user, .. } = named;
        let counted = self.count(&request, user.as_ref())?;
        let latest = self.renewable(&mut request);
        let (attachment, (transport, events)) = self.tokens.attach(&token, &claims, user, counted, |feed| {
            let opened = sse::open(feed.clone());
            (Line::Events(feed), opened)
        })?;
        latest.into_iter().for_each(|latest| self.tokens.renew_by(&claims, latest));
        self.tasks.spawn(Arc::clone(self).run_events(request, attachment.claimed(claim), transport));
        Ok(streamed(events))
    }

    fn run_events(
        self: Arc<Self>,
        request: Parts,
        attachment: Attachment,
        transport: ServerSentEvents,
    ) -> impl Future<Output = ()> + Send {
        let accepted = Accepted { id: attachment.id().clone(), request, handover: None };
        let session = self.acceptor.clone().accept(accepted, transport);
        async move {
            session.await;
            // The token stays taken for as long as the connection lives.
            drop(attachment);
        }
    }
}

/// A response whose events leave at once.
pub(in crate::server) fn streamed(events: EventStream) -> Response {
    let mut response = Response::new(Body::from_stream(events));
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
