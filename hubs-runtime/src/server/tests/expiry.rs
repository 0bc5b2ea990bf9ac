//! What ends by the clock alone, on a router without sockets and with paused time: a connection that was negotiated and
//! left alone, and the authentication of a client that polls.

use std::time::{Duration, SystemTime};

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode};
use tower::ServiceExt;

use super::sessions::{EchoHubContract, EchoImpl, HANDSHAKE};
use crate::{HubOptions, Hubs, Principal};

type Headers = &'static [(&'static str, &'static str)];

/// Every way to come, and the answer if the connection is known. None of these requests can be upgraded.
const WAYS: [(Method, Headers, StatusCode); 5] = [
    (Method::GET, &[], StatusCode::OK),
    (Method::GET, &[("accept", "text/event-stream")], StatusCode::OK),
    (
        Method::GET,
        &[
            ("connection", "upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ],
        StatusCode::UPGRADE_REQUIRED,
    ),
    (Method::POST, &[], StatusCode::OK),
    (Method::DELETE, &[], StatusCode::BAD_REQUEST),
];

async fn ask(router: &Router, method: &Method, target: &str, headers: &[(&str, &str)]) -> (StatusCode, Body) {
    let request = Request::builder().method(method).uri(target);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let answer = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    (answer.status(), answer.into_body())
}

async fn text(body: Body) -> String {
    let bytes = axum::body::to_bytes(body, 4096).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn who_comes_late_is_not_known() {
    let router = Hubs::new().map("/chat", EchoHubContract, EchoImpl).router();
    for (method, headers, known) in WAYS {
        for (waited, is_known) in [(14_999, true), (15_000, false)] {
            let negotiated = ask(&router, &Method::POST, "/chat/negotiate?negotiateVersion=1", &[]).await;
            let json: serde_json::Value = serde_json::from_str(&text(negotiated.1).await).unwrap();
            let target = format!("/chat?id={}", json["connectionToken"].as_str().unwrap());
            tokio::time::sleep(Duration::from_millis(waited)).await;
            let (status, body) = ask(&router, &method, &target, headers).await;
            let expected = if is_known { known } else { StatusCode::NOT_FOUND };
            assert_eq!(status, expected, "{method} {headers:?} after {waited} ms");
            if !is_known {
                assert_eq!(text(body).await, "No Connection with that ID");
            }
        }
    }
}

/// One request of Ann's, whose token is good for so long, and its answer.
async fn ask_as_ann(router: &Router, method: Method, target: &str, seconds: u64, body: &str) -> (StatusCode, String) {
    let ann = Principal::new("ann").with_expiry(SystemTime::now() + Duration::from_secs(seconds));
    let request = Request::builder().method(method).uri(target).extension(ann).body(Body::from(body.to_owned()));
    let answer = router.clone().oneshot(request.unwrap()).await.unwrap();
    (answer.status(), text(answer.into_body()).await)
}

#[tokio::test(start_paused = true)]
async fn a_client_that_polls_renews_its_authentication_until_it_does_not() {
    let options = HubOptions::default().close_on_authentication_expiration(true);
    let router = Hubs::new().map_with("/chat", EchoHubContract, EchoImpl, options).router();
    let negotiated = ask_as_ann(&router, Method::POST, "/chat/negotiate?negotiateVersion=1", 60, "").await.1;
    let json: serde_json::Value = serde_json::from_str(&negotiated).unwrap();
    let target = format!("/chat?id={}", json["connectionToken"].as_str().unwrap());
    let poll = async |seconds| ask_as_ann(&router, Method::GET, &target, seconds, "").await;
    assert_eq!(poll(60).await.0, StatusCode::OK);
    assert_eq!(ask_as_ann(&router, Method::POST, &target, 60, HANDSHAKE).await.0, StatusCode::OK);
    assert_eq!(poll(60).await.1, "{}\u{1e}");
    // Each waits 90 s for nothing, longer than the token before was good for.
    for _ in 0..3 {
        assert_eq!(poll(100).await, (StatusCode::OK, String::new()));
    }
    assert_eq!(poll(50).await.1, "{\"type\":7,\"allowReconnect\":true}\u{1e}");
    assert_eq!(poll(50).await.0, StatusCode::NO_CONTENT);
}
