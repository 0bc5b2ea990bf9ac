//! The requests of one connection: they have the application's headers and the connection's token.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::{client::legacy, rt::TokioExecutor};
use tokio::time::timeout;

use super::{connector::Connector, error::RequestError, token::Bearer};
use crate::ids::TransferFormat;

/// Largest body that is read whole.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// How much of an unexpected body is shown.
const SHOWN: usize = 200;

/// The sockets that are open for requests, and the headers of every request.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) connector: Connector,
    client: legacy::Client<Connector, Full<Bytes>>,
    headers: HeaderMap,
    limit: Duration,
}

impl Http {
    /// `headers` are the application's; `limit` is for the answer to one request.
    pub(super) fn new(connector: Connector, headers: HeaderMap, limit: Duration) -> Arc<Self> {
        let client = legacy::Client::builder(TokioExecutor::new()).build(connector.clone());
        Arc::new(Self { connector, client, headers: with_defaults(headers), limit })
    }

    /// The same, with sockets of its own, which are closed when nothing uses it any more. A connection that has its WebSocket needs
    /// none.
    pub(super) fn apart(&self) -> Arc<Self> {
        Self::new(self.connector.clone(), self.headers.clone(), self.limit)
    }
}

fn with_defaults(mut headers: HeaderMap) -> HeaderMap {
    let agent = HeaderValue::from_static(concat!("hubs/", env!("CARGO_PKG_VERSION"), " (Rust)"));
    headers.entry(USER_AGENT).or_insert(agent);
    headers.entry("x-requested-with").or_insert(HeaderValue::from_static("XMLHttpRequest"));
    headers
}

/// Makes requests with the token of one connection. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Requests {
    pub(super) http: Arc<Http>,
    pub(super) bearer: Bearer,
}

impl Requests {
    /// A request with all headers.
    pub(super) fn request(&self, method: Method, uri: Uri, body: Bytes) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(body));
        *request.headers_mut() = self.http.headers.clone();
        self.bearer.add_to(request.headers_mut());
        (*request.method_mut(), *request.uri_mut()) = (method, uri);
        request
    }

    /// Posts a batch of hub messages, or asks to negotiate.
    pub(super) async fn post(&self, uri: Uri, body: Bytes, format: TransferFormat) -> Result<Bytes, RequestError> {
        let mut request = self.request(Method::POST, uri, body);
        let kind = match format {
            TransferFormat::Text => "text/plain;charset=UTF-8",
            TransferFormat::Binary => "application/octet-stream",
        };
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        self.whole(request).await.map(|(_, body)| body)
    }

    /// Fetches a body whole, with its status.
    pub(super) async fn get(&self, uri: Uri) -> Result<(StatusCode, Bytes), RequestError> {
        self.whole(self.request(Method::GET, uri, Bytes::new())).await
    }

    pub(super) async fn delete(&self, uri: Uri) -> Result<(), RequestError> {
        self.whole(self.request(Method::DELETE, uri, Bytes::new())).await.map(drop)
    }

    /// Opens a body that is read as it comes.
    pub(super) async fn events(&self, uri: Uri) -> Result<Incoming, RequestError> {
        let mut request = self.request(Method::GET, uri, Bytes::new());
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        let limit = self.http.limit;
        let answer = timeout(limit, self.http.client.request(request)).await;
        let answer = answer.map_err(|_| RequestError::TimedOut(limit))?.map_err(|error| RequestError::of(&error))?;
        if answer.status() == StatusCode::OK { Ok(answer.into_body()) } else { Err(self.refused(answer).await) }
    }

    async fn whole(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), RequestError> {
        let limit = self.http.limit;
        let answered = async {
            let answer = self.http.client.request(request).await.map_err(|error| RequestError::of(&error))?;
            let status = answer.status();
            if !status.is_success() {
                return Err(refusal(answer).await);
            }
            Ok((status, body(answer, LARGEST_BODY).await?))
        };
        timeout(limit, answered).await.unwrap_or(Err(RequestError::TimedOut(limit)))
    }

    async fn refused(&self, answer: Response<Incoming>) -> RequestError {
        let limit = self.http.limit;
        timeout(limit, refusal(answer)).await.unwrap_or(RequestError::TimedOut(limit))
    }
}

async fn body(answer: Response<Incoming>, limit: usize) -> Result<Bytes, RequestError> {
    match Limited::new(answer.into_body(), limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            Err(RequestError::Failed(format!("the answer is larger than {limit} bytes")))
        }
        Err(error) => Err(RequestError::of(&*error)),
    }
}

/// What a status says that was not expected, with the start of a text that explains it.
pub(super) async fn refusal(answer: Response<Incoming>) -> RequestError {
    let status = answer.status().as_u16();
    let bytes = body(answer, 16 * 1024).await.unwrap_or_default();
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let text = if text.starts_with('<') { String::new() } else { text.chars().take(SHOWN).collect() };
    RequestError::Status { status, text }
}
