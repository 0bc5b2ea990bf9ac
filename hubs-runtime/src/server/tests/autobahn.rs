//! Autobahn's cases against an echo on our own WebSockets, over every kind of socket they come with. Needs a Python that
//! has `kosoku`, which `cargo xtask test --only autobahn` gives it.

use std::{any::Any, future::poll_fn, marker::PhantomData, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Request,
    response::Response,
    serve::{Listener, ListenerExt},
};
use http::{Method, Version};
use hyper::{
    client::conn::http2::{self, SendRequest},
    ext::Protocol,
    upgrade::{OnUpgrade, Upgraded},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, BufStream, ReadHalf, WriteHalf, copy, sink, split},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    process::Command,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    server::{
        HubOptions,
        endpoint::{Accepted, Acceptor, Wiring, router, upgrade},
    },
    transport::{
        CloseCode, Transport,
        websocket::{WebSocket, WriteIo, echo::echo},
    },
};

/// How long all cases over one kind of socket may take. They take 3 to 7 s.
const LIMIT: Duration = Duration::from_secs(120);

/// How many cases there are.
const CASES: usize = 517;

/// The only ones whose verdicts may be, and must be, other than `OK`: the start of their numbers, the verdicts, and how
/// many they are. SignalR does not compress, so we offer no compression; what is informational has no right answer.
const EXCEPTIONS: [(&str, [&str; 2], usize); 4] = [
    ("7.1.6", ["INFORMATIONAL", "INFORMATIONAL"], 1),
    ("7.13.", ["INFORMATIONAL", "INFORMATIONAL"], 2),
    ("12.", ["UNIMPLEMENTED", "OK"], 90),
    ("13.", ["UNIMPLEMENTED", "OK"], 126),
];

/// What Autobahn thinks of us in one case.
#[derive(serde::Deserialize)]
struct Verdict {
    case: String,
    /// Of what was said.
    behavior: String,
    /// Of how it ended.
    close: String,
    /// In words.
    result: String,
}

impl Verdict {
    fn found(&self) -> [&str; 2] {
        [&self.behavior, &self.close]
    }

    fn expected(&self) -> [&str; 2] {
        let exception = EXCEPTIONS.iter().find(|(group, ..)| self.case.starts_with(group));
        exception.map_or(["OK", "OK"], |(_, verdicts, _)| *verdicts)
    }
}

/// Echoes on WebSockets whose socket has the halves `R` and `W`; there must be no others.
struct Echo<R, W>(PhantomData<fn() -> (R, W)>);

impl<R, W> Clone for Echo<R, W> {
    fn clone(&self) -> Self {
        Self(PhantomData)
    }
}

impl<R: AsyncRead + Unpin + Send + 'static, W: WriteIo> Acceptor for Echo<R, W> {
    async fn accept<T: Transport>(self, _: Accepted, mut transport: T) {
        let any: &mut (dyn Any + Send) = &mut transport;
        let socket = any.downcast_mut::<WebSocket<R, W>>().expect("the socket is of the kind that is tested");
        // A client that breaks the rules is told so in the Close frame.
        let _ = echo(socket).await;
        poll_fn(|cx| socket.poll_close(cx, CloseCode::Normal)).await;
    }
}

/// Serves such an echo.
async fn serve<R, W, L>(listener: L)
where
    R: AsyncRead + Unpin + Send + 'static,
    W: WriteIo,
    L: Listener<Addr: std::fmt::Debug>,
{
    let wiring = Wiring {
        isolation: Default::default(),
        cluster: None,
        hub: "Echo".to_owned(),
        authentication: Default::default(),
        gate: Default::default(),
        options: Arc::new(HubOptions::default().maximum_receive_message_size(None)),
        user_id: Arc::new(|_| None),
        stopping: CancellationToken::new(),
        shutdown: CancellationToken::new(),
        tasks: TaskTracker::new(),
        connections: Arc::new(crate::lifetime::ConnectionCounts::new(HubOptions::default().connection_limits())),
        counters: Arc::default(),
        acceptor: Echo::<R, W>(PhantomData),
    };
    axum::serve(listener, router::<_, ()>("/echo", wiring)).await.expect("it serves for ever");
}

/// A TCP listener whose sockets are not plain ones.
struct Buffered(TcpListener);

