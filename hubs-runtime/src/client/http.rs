//! The requests of one connection: they have the application's headers and the connection's token.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri,
    header::{ACCEPT, CONTENT_TYPE, USER_AGENT},
};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{
        self,
        connect::{CaptureConnection, capture_connection},
    },
    rt::TokioExecutor,
};
use tokio::time::timeout;

use super::{
    connector::{Connector, SocketClosed},
    error::RequestError,
    token::Bearer,
};
use crate::ids::TransferFormat;

/// Largest body that is read whole.
const LARGEST_BODY: usize = 64 * 1024 * 1024;

/// How long an answer may take that was read before its socket was closed, or a request that goes to another socket.
const AFTER_CLOSE: Duration = Duration::from_secs(1);

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
        let answer = timeout(limit, self.send(request)).await.map_err(|_| RequestError::TimedOut(limit))??;
        if answer.status() == StatusCode::OK { Ok(answer.into_body()) } else { Err(self.refused(answer).await) }
    }

    async fn whole(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, Bytes), RequestError> {
        let limit = self.http.limit;
        let answered = async {
            let answer = self.send(request).await?;
            let status = answer.status();
            if !status.is_success() {
                return Err(refusal(answer).await);
            }
            Ok((status, body(answer, LARGEST_BODY).await?))
        };
        timeout(limit, answered).await.unwrap_or(Err(RequestError::TimedOut(limit)))
    }

    /// Waits for the head of an answer.
    async fn send(&self, mut request: Request<Full<Bytes>>) -> Result<Response<Incoming>, RequestError> {
        let socket = capture_connection(&mut request);
        let answer = until_closed(self.http.client.request(request), socket).await;
        let lost = || RequestError::Failed("the server has closed the socket without an answer".to_owned());
        answer.ok_or_else(lost)?.map_err(|error| RequestError::of(&error))
    }

    async fn refused(&self, answer: Response<Incoming>) -> RequestError {
        let limit = self.http.limit;
        timeout(limit, refusal(answer)).await.unwrap_or(RequestError::TimedOut(limit))
    }
}

/// Waits for an answer until its socket is closed. hyper alone may wait without end where the server closes a socket at the
/// moment at which the request is handed over to it (hyper's issue 4122).
async fn until_closed<F: Future>(answer: F, mut socket: CaptureConnection) -> Option<F::Output> {
    let mut answer = std::pin::pin!(answer);
    loop {
        tokio::select! {
            biased;
            answer = &mut answer => return Some(answer),
            () = closed(&mut socket) => {}
        }
        if let Ok(answer) = timeout(AFTER_CLOSE, &mut answer).await {
            return Some(answer);
        }
        // hyper may have sent the request to another socket.
        if closed(&mut socket).now_or_never().is_some() {
            return None;
        }
    }
}

/// Returns when the socket is closed that the request was handed over to last.
async fn closed(socket: &mut CaptureConnection) {
    let mut known = http::Extensions::new();
    if let Some(connected) = socket.wait_for_connection_metadata().await.as_ref() {
        connected.get_extras(&mut known);
    }
    match known.get::<SocketClosed>() {
        Some(closed) => closed.0.cancelled().await,
        None => std::future::pending().await,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_ends_with_its_socket_even_if_hyper_gives_no_answer() {
        let (server, mut sockets) = tokio::sync::mpsc::unbounded_channel();
        let mut connector = Connector::tcp(Duration::from_secs(10));
        connector.open_with(move |_| {
            let (near, far) = tokio::io::duplex(1024);
            std::future::ready(server.send(far).map(|()| near).map_err(std::io::Error::other))
        });
        let http = Http::new(connector, HeaderMap::new(), Duration::from_secs(100));
        let requests = Requests { http, bearer: Bearer::default() };
        let mut request = requests.request(Method::POST, Uri::from_static("http://server/hub/negotiate"), Bytes::new());
        let socket = capture_connection(&mut request);
        let sent = tokio::spawn(requests.http.client.request(request));
        let mut ends = Box::pin(until_closed(std::future::pending::<()>(), socket));
        let far = sockets.recv().await.expect("a socket is opened");
        assert!(timeout(Duration::from_millis(20), &mut ends).await.is_err(), "the socket is open");
        drop(far);
        assert_eq!(timeout(Duration::from_secs(20), ends).await.expect("it ends"), None);
        assert!(timeout(Duration::from_secs(20), sent).await.expect("it ends").expect("it runs").is_err());
    }
}
