//! The endpoint over real sockets, with raw bytes on the client's side and an acceptor that echoes.

mod attacks;
mod autobahn;
#[cfg(target_os = "linux")]
mod clock;
mod cluster;
mod connection_end;
mod connection_limits;
mod connections;
mod cors;
mod events;
mod expiry;
mod gate;
mod group_limits;
#[cfg(feature = "testing")]
mod handshake;
mod http2;
mod identity;
mod idle_sockets;
#[cfg(feature = "jwt")]
mod jwt;
mod logged;
#[cfg(feature = "metrics")]
mod metrics;
mod options;
mod polling;
mod posts;
mod rates;
mod refusals;
#[cfg(feature = "jwt")]
mod renewed_groups;
mod requests;
mod resource_limits;
mod resumable;
mod resume;
#[cfg(unix)]
mod run;
mod sessions;
#[cfg(target_os = "linux")]
mod shortage;
mod spans;
mod stopping;
#[cfg(feature = "jwt")]
mod ways_in;
mod websockets;

use std::{collections::HashMap, future::poll_fn, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use bytes::Bytes;
use http::request::Parts;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    HubOptions,
    endpoint::{Accepted, Acceptor, Wiring, router},
    serve::Shutdown,
};
use crate::{
    ids::{ConnectionId, TransferFormat, UserId},
    lifetime::ConnectionCounts,
    transport::{CloseCode, Transport, TransportError},
};

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const CLOSE_FRAME: [u8; 6] = [0x88, 0x80, 0, 0, 0, 0];
const CLOSED_1000: [u8; 4] = [0x88, 2, 0x03, 0xE8];

async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(10), future).await.expect("within the time limit")
}

/// What the acceptor saw of one connection.
struct Seen {
    id: ConnectionId,
    request: Parts,
    transport: &'static str,
}

/// How the connection ended for the acceptor: cleanly, or with an error of its transport.
struct Ended {
    id: ConnectionId,
    clean: bool,
}

/// Sends back what it gets, until it gets `bye` or is told to finish, or the client is gone.
#[derive(Clone)]
struct Echo {
    begun: mpsc::UnboundedSender<Seen>,
    ended: mpsc::UnboundedSender<Ended>,
    finish: CancellationToken,
}

impl Echo {
    async fn serve<T: Transport>(&self, transport: &mut T) -> Result<(), TransportError> {
        loop {
            let mut bytes = Vec::new();
            let received = tokio::select! {
                received = poll_fn(|cx| transport.poll_receive(cx, &mut bytes)) => received,
                () = self.finish.cancelled() => return self.send(transport, Bytes::from_static(b"finished")).await,
            };
            if received.transpose()?.is_none() {
                return Ok(());
            }
            let is_last = bytes == b"bye";
            self.send(transport, bytes.into()).await?;
            if is_last {
                return Ok(());
            }
        }
    }

    async fn send<T: Transport>(&self, transport: &mut T, bytes: Bytes) -> Result<(), TransportError> {
        transport.send(bytes, TransferFormat::Text).expect("the last batch was flushed");
        poll_fn(|cx| transport.poll_flush(cx)).await
    }
}

impl Acceptor for Echo {
    async fn accept<T: Transport>(self, accepted: Accepted, mut transport: T) {
        let Accepted { id, request, .. } = accepted;
        let seen = Seen { id: id.clone(), request, transport: std::any::type_name::<T>() };
        self.begun.send(seen).expect("the test listens");
        let clean = self.serve(&mut transport).await.is_ok();
        poll_fn(|cx| transport.poll_close(cx, CloseCode::Normal)).await;
        self.ended.send(Ended { id, clean }).ok();
    }
}

/// A hub that echoes, and what the test sees of it.
struct App {
    begun: mpsc::UnboundedReceiver<Seen>,
    ended: mpsc::UnboundedReceiver<Ended>,
    shutdown: CancellationToken,
    finish: CancellationToken,
    tasks: TaskTracker,
}

impl App {
    /// For servers whose hub is another.
    fn unused() -> Self {
        let (_, begun) = mpsc::unbounded_channel();
        let (_, ended) = mpsc::unbounded_channel();
        let (shutdown, finish) = (CancellationToken::new(), CancellationToken::new());
        Self { begun, ended, shutdown, finish, tasks: TaskTracker::new() }
    }
}

