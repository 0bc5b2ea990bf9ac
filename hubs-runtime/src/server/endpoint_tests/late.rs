//! A connection that was negotiated and then left alone: known for its 15 s, and not longer, to every kind of request.

use std::time::Duration;

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode};
use tower::ServiceExt;

use super::sessions::{ParrotContract, Polly};
use crate::Hubs;

/// Every way to come, and the answer if the connection is known. None of these requests can be upgraded.
const WAYS: [(Method, &[(&str, &str)], StatusCode); 5] = [
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
    let router = Hubs::new().map("/chat", ParrotContract, Polly).router();
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
