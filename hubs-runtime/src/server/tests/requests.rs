//! What plain requests are answered: negotiation, and everything that opens no transport.

use std::time::Duration;

use axum::{Router, body::Body, extract::Request};
use http::StatusCode;
use tower::ServiceExt;

use super::{HubOptions, Server, UPGRADE, ask, echo_at, echo_works, soon};

#[tokio::test]
async fn negotiation() {
    let server = Server::start(HubOptions::default()).await;
    let transports = concat!(
        r#""availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]},"#,
        r#"{"transport":"ServerSentEvents","transferFormats":["Text"]},"#,
        r#"{"transport":"LongPolling","transferFormats":["Text","Binary"]}]}"#
    );
    for (query, version) in [
        ("?negotiateVersion=1", 1),
        ("?NEGOTIATEVERSION=1", 1),
        ("?x=y&negotiateVersion=7", 1),
        ("?negotiateVersion=0", 0),
        ("", 0),
    ] {
        let answer = server.request("POST", &format!("/chat/negotiate{query}"), "").await;
        assert_eq!(answer.status, 200, "{query}");
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
        let begin = format!(r#"{{"negotiateVersion":{version},"connectionId":""#);
        // A token is signed, an id is not; before version 1 they are the same.
        let (id, rest) = answer.body.strip_prefix(&begin).unwrap().split_at(if version == 0 { 76 } else { 22 });
        if version == 0 {
            assert_eq!(rest, format!(r#"",{transports}"#));
            continue;
        }
        let (token, rest) = rest.strip_prefix(r#"","connectionToken":""#).unwrap().split_at(76);
        assert_ne!(id, token);
        assert_eq!(rest, format!(r#"",{transports}"#));
    }
    let not_an_integer = r#"{"error":"The client requested a non-integer protocol version."}"#;
    let unsupported = r#"{"error":"The client requested version '-1', but the server does not support this version."}"#;
    for (query, text) in [
        ("negotiateVersion=abc", not_an_integer),
        ("negotiateVersion=", not_an_integer),
        ("negotiateVersion=1&negotiateVersion=1", not_an_integer),
        ("negotiateVersion=-1", unsupported),
    ] {
        let answer = server.request("POST", &format!("/chat/negotiate?{query}"), "").await;
        answer.is(200, Some("application/json"), text);
    }
}

/// The head is kept with the connection.
/// Case 15.
#[tokio::test]
async fn a_transport_is_not_opened_by_a_head_of_any_size() {
    let server = Server::start(HubOptions::default()).await;
    let head = |size: usize| format!("X-Large: {}\r\n", "x".repeat(size));
    let (_, token) = server.negotiate_as(&head(100_000)).await;
    for (size, is_taken) in [(40_000, false), (30_000, true)] {
        let (answer, _) = server.upgrade("/chat", &head(size)).await;
        assert_eq!(answer.status, if is_taken { 101 } else { 431 });
    }
    for headers in ["Accept: text/event-stream\r\n", ""] {
        let answer = server.request("GET", &format!("/chat?id={token}"), &format!("{headers}{}", head(40_000))).await;
        answer.is(431, Some("text/plain"), "");
    }
    let answer = server.request("GET", &format!("/chat?id={token}"), &head(30_000)).await;
    assert_eq!(answer.status, 200, "it still waits for its transport");
}

#[tokio::test]
async fn a_minimum_version() {
    let server = Server::start(HubOptions::default().minimum_protocol_version(1_u32)).await;
    let text = r#"{"error":"The client requested version '0', but the server does not support this version."}"#;
    server.request("POST", "/chat/negotiate", "").await.is(200, Some("application/json"), text);
}

#[tokio::test]
async fn other_methods_are_405() {
    let server = Server::start(HubOptions::default()).await;
    for (method, target) in [
        ("GET", "/chat/negotiate"),
        ("PUT", "/chat/negotiate"),
        ("OPTIONS", "/chat/negotiate"),
        ("HEAD", "/chat/negotiate"),
        ("PUT", "/chat?id=x"),
        ("PATCH", "/chat"),
        ("HEAD", "/chat?id=x"),
        ("OPTIONS", "/chat/"),
    ] {
        let answer = server.request(method, target, "").await;
        answer.is(405, Some("text/plain"), "");
        assert_eq!(answer.header("allow"), None, "{method} {target}");
    }
}

#[tokio::test]
async fn requests_without_a_connection() {
    let server = Server::start(HubOptions::default()).await;
    for (query, status, text) in [
        ("", 400, "Connection ID required"),
        ("?id=", 400, "Connection ID required"),
        ("?id=unknown", 404, "No Connection with that ID"),
        ("?ID=unknown", 404, "No Connection with that ID"),
    ] {
        let target = format!("/chat{query}");
        for (method, headers) in [("GET", ""), ("GET", "Accept: text/event-stream\r\n"), ("POST", ""), ("DELETE", "")] {
            let answer = server.request(method, &target, headers).await;
            answer.is(status, Some("text/plain"), text);
            let is_poll = method == "GET" && headers.is_empty();
            assert_eq!(answer.header("cache-control"), is_poll.then_some("no-cache, no-store"));
            assert_eq!(answer.header("pragma"), is_poll.then_some("no-cache"));
            assert_eq!(answer.header("expires"), is_poll.then_some("Thu, 01 Jan 1970 00:00:00 GMT"));
        }
    }
    let (answer, _socket) = server.upgrade("/chat?id=unknown", "").await;
    answer.is(404, None, "No Connection with that ID");
    let old = "Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Version: 8\r\n";
    server.request("GET", "/chat", old).await.is(400, Some("text/plain"), "Connection ID required");
}

#[tokio::test]
async fn only_so_many_may_send_before_their_transport() {
    let mut server = Server::start(HubOptions::default().maximum_pending_connections(2_usize)).await;
    let mut targets = Vec::new();
    for _ in 0..3 {
        targets.push(format!("/chat?id={}", server.negotiate().await.1));
    }
    for target in &targets[..2] {
        server.post(target, "early").await.is(200, Some("text/plain"), "");
    }
    let refused = server.post(&targets[2], "early").await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("5")));
    for target in [&targets[2], &targets[0]] {
        let (answer, _socket) = server.upgrade(target, "").await;
        let expected = if *target == targets[0] { 400 } else { 101 };
        assert_eq!(answer.status, expected, "what has sent over HTTP opens no WebSocket");
    }
    server.begun().await;
    assert_eq!(server.request("GET", &targets[0], "").await.status, 200);
    server.begun().await;
    let (_, next) = server.negotiate().await;
    server.post(&format!("/chat?id={next}"), "early").await.is(200, Some("text/plain"), "");
}

/// Strangers who ask for tokens cost one hash each.
#[tokio::test]
async fn b3_11_negotiations_that_are_never_used_lock_no_client_out() {
    let mut server = Server::start(HubOptions::default().maximum_pending_connections(10_usize)).await;
    let (answer, mut live) = server.upgrade("/chat", "").await;
    assert_eq!(answer.status, 101);
    server.begun().await;
    let mut stranger = server.connect().await;
    for _ in 0..10_100 {
        let asked = format!("Host: {}\r\n", server.address);
        let answer = ask(&mut stranger, "POST", "/chat/negotiate?negotiateVersion=1", &asked).await;
        assert_eq!(answer.status, 200);
    }
    echo_works(&mut live, "still here").await;
    let (_, token) = server.negotiate().await;
    let (answer, mut socket) = server.upgrade(&format!("/chat?id={token}"), "").await;
    assert_eq!(answer.status, 101);
    server.begun().await;
    echo_works(&mut socket, "a new one").await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_not_used_in_time_is_unknown() {
    let (router, _app) = echo_at("/chat", HubOptions::default());
    let ask = async |method: &str, target: String| {
        let request = Request::builder().method(method).uri(target).body(Body::empty()).unwrap();
        let response = soon(router.clone().oneshot(request)).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), 10_000).await.unwrap())
    };
    let (_, body) = ask("POST", "/chat/negotiate?negotiateVersion=1".to_owned()).await;
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let target = format!("/chat?id={}", json["connectionToken"].as_str().unwrap());
    tokio::time::advance(Duration::from_secs(14)).await;
    assert_eq!(ask("DELETE", target.clone()).await.0, StatusCode::BAD_REQUEST);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(ask("DELETE", target).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn paths_and_nesting() {
    let status = async |router: Router, method: &str, target: &str| {
        let request = Request::builder().method(method).uri(target).body(Body::empty()).unwrap();
        soon(router.oneshot(request)).await.unwrap().status()
    };
    for (path, base) in [("/chat", "/chat"), ("chat/", "/chat"), ("/a/b", "/a/b"), ("/", "")] {
        let router = echo_at(path, HubOptions::default()).0;
        for end in ["/negotiate", "/negotiate/"] {
            assert_eq!(status(router.clone(), "POST", &format!("{base}{end}")).await, StatusCode::OK);
        }
        assert_eq!(status(router.clone(), "POST", &format!("{base}/")).await, StatusCode::BAD_REQUEST);
        assert_eq!(status(router.clone(), "POST", &format!("{base}//")).await, StatusCode::NOT_FOUND);
        let bare = if base.is_empty() { "/" } else { base };
        assert_eq!(status(router.clone(), "POST", bare).await, StatusCode::BAD_REQUEST);
        let nested = Router::new().nest("/api", router);
        assert_eq!(status(nested, "POST", &format!("/api{base}/negotiate")).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_server_that_cannot_upgrade_answers_with_an_error() {
    let router = echo_at("/chat", HubOptions::default()).0;
    let mut request = Request::builder().uri("/chat");
    for line in UPGRADE.trim_end().split("\r\n") {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let response = soon(router.oneshot(request.body(Body::empty()).unwrap())).await.unwrap();
    assert_eq!(response.status(), StatusCode::UPGRADE_REQUIRED);
}
