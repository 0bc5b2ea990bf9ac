//! How a connection comes about: negotiation, redirects, tokens, fallback, and what is said when it fails.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Router, http::StatusCode, routing::any};
use http::{HeaderName, HeaderValue};
use hubs::{
    HubOptions, TransportKind,
    client::{ConnectError, HubConnection},
};
use serde_json::{Value, json};
use tokio::net::TcpStream;

use crate::hub::{LabHubContract, Server, connect, within};

fn app(path: &str, answer: Value) -> Server {
    let answer = any(move || std::future::ready(answer.to_string()));
    Server::serve("127.0.0.1:0".parse().expect("an address"), Router::new().route(path, answer), None)
}

async fn failure(url: &str) -> ConnectError {
    within(HubConnection::builder(url).start()).await.expect_err("it does not connect")
}

#[tokio::test]
async fn headers_and_tokens_come_with_every_request_of_every_transport() {
    let server = Server::start(HubOptions::default());
    for kind in [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling] {
        let asked = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&asked);
        let builder = server.client().transports([kind]);
        let builder = builder.header(HeaderName::from_static("x-tenant"), HeaderValue::from_static("blue"));
        let builder = builder.access_token_provider(move || {
            let number = count.fetch_add(1, Ordering::SeqCst);
            async move { std::io::Result::Ok(format!("s3cr3t-{number}")) }
        });
        assert!(!format!("{builder:?}").contains("s3cr3t"));
        let client = connect(builder).await;
        assert_eq!(client.lab.user().await.unwrap().as_deref(), Some("s3cr3t-0"), "{kind}");
        assert_eq!(client.lab.header("X-Tenant".to_owned()).await.unwrap().as_deref(), Some("blue"));
        let agent = client.lab.header("User-Agent".to_owned()).await.unwrap().unwrap();
        assert!(agent.starts_with("hubs/"), "{agent}");
        let id = client.lab.id().await.unwrap();
        assert_eq!(client.lab.connection().id().unwrap().as_str(), id);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_token_that_cannot_be_had_is_said() {
    let server = Server::start(HubOptions::default());
    let builder = server.client().access_token_provider(|| async { Err::<String, _>("the vault is sealed") });
    let error = within(builder.start()).await.unwrap_err();
    assert_eq!(error.to_string(), "no access token: the vault is sealed");
}

#[tokio::test]
async fn a_redirect_is_followed_with_its_token() {
    let server = Server::start(HubOptions::default());
    let second = app("/b/negotiate", json!({ "url": server.url(), "accessToken": "given" }));
    let first = app("/a/negotiate", json!({ "url": format!("http://{}/b", second.address) }));
    let builder = HubConnection::builder(&format!("http://{}/a", first.address));
    let client = connect(builder.access_token_provider(|| async { std::io::Result::Ok("own".to_owned()) })).await;
    assert_eq!(client.lab.user().await.unwrap().as_deref(), Some("given"));
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let circle = any(move |request: axum::extract::Request| {
        count.fetch_add(1, Ordering::SeqCst);
        let host = request.headers()["host"].to_str().unwrap_or_default().to_owned();
        std::future::ready(json!({ "url": format!("http://{host}/a") }).to_string())
    });
    let app = Router::new().route("/a/negotiate", circle);
    let server = Server::serve("127.0.0.1:0".parse().expect("an address"), app, None);
    let error = failure(&format!("http://{}/a", server.address)).await;
    assert!(matches!(error, ConnectError::TooManyRedirects), "{error}");
    assert_eq!(asked.load(Ordering::SeqCst), 100);
}

#[tokio::test]
async fn what_a_server_says_no_with_is_passed_on() {
    let declines = app("/a/negotiate", json!({ "error": "no room" }));
    let error = failure(&format!("http://{}/a", declines.address)).await;
    assert_eq!(error.to_string(), "the server declined: no room");
    let error = failure(&format!("http://{}/b?access_token=s3cr3t", declines.address)).await;
    assert_eq!(error.to_string(), "negotiate was answered with status 404");
    let old = app("/a/negotiate", json!({ "ProtocolVersion": "1.5", "Url": "/signalr" }));
    let error = failure(&format!("http://{}/a", old.address)).await.to_string();
    assert!(error.contains("only ASP.NET Core SignalR's protocol"), "{error}");
    let closed = declines.kill();
    let error = failure(&format!("http://{closed}/a?access_token=s3cr3t")).await;
    assert!(matches!(error, ConnectError::Request { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn an_address_that_is_none_is_told() {
    for url in ["", "localhost/lab", "mailto:a@b", "http://me:s3cr3t@host/"] {
        let error = failure(url).await;
        assert!(matches!(error, ConnectError::Address(_)), "{error}");
        assert!(!error.to_string().contains("s3cr3t"));
    }
}

#[tokio::test]
async fn the_next_transport_is_tried_with_a_fresh_negotiation() {
    // A server in front of which WebSockets and streams of events do not pass.
    let lab = Server::start(HubOptions::default());
    let negotiations = Arc::new(AtomicU32::new(0));
    let (target, count) = (lab.address, Arc::clone(&negotiations));
    let front = any(move |request: axum::extract::Request| {
        let count = Arc::clone(&count);
        async move {
            let accepts = request.headers().get("accept").is_some_and(|accept| accept == "text/event-stream");
            if accepts || request.headers().contains_key("upgrade") {
                return Err(StatusCode::BAD_GATEWAY);
            }
            if request.uri().path().ends_with("/negotiate") {
                count.fetch_add(1, Ordering::SeqCst);
            }
            Ok(pass_on(target, request).await)
        }
    });
    let app = Router::new().route("/lab", front.clone()).route("/lab/negotiate", front);
    let front = Server::serve("127.0.0.1:0".parse().expect("an address"), app, None);
    let client = connect(front.client()).await;
    assert_eq!(client.lab.transport().await.unwrap(), "LongPolling");
    assert_eq!(negotiations.load(Ordering::SeqCst), 3);

    let only = front.client().transports([TransportKind::WebSockets, TransportKind::ServerSentEvents]);
    let error = within(only.start()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no transport could be opened; WebSockets: the WebSocket was answered with status 502; \
         ServerSentEvents: the stream of events was answered with status 502"
    );
}

/// Makes the same request of another server.
async fn pass_on(target: std::net::SocketAddr, request: axum::extract::Request) -> axum::response::Response {
    let socket = TcpStream::connect(target).await.expect("the server is there");
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(hyper_util::rt::TokioIo::new(socket)).await.expect("HTTP");
    tokio::spawn(connection);
    let answer = sender.send_request(request).await.expect("an answer");
    answer.map(axum::body::Body::new)
}

#[tokio::test]
async fn transports_that_the_server_does_not_offer_or_that_carry_no_binary_are_not_tried() {
    let server = Server::start(HubOptions::default().transports([TransportKind::ServerSentEvents]));
    for builder in [server.client().transports([TransportKind::LongPolling]), server.client().messagepack()] {
        let error = within(builder.start()).await.unwrap_err();
        assert!(matches!(&error, ConnectError::NoTransport(tried) if tried.is_empty()), "{error}");
    }
}

#[tokio::test]
async fn a_protocol_that_the_server_does_not_speak_is_refused() {
    let server = Server::start(HubOptions::default().supported_protocols(["json".to_owned()]));
    let error = within(server.client().messagepack().start()).await.unwrap_err();
    assert_eq!(error.to_string(), "server refused the handshake: The protocol 'messagepack' is not supported.");
}

#[tokio::test]
async fn sockets_can_be_opened_by_the_application() {
    let server = Server::start(HubOptions::default());
    let (address, opened) = (server.address, Arc::new(AtomicU32::new(0)));
    for kind in [TransportKind::WebSockets, TransportKind::LongPolling] {
        let count = Arc::clone(&opened);
        let builder = HubConnection::builder("http://lab.internal:81/lab").transports([kind]);
        let builder = builder.connector(move |to| {
            assert_eq!((to.host.as_str(), to.port, to.secure), ("lab.internal", 81, false));
            count.fetch_add(1, Ordering::SeqCst);
            TcpStream::connect(address)
        });
        let client =
            within(builder.connect(LabHubContract, crate::hub::Screen(tokio::sync::mpsc::unbounded_channel().0)));
        let client = client.await.unwrap();
        assert_eq!(client.header("Host".to_owned()).await.unwrap().as_deref(), Some("lab.internal:81"));
    }
    assert!(opened.load(Ordering::SeqCst) >= 4);
}
