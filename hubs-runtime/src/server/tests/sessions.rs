//! A real hub behind the endpoint: what sessions send over each transport, and how they end.

use std::time::Duration;

use axum::Router;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{App, HubOptions, Server, answer, events::Events, soon, tell, text_frame};
use crate::{DisconnectError, HubCallerContext, HubError, HubResult, Hubs, NoClient, Principal, hub};

pub(super) const HANDSHAKE: &str = "{\"protocol\":\"json\",\"version\":1}\u{1e}";
const PING: &str = "{\"type\":6}\u{1e}";
const SHUTDOWN: &str = "{\"type\":7,\"allowReconnect\":true}\u{1e}";
const WS_PING: [u8; 2] = [0x89, 0];
const WS_PONG: [u8; 6] = [0x8A, 0x80, 0, 0, 0, 0];

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
pub(super) trait EchoHub {
    async fn echo(&self, cx: &Cx, text: String) -> HubResult<String>;
    async fn abort(&self, cx: &Cx) -> HubResult<()>;
    async fn large(&self, cx: &Cx, size: u32) -> HubResult<String>;
    async fn tenant(&self, cx: &Cx) -> HubResult<Option<String>>;
    async fn panic(&self, cx: &Cx) -> HubResult<()>;
}

pub(super) struct EchoImpl;

impl EchoHub for EchoImpl {
    async fn echo(&self, _: &Cx, text: String) -> HubResult<String> {
        Ok(text)
    }

    async fn abort(&self, cx: &Cx) -> HubResult<()> {
        cx.abort();
        Ok(())
    }

    async fn large(&self, _: &Cx, size: u32) -> HubResult<String> {
        Ok("x".repeat(size as usize))
    }

    async fn tenant(&self, cx: &Cx) -> HubResult<Option<String>> {
        Ok(cx.user().and_then(|user| user.claim("tenant")?.as_str().map(str::to_owned)))
    }

    async fn panic(&self, _: &Cx) -> HubResult<()> {
        panic!("as asked")
    }

    async fn on_connected(&self, cx: &Cx) -> HubResult<()> {
        if cx.request().uri.query() == Some("refuse") { Err(HubError::internal("secret")) } else { Ok(()) }
    }

    async fn on_disconnected(&self, cx: &Cx, _: Option<&DisconnectError>) {
        assert_ne!(cx.request().uri.query(), Some("panic"), "as asked");
    }
}

/// A hub at `/chat`, served until `App::shutdown` is cancelled.
pub(super) async fn start(options: HubOptions) -> Server {
    serve(Hubs::new().map_with("/chat", EchoHubContract, EchoImpl, options)).await
}

/// The hubs, served until `App::shutdown` is cancelled.
pub(super) async fn serve(hubs: Hubs) -> Server {
    let shutdown = CancellationToken::new();
    let (_, begun) = mpsc::unbounded_channel();
    let (_, ended) = mpsc::unbounded_channel();
    let app = App { begun, ended, shutdown, finish: CancellationToken::new(), tasks: TaskTracker::new() };
    let down = hubs.shutdown_on(app.shutdown.clone().cancelled_owned());
    let router = Router::new()
        .merge(hubs.router())
        .merge(hubs.health_routes())
        .layer(axum::middleware::map_request(authenticate));
    Server::serve_until(router, app, down).await
}

/// Stands for the application's authentication: `X-Token: <user> <tenant>`.
async fn authenticate(mut request: axum::extract::Request) -> axum::extract::Request {
    let token = request.headers().get("x-token").and_then(|token| token.to_str().ok()?.split_once(' '));
    if let Some((user, tenant)) = token {
        let user = Principal::new(user).with_claim("tenant", tenant);
        request.extensions_mut().insert(user);
    }
    request
}

/// Short enough for tests with real sockets, long enough for a busy machine.
pub(super) fn short_timeouts() -> HubOptions {
    HubOptions::default()
        .keep_alive_interval(Duration::from_millis(60))
        .client_timeout_interval(Duration::from_millis(400))
        .close_timeout(Duration::from_millis(400))
}

pub(super) async fn negotiated(server: &Server) -> String {
    format!("/chat?id={}", server.negotiate().await.1)
}

