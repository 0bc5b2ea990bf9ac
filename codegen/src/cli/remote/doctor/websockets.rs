//! WebSockets: whether the upgrade passes, and whether a connection that says little is left alone.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderValue, Method, Request, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::time::{Instant, interval_at, timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::{client::generate_key, derive_accept_key},
        protocol::Role,
    },
};

use super::{
    Checks,
    findings::Finding,
    negotiate::{self, Negotiated},
    polls::HANDSHAKE,
    remedies::{Proxy, Remedy},
    wire::{Belongings, Failure, proxy},
};

/// How often clients ping, and servers.
const PING: Duration = Duration::from_secs(15);

type Socket = WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>;

/// Two results: whether WebSockets work, and whether one lives.
pub(super) async fn check(checks: &Checks) -> Vec<Finding> {
    if !checks.offers("WebSockets") {
        return vec![Finding::skip("websockets", "the hub does not offer WebSockets")];
    }
    let began = Instant::now();
    match open(checks).await {
        Err(finding) => vec![*finding, Finding::skip("silence", "WebSockets do not work")],
        Ok((socket, front)) => {
            let text =
                format!("the upgrade passed, and the handshake was answered, in {} ms", began.elapsed().as_millis());
            vec![Finding::ok("websockets", text), silence(socket, checks.idle, &front).await]
        }
    }
}

/// A WebSocket after SignalR's handshake.
async fn open(checks: &Checks) -> Result<(Socket, Proxy), Box<Finding>> {
    let failed = |text: String| Box::new(Finding::fail("websockets", text));
    let wire = &checks.wire;
    // Without negotiation every server takes the connection.
    let (id, belongings) = if checks.sticky {
        let Negotiated { token, belongings, .. } = negotiate::again(wire).await.map_err(failed)?;
        (Some(token), belongings)
    } else {
        (None, Belongings::default())
    };
    let query: Vec<_> = id.iter().map(|id| ("id", id.as_str())).collect();
    let mut request = wire.request(Method::GET, "", &query, &belongings);
    let key = generate_key();
    upgrade(&mut request, &key);
    let response = wire.begin(request).await.map_err(|failure: Failure| failed(failure.to_string()))?;
    let front = proxy(response.headers());
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let text = format!("the upgrade was answered {} and not 101", response.status());
        return Err(Box::new(Finding::fail("websockets", text).at(&front, Remedy::Upgrade)));
    }
    let accepted = response.headers().get(header::SEC_WEBSOCKET_ACCEPT).and_then(|value| value.to_str().ok());
    if accepted != Some(derive_accept_key(key.as_bytes()).as_str()) {
        return Err(Box::new(
            Finding::fail("websockets", "the answer to the upgrade is not to this request").by(front.to_string()),
        ));
    }
    let upgraded = hyper::upgrade::on(response).await.map_err(|error| failed(error.to_string()))?;
    let mut socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Client, None).await;
    let shaken = timeout(wire.limit, handshake(&mut socket)).await;
    shaken.unwrap_or_else(|_| Err("the handshake was not answered".to_owned())).map_err(failed)?;
    Ok((socket, front))
}

fn upgrade<B>(request: &mut Request<B>, key: &str) {
    let headers = request.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    if let Ok(key) = HeaderValue::from_str(key) {
        headers.insert(header::SEC_WEBSOCKET_KEY, key);
    }
}

async fn handshake(socket: &mut Socket) -> Result<(), String> {
    socket.send(Message::text(HANDSHAKE)).await.map_err(|error| error.to_string())?;
    while let Some(message) = socket.next().await {
        match message.map_err(|error| error.to_string())? {
            Message::Text(text) if text.starts_with("{}") => return Ok(()),
            Message::Text(text) => return Err(format!("the handshake was answered {:?}", text.as_str())),
            _ => {}
        }
    }
    Err("the connection was closed before the handshake was answered".to_owned())
}

/// Leaves a connection alone, but for the pings that every client sends.
async fn silence(mut socket: Socket, idle: Duration, front: &Proxy) -> Finding {
    let began = Instant::now();
    let lived = timeout(idle, ended(&mut socket)).await;
    let after = began.elapsed().as_secs_f64();
    match lived {
        Err(_) => {
            let text = format!("a connection without calls was left alone for {} s (`--idle SECONDS`)", idle.as_secs());
            Finding::ok("silence", text)
        }
        Ok(Some(reason)) => {
            let text = format!("the hub closed a connection without calls after {after:.1} s{reason}");
            Finding::warn("silence", text).by("the application")
        }
        Ok(None) => {
            let text =
                format!("a connection without calls was cut after {after:.1} s; clients and servers ping every 15 s");
            Finding::fail("silence", text).at(front, Remedy::Silence).in_the_application(Remedy::Silence)
        }
    }
}

/// Waits for the end. The reason, if the hub closes the connection in order.
async fn ended(socket: &mut Socket) -> Option<String> {
    let mut pings = interval_at(Instant::now() + PING, PING);
    let mut reason = None;
    loop {
        tokio::select! {
            _ = pings.tick() => {
                // A connection that has ended is noticed by reading.
                let _ = socket.send(Message::text("{\"type\":6}\u{1e}")).await;
            }
            message = socket.next() => match message {
                Some(Ok(Message::Text(text))) if text.contains("\"type\":7") => {
                    let error = text.split("\"error\":\"").nth(1).and_then(|rest| rest.split('"').next());
                    reason = Some(error.map(|error| format!(": {error}")).unwrap_or_default());
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return reason,
            }
        }
    }
}