impl Listener for Buffered {
    type Io = BufStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (socket, address) = Listener::accept(&mut self.0).await;
        (BufStream::new(socket), address)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A reverse proxy that passes each WebSocket on as one stream of an HTTP/2 connection: `kosoku` itself speaks
/// HTTP/1.1 only.
async fn proxy(listener: TcpListener, server: SocketAddr) {
    let socket = TcpStream::connect(server).await.expect("the server listens");
    socket.set_nodelay(true).expect("it can be set");
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(socket));
    let (mut sender, connection) = handshake.await.expect("it speaks HTTP/2");
    tokio::spawn(connection);
    // The answer to this also shows that the server's settings have arrived.
    let negotiate = http::Request::post(format!("http://{server}/echo/negotiate"));
    let answer = sender.send_request(negotiate.body(Body::empty()).expect("a request")).await.expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    let pass_on = async move |request: Request| pass_on(request, sender, server).await;
    axum::serve(at_once(listener), Router::new().fallback(pass_on)).await.expect("it serves for ever");
}

/// As `Hubs::run` does it: half a frame must not wait until the client has acknowledged the other half.
fn at_once(listener: TcpListener) -> impl Listener<Addr = SocketAddr> {
    listener.tap_io(|socket| socket.set_nodelay(true).expect("it can be set"))
}

async fn pass_on(request: Request, mut sender: SendRequest<Body>, server: SocketAddr) -> Response {
    let (mut near, _) = request.into_parts();
    let near_side = near.extensions.remove::<OnUpgrade>().expect("an upgrade");
    let far = http::Request::builder().method(Method::CONNECT).version(Version::HTTP_2);
    let far = far.uri(format!("http://{server}/echo")).header("sec-websocket-version", "13");
    let far = far.extension(Protocol::from_static("websocket")).body(Body::empty()).expect("a request");
    let answer = sender.send_request(far).await.expect("an answer");
    assert_eq!(answer.status(), 200);
    tokio::spawn(async move {
        let (near, far) = tokio::join!(near_side, hyper::upgrade::on(answer));
        let (Ok(near), Ok(far)) = (near, far) else { return };
        relay(TokioIo::new(near), TokioIo::new(far)).await;
    });
    upgrade::answer(&near, &[]).expect("an upgrade")
}

/// Passes bytes on until both sides have ended. One that is reset is as good as ended: what it said before still
/// arrives, and what is said to it is read and dropped, for a socket that is closed with unread bytes resets its peer.
async fn relay(near: TokioIo<Upgraded>, far: TokioIo<Upgraded>) {
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) = (split(near), split(far));
    let to_far = async {
        let _ = copy(&mut near_in, &mut far_out).await;
        let _ = far_out.shutdown().await;
        let _ = copy(&mut near_in, &mut sink()).await;
    };
    let to_near = async {
        let _ = copy(&mut far_in, &mut near_out).await;
        let _ = near_out.shutdown().await;
    };
    tokio::join!(to_far, to_near);
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Runs all cases and gives their verdicts.
async fn verdicts(address: SocketAddr) -> Vec<Verdict> {
    let python = std::env::var_os("HUBS_PYTHON").expect("set by `cargo xtask test --only autobahn`, which runs this");
    let mut command = Command::new(python);
    command.args(["-c", include_str!("autobahn.py"), &format!("ws://{address}/echo")]).kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.expect("within the time limit").expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("verdicts")
}

async fn check(address: SocketAddr) {
    let verdicts = verdicts(address).await;
    for verdict in &verdicts {
        assert_eq!(verdict.found(), verdict.expected(), "case {}: {}", verdict.case, verdict.result);
    }
    for (group, expected, cases) in EXCEPTIONS {
        let found = verdicts.iter().filter(|verdict| verdict.case.starts_with(group)).count();
        assert_eq!(found, cases, "cases {group}* are {expected:?}");
    }
    assert_eq!(verdicts.len(), CASES);
}

/// Case 21.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "cargo xtask test --only autobahn runs it"]
async fn autobahn_over_plain_tcp() {
    let (listener, address) = listen().await;
    tokio::spawn(serve::<OwnedReadHalf, OwnedWriteHalf, _>(listener));
    check(address).await;
}

/// Case 21.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "cargo xtask test --only autobahn runs it"]
async fn autobahn_over_any_other_socket() {
    let (listener, address) = listen().await;
    tokio::spawn(serve::<ReadHalf<TokioIo<Upgraded>>, WriteHalf<TokioIo<Upgraded>>, _>(Buffered(listener)));
    check(address).await;
}

/// Case 21.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "cargo xtask test --only autobahn runs it"]
async fn autobahn_over_a_stream_of_http_2() {
    let ((server, server_address), (front, address)) = (listen().await, listen().await);
    tokio::spawn(serve::<ReadHalf<TokioIo<Upgraded>>, WriteHalf<TokioIo<Upgraded>>, _>(at_once(server)));
    tokio::spawn(proxy(front, server_address));
    check(address).await;
}
