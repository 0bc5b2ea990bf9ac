//! The floor of the other transports: bare hyper, with as many requests, over HTTP/1.1 or HTTP/2. It answers the same
//! negotiation, events and polls as a hub would, and checks nothing.

use std::{
    collections::HashMap,
    convert::Infallible,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Either, Full};
use hyper::{
    Method, Request, Response,
    body::{Body, Frame, Incoming},
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use tokio::{net::TcpStream, sync::mpsc};

use crate::{answer, opening};

/// One connection of a hub.
struct Client {
    send: mpsc::UnboundedSender<Bytes>,
    /// Where what is sent comes out, between two polls.
    queue: Mutex<Option<mpsc::UnboundedReceiver<Bytes>>>,
}

static CLIENTS: LazyLock<Mutex<HashMap<String, Arc<Client>>>> = LazyLock::new(Mutex::default);

/// A response that does not end: an event for all that waits.
struct Events(mpsc::UnboundedReceiver<Bytes>);

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|message| message.map(|message| Ok(Frame::data(event(&message)))))
    }
}

fn event(message: &[u8]) -> Bytes {
    [b"data: ", message, b"\r\n\r\n"].concat().into()
}

type Answer = Response<Either<Full<Bytes>, Events>>;

/// What a client of HTTP/2 sends first, as far as it differs from every request of HTTP/1.1.
const PREFACE: &[u8; 3] = b"PRI";

/// Serves one socket.
pub(crate) async fn serve(socket: TcpStream) {
    let mut first = [0; PREFACE.len()];
    let http2 = socket.peek(&mut first).await.is_ok() && first == *PREFACE;
    let socket = TokioIo::new(socket);
    // It ends when the client has gone.
    if http2 {
        drop(http2::Builder::new(TokioExecutor::new()).serve_connection(socket, service_fn(answer)).await);
    } else {
        drop(http1::Builder::new().serve_connection(socket, service_fn(answer)).await);
    }
}

async fn answer(request: Request<Incoming>) -> Result<Answer, hyper::Error> {
    let id = request.uri().query().and_then(|query| query.strip_prefix("id=")).map(str::to_owned);
    let Some(id) = id else {
        request.into_body().collect().await?;
        return Ok(whole(opening::negotiation()));
    };
    if request.method() == Method::POST {
        let body = request.into_body().collect().await?.to_bytes();
        if let Some(client) = client(&id) {
            receive(&client, &body);
        }
        return Ok(whole(Bytes::new()));
    }
    if request.method() == Method::DELETE {
        CLIENTS.lock().remove(&id);
        let mut answer = whole(Bytes::new());
        *answer.status_mut() = hyper::StatusCode::ACCEPTED;
        return Ok(answer);
    }
    let client = client(&id);
    let first = client.is_none();
    let client = client.unwrap_or_else(|| add(&id));
    if request.headers().get("accept").is_some_and(|accept| accept == "text/event-stream") {
        let queue = client.queue.lock().take();
        let events = Events(queue.unwrap_or_else(|| mpsc::unbounded_channel().1));
        let mut answer = Response::new(Either::Right(events));
        answer.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("text/event-stream"));
        return Ok(answer);
    }
    Ok(whole(if first { Bytes::new() } else { polled(&client).await }))
}

fn whole(body: impl Into<Bytes>) -> Answer {
    Response::new(Either::Left(Full::new(body.into())))
}

fn client(id: &str) -> Option<Arc<Client>> {
    CLIENTS.lock().get(id).cloned()
}

fn add(id: &str) -> Arc<Client> {
    let (send, queue) = mpsc::unbounded_channel();
    let client = Arc::new(Client { send, queue: Mutex::new(Some(queue)) });
    CLIENTS.lock().insert(id.to_owned(), Arc::clone(&client));
    client
}

/// All that waits, once there is anything.
async fn polled(client: &Client) -> Bytes {
    let Some(mut queue) = client.queue.lock().take() else { return Bytes::new() };
    let first = queue.recv().await.unwrap_or_default();
    let mut joined = Vec::new();
    while let Ok(next) = queue.try_recv() {
        if joined.is_empty() {
            joined.extend_from_slice(&first);
        }
        joined.extend_from_slice(&next);
    }
    *client.queue.lock() = Some(queue);
    if joined.is_empty() { first } else { joined.into() }
}

/// Answers the messages of one POST, all at once.
fn receive(client: &Client, body: &[u8]) {
    let mut out = Vec::new();
    let mut rest = body;
    while let Some(end) = memchr::memchr(0x1e, rest) {
        let called = answer::plain(&rest[..end], &mut out);
        if let Some(text) = called {
            let message: Bytes =
                [b"{\"type\":1,\"target\":\"Receive\",\"arguments\":[", text, b"]}\x1e"].concat().into();
            for other in CLIENTS.lock().values() {
                drop(other.send.send(message.clone()));
            }
        }
        rest = &rest[end + 1..];
    }
    drop(client.send.send(out.into()));
}