/// Event source after its handshake.
pub(super) async fn events(server: &Server) -> (String, Events) {
    let target = negotiated(server).await;
    let mut events = Events::open(server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    assert_eq!(server.post(&target, HANDSHAKE).await.status, 200);
    assert_eq!(events.next().await.unwrap(), "data: {}\u{1e}\r\n\r\n");
    (target, events)
}

/// Long polling after its handshake.
pub(super) async fn polled(server: &Server) -> String {
    let target = negotiated(server).await;
    assert_eq!(server.request("GET", &target, "").await.status, 200);
    assert_eq!(server.post(&target, HANDSHAKE).await.status, 200);
    assert_eq!(server.request("GET", &target, "").await.body, "{}\u{1e}");
    target
}

pub(super) async fn websocket(server: &Server) -> TcpStream {
    websocket_at(server, "/chat").await
}

pub(super) async fn websocket_at(server: &Server, target: &str) -> TcpStream {
    let (answer, mut socket) = server.upgrade(target, "").await;
    assert_eq!(answer.status, 101);
    socket.write_all(&text_frame(HANDSHAKE)).await.unwrap();
    assert_eq!(frame(&mut socket).await, text("{}\u{1e}"));
    socket
}

/// The next short frame, with its head.
pub(super) async fn frame(socket: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 2];
    soon(socket.read_exact(&mut head)).await.unwrap();
    let mut frame = vec![0; 2 + usize::from(head[1])];
    frame[..2].copy_from_slice(&head);
    soon(socket.read_exact(&mut frame[2..])).await.unwrap();
    frame
}

pub(super) fn text(text: &str) -> Vec<u8> {
    [&[0x81, u8::try_from(text.len()).unwrap()][..], text.as_bytes()].concat()
}

pub(super) fn call(target: &str, arguments: &str) -> String {
    format!("{{\"type\":1,\"invocationId\":\"1\",\"target\":\"{target}\",\"arguments\":{arguments}}}\u{1e}")
}

pub(super) const RESULT: &str = "{\"type\":3,\"invocationId\":\"1\",\"result\":\"a\"}\u{1e}";

/// The first event that has `text` in it.
async fn event_with(events: &mut Events, text: &str) -> String {
    let find = async {
        loop {
            let event = events.next().await.expect("the response goes on");
            if event.contains(text) {
                return event;
            }
        }
    };
    soon(find).await
}

#[tokio::test]
async fn server_sent_events_carry_calls_and_pings() {
    let server = start(short_timeouts()).await;
    let (target, mut events) = events(&server).await;
    assert_eq!(events.next().await.unwrap(), format!("data: {PING}\r\n\r\n"), "idle");
    server.post(&target, &call("Echo", "[\"a\"]")).await.is(200, Some("text/plain"), "");
    event_with(&mut events, RESULT).await;
    server.post(&target, &call("Abort", "[]")).await.is(200, Some("text/plain"), "");
    let last = event_with(&mut events, "\"type\":7").await;
    assert!(last.ends_with("{\"type\":7}\u{1e}\r\n\r\n"), "{last}");
    assert_eq!(events.next().await, None);
}