/// Such a hub at `/chat`, served.
struct Server {
    address: SocketAddr,
    app: App,
    serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

fn echo_at(path: &str, options: HubOptions) -> (Router, App) {
    let (begun_in, begun) = mpsc::unbounded_channel();
    let (ended_in, ended) = mpsc::unbounded_channel();
    let shutdown = CancellationToken::new();
    let finish = CancellationToken::new();
    let tasks = TaskTracker::new();
    let connections = Arc::new(ConnectionCounts::new(options.connection_limits()));
    let wiring = Wiring {
        connections,
        isolation: Default::default(),
        cluster: None,
        hub: "Chat".to_owned(),
        authentication: Default::default(),
        gate: Default::default(),
        options: Arc::new(options),
        // Stands for the application's authentication.
        user_id: Arc::new(|request| request.headers.get("x-user")?.to_str().ok().map(UserId::from)),
        stopping: shutdown.clone(),
        shutdown: shutdown.clone(),
        tasks: tasks.clone(),
        counters: Arc::default(),
        acceptor: Echo { begun: begun_in, ended: ended_in, finish: finish.clone() },
    };
    (router(path, wiring), App { begun, ended, shutdown, finish, tasks })
}

impl Server {
    async fn start(options: HubOptions) -> Self {
        let (router, app) = echo_at("/chat", options);
        Self::serve(router, app).await
    }

    async fn serve(router: Router, app: App) -> Self {
        let down = app.shutdown.clone().cancelled_owned();
        let down = Shutdown {
            hubs: Vec::new(),
            stopping: app.shutdown.clone(),
            ended: app.shutdown.clone(),
            tasks: app.tasks.clone(),
            spread: Duration::ZERO,
            timeout: Duration::from_secs(5),
        }
        .on(down);
        Self::serve_until(router, app, down).await
    }

    async fn serve_until(router: Router, app: App, down: impl Future<Output = ()> + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(down).await });
        Self { address, app, serving }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// One request on its own socket; `headers` end with CRLF each.
    async fn request(&self, method: &str, target: &str, headers: &str) -> Answer {
        let mut socket = self.connect().await;
        ask(&mut socket, method, target, &format!("Host: {}\r\nConnection: close\r\n{headers}", self.address)).await
    }

    /// One request with a body.
    async fn post(&self, target: &str, body: &str) -> Answer {
        self.post_as("", target, body).await
    }

    async fn post_as(&self, headers: &str, target: &str, body: &str) -> Answer {
        let headers = format!("Host: {}\r\nContent-Length: {}\r\n{headers}", self.address, body.len());
        let mut socket = self.connect().await;
        tell(&mut socket, "POST", target, &headers).await;
        socket.write_all(body.as_bytes()).await.unwrap();
        answer(&mut socket, "POST").await
    }

    async fn negotiate(&self) -> (String, String) {
        self.negotiate_as("").await
    }

    async fn negotiate_as(&self, headers: &str) -> (String, String) {
        let answer = self.request("POST", "/chat/negotiate?negotiateVersion=1", headers).await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        let text = |name: &str| json[name].as_str().unwrap().to_owned();
        (text("connectionId"), text("connectionToken"))
    }

    async fn upgrade(&self, target: &str, headers: &str) -> (Answer, TcpStream) {
        let mut socket = self.connect().await;
        let answer = ask(&mut socket, "GET", target, &format!("Host: {}\r\n{UPGRADE}{headers}", self.address)).await;
        (answer, socket)
    }

    async fn begun(&mut self) -> Seen {
        soon(self.app.begun.recv()).await.unwrap()
    }

    async fn ended(&mut self) -> Ended {
        soon(self.app.ended.recv()).await.unwrap()
    }
}

struct Answer {
    status: u16,
    headers: HashMap<String, String>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    #[track_caller]
    fn is(&self, status: u16, content_type: Option<&str>, body: &str) {
        assert_eq!((self.status, self.header("content-type"), self.body.as_str()), (status, content_type, body));
    }
}

async fn ask<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut S, method: &str, target: &str, headers: &str) -> Answer {
    tell(socket, method, target, headers).await;
    answer(socket, method).await
}

async fn tell<S: AsyncWrite + Unpin>(socket: &mut S, method: &str, target: &str, headers: &str) {
    socket.write_all(format!("{method} {target} HTTP/1.1\r\n{headers}\r\n").as_bytes()).await.unwrap();
}

/// The head of an answer, and its body if the head tells how long it is.
async fn answer<S: AsyncRead + Unpin>(socket: &mut S, method: &str) -> Answer {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(socket.read_u8()).await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers: HashMap<_, _> = lines.filter_map(header).collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; if method == "HEAD" { 0 } else { length }];
    soon(socket.read_exact(&mut body)).await.unwrap();
    Answer { status, headers, body: String::from_utf8(body).unwrap() }
}

fn text_frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81, 0x80 | u8::try_from(text.len()).unwrap(), 0, 0, 0, 0];
    frame.extend(text.bytes());
    frame
}

/// Sends a short text and reads it back.
async fn echo_works<S: AsyncRead + AsyncWrite + Unpin>(socket: &mut S, text: &str) {
    socket.write_all(&text_frame(text)).await.unwrap();
    let mut frame = vec![0; 2 + text.len()];
    soon(socket.read_exact(&mut frame)).await.unwrap();
    assert_eq!(&frame[2..], text.as_bytes());
}

async fn close_and_read_rest(socket: &mut TcpStream) {
    socket.write_all(&CLOSE_FRAME).await.unwrap();
    let mut rest = Vec::new();
    soon(socket.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(rest, CLOSED_1000);
}
