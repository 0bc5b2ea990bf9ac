//! The few HTTP answers an endpoint gives, in the exact form that SignalR's clients know.

use std::borrow::Cow;

use axum::{body::Body, response::Response};
use http::{
    HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE},
};
use serde::Serialize;

const TEXT: HeaderValue = HeaderValue::from_static("text/plain");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Room for the body of most answers, in bytes.
const USUAL_JSON: usize = 512;
/// Seconds after which a refused client may try again: there was no room, or the server is shutting down.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("5");

/// A status with a text for the client.
pub(in crate::server) fn text(status: StatusCode, body: impl Into<Body>) -> Response {
    with_type(status, TEXT, body)
}

/// A status without a text.
pub(in crate::server) fn empty(status: StatusCode) -> Response {
    text(status, Body::empty())
}

/// 200 with a body in JSON.
pub(in crate::server) fn json(body: &impl Serialize) -> Response {
    // The answer to a negotiation fits, and is not moved while it grows.
    let mut written = Vec::with_capacity(USUAL_JSON);
    match serde_json::to_writer(&mut written, body) {
        Ok(()) => with_type(StatusCode::OK, JSON, written),
        Err(_) => empty(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Why a request is not served. With 503 and 429 the answer carries `Retry-After`, with 401 `WWW-Authenticate`.
#[derive(Debug)]
pub(in crate::server) struct Refusal {
    pub(in crate::server) status: StatusCode,
    pub(in crate::server) text: Cow<'static, str>,
}

impl Refusal {
    /// A status with a text for the client; the text may be empty.
    pub(in crate::server) const fn new(status: StatusCode, text: &'static str) -> Self {
        Self { status, text: Cow::Borrowed(text) }
    }
}

impl From<Refusal> for Response {
    fn from(Refusal { status, text: body }: Refusal) -> Self {
        let mut response = text(status, body);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(RETRY_AFTER, RETRY_SECONDS);
        }
        response
    }
}

/// What every answer to a poll carries.
pub(in crate::server) fn never_cached(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(EXPIRES, HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT"));
    response
}

fn with_type(status: StatusCode, content_type: HeaderValue, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
