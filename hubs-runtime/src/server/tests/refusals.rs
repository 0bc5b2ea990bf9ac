//! Requests that are refused: what their client is told, and what the operator can count.

use axum::{Router, body::Body};
use http::{Method, Request, Response, StatusCode, header::ORIGIN};
use tower::ServiceExt;

use super::{
    HubOptions,
    sessions::{EchoHubContract, EchoImpl},
    soon,
};
use crate::{AllowedOrigins, CloseReason, Hubs, Principal};

async fn ask(router: &Router, request: http::request::Builder) -> Response<Body> {
    soon(router.clone().oneshot(request.body(Body::empty()).unwrap())).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

fn negotiate() -> http::request::Builder {
    Request::builder().method(Method::POST).uri("/chat/negotiate?negotiateVersion=1")
}

#[tokio::test]
async fn each_refusal_is_counted_by_its_reason() {
    let options = HubOptions::default().maximum_pending_connections(1_usize);
    let hubs = Hubs::new().map_with("/chat", EchoHubContract, EchoImpl, options);
    let (router, metrics) = (hubs.router(), hubs.metrics::<EchoHubContract>());

    let refused = ask(&router, negotiate().header(ORIGIN, "https://evil.com")).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let why = text(refused).await;
    assert!(why.contains("HubOptions::allowed_origins") && why.contains("AllowedOrigins::trust_proxies"), "{why}");
    assert_eq!(metrics.closes(CloseReason::RefusedOrigin), 1);

    let target = async |user: &str| {
        let answer = text(ask(&router, negotiate().extension(Principal::new(user))).await).await;
        let json: serde_json::Value = serde_json::from_str(&answer).unwrap();
        format!("/chat?id={}", json["connectionToken"].as_str().unwrap())
    };
    let (first, second) = (target("ann").await, target("ann").await);
    let post = |target: &str| Request::builder().method(Method::POST).uri(target).extension(Principal::new("ann"));
    assert_eq!(ask(&router, post(&first)).await.status(), StatusCode::OK);
    assert_eq!(ask(&router, post(&second)).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(metrics.closes(CloseReason::TooManyPending), 1);

    let other = Request::builder().uri(first).extension(Principal::new("bob"));
    assert_eq!(ask(&router, other).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(metrics.closes(CloseReason::RefusedRequest), 1);
}

#[tokio::test]
async fn every_form_of_the_option_is_taken() {
    for options in [
        HubOptions::default().allowed_origins(["https://app.example"]),
        HubOptions::default().allowed_origins(vec!["https://app.example".to_owned()]),
        HubOptions::default().allowed_origins("https://*.example"),
        HubOptions::default().allowed_origins(AllowedOrigins::any()),
        HubOptions::default().allowed_origins(AllowedOrigins::matching(|origin, _| origin == "https://app.example")),
    ] {
        let router = Hubs::new().map_with("/chat", EchoHubContract, EchoImpl, options).router();
        let answer = ask(&router, negotiate().header(ORIGIN, "https://app.example")).await;
        assert_eq!(answer.status(), StatusCode::OK);
    }
}

/// Waiting for ever is what such a time means.
#[tokio::test(start_paused = true)]
async fn the_longest_times_do_not_panic() {
    let longest = std::time::Duration::MAX;
    let options = HubOptions::default()
        .disconnect_timeout(longest)
        .handshake_timeout(longest)
        .long_polling_poll_timeout(longest)
        .close_timeout(longest);
    let router: Router = Hubs::new().map_with("/chat", EchoHubContract, EchoImpl, options).router();
    let json: serde_json::Value = serde_json::from_str(&text(ask(&router, negotiate()).await).await).unwrap();
    let target = format!("/chat?id={}", json["connectionToken"].as_str().unwrap());
    tokio::time::sleep(std::time::Duration::from_secs(100_000)).await;
    assert_eq!(ask(&router, Request::builder().uri(&target)).await.status(), StatusCode::OK);
    assert_eq!(ask(&router, Request::builder().method("DELETE").uri(&target)).await.status(), StatusCode::ACCEPTED);
}