#[cfg(feature = "messagepack")]
#[tokio::test]
async fn server_sent_events_are_text_only() {
    let server = start(HubOptions::default()).await;
    let target = negotiated(&server).await;
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    server.post(&target, &HANDSHAKE.replace("json", "messagepack")).await;
    let refusal = "Cannot use the 'messagepack' protocol on the current transport. \
                   The transport does not support 'Binary' transfer format.";
    assert_eq!(events.next().await.unwrap(), format!("data: {{\"error\":\"{refusal}\"}}\u{1e}\r\n\r\n"));
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_client_that_polls_is_never_pinged_and_its_silence_means_nothing() {
    let poll_timeout = Duration::from_millis(900);
    let server = start(short_timeouts().long_polling_poll_timeout(poll_timeout)).await;
    let target = polled(&server).await;
    server.post(&target, PING).await;
    // Longer than fifteen keep-alives, and twice the time after which others are closed.
    let nothing = server.request("GET", &target, "").await;
    nothing.is(200, Some("text/plain"), "");
    server.post(&target, &call("Echo", "[\"a\"]")).await;
    server.request("GET", &target, "").await.is(200, Some("application/octet-stream"), RESULT);
}

#[tokio::test]
async fn a_client_that_polls_is_who_its_latest_poll_says() {
    let server = start(HubOptions::default()).await;
    let blue = "X-Token: ann blue\r\n";
    let target = format!("/chat?id={}", server.negotiate_as(blue).await.1);
    let poll = async |token: &str| server.request("GET", &target, token).await;
    let ask = async || server.post_as(blue, &target, &call("Tenant", "[]")).await.is(200, Some("text/plain"), "");
    assert_eq!(poll(blue).await.status, 200);
    assert_eq!(server.post_as(blue, &target, HANDSHAKE).await.status, 200);
    assert_eq!(poll(blue).await.body, "{}\u{1e}");

    ask().await;
    assert_eq!(poll("X-Token: ann green\r\n").await.body, RESULT.replace("\"a\"", "\"blue\""));
    ask().await;
    let answer = poll(blue).await.body;
    assert_eq!(answer, RESULT.replace("\"a\"", "\"green\""), "what is sent says nothing of its sender");
    assert_eq!(poll("X-Token: bob blue\r\n").await.status, 403, "but it is always the same user");
}

#[tokio::test]
async fn a_client_that_polls_is_told_of_the_end() {
    let server = start(HubOptions::default()).await;
    let target = polled(&server).await;
    let mut waiting = server.connect().await;
    tell(&mut waiting, "GET", &target, "Host: a\r\n").await;
    server.post(&target, &call("Abort", "[]")).await;
    let mut said = answer(&mut waiting, "GET").await.body;
    if !said.contains("\"type\":7") {
        said += &server.request("GET", &target, "").await.body;
    }
    assert!(said.ends_with("{\"type\":7}\u{1e}"), "{said}");
    assert_eq!(server.request("GET", &target, "").await.status, 204);
    assert_eq!(server.request("GET", &target, "").await.status, 404);
}

#[tokio::test]
async fn a_peer_that_gives_no_sign_of_life_is_closed() {
    let server = start(short_timeouts()).await;
    let mut socket = websocket(&server).await;
    let mut frames = Vec::new();
    soon(socket.read_to_end(&mut frames)).await.unwrap();
    assert!(frames.windows(2).any(|two| two == WS_PING), "it was asked");
    let last = "{\"type\":7,\"error\":\"Connection closed with an error. (timed out)\",\"allowReconnect\":true}\u{1e}";
    assert!(frames.ends_with(&[&text(last)[..], &[0x88, 2, 0x03, 0xE8]].concat()));
}

#[tokio::test]
async fn a_peer_that_answers_pings_may_keep_silent() {
    let server = start(short_timeouts()).await;
    let mut socket = websocket(&server).await;
    // Twice the time after which it would be dead.
    for _ in 0..15 {
        let mut asked = frame(&mut socket).await;
        while asked == text(PING) {
            asked = frame(&mut socket).await;
        }
        assert_eq!(asked, WS_PING);
        socket.write_all(&WS_PONG).await.unwrap();
    }
}

#[tokio::test]
async fn shutdown_ends_connections_of_every_kind() {
    let mut server = start(HubOptions::default()).await;
    let mut socket = websocket(&server).await;
    let (_, mut events) = events(&server).await;
    let parked_at = polled(&server).await;
    let between_polls = polled(&server).await;
    let unused = negotiated(&server).await;
    let mut parked = server.connect().await;
    tell(&mut parked, "GET", &parked_at, "Host: a\r\n").await;
    server.app.shutdown.cancel();

    assert_eq!(frame(&mut socket).await, text(SHUTDOWN));
    assert_eq!(frame(&mut socket).await, [0x88, 2, 0x03, 0xE8]);
    drop(socket);
    assert_eq!(events.next().await.unwrap(), format!("data: {SHUTDOWN}\r\n\r\n"));
    assert_eq!(events.next().await, None);
    assert_eq!(answer(&mut parked, "GET").await.body, SHUTDOWN);
    assert_eq!(server.request("GET", &between_polls, "").await.body, SHUTDOWN);
    assert_eq!(server.request("GET", &unused, "").await.status, 503);
    soon(&mut server.serving).await.unwrap().unwrap();
}
