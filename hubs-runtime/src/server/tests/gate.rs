//! `#[authorize]` on a hub: every request is checked, before anything else of the hub runs.

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode, header::WWW_AUTHENTICATE};
use tower::ServiceExt;

use super::soon;
use crate::{CloseReason, HubCallerContext, HubResult, Hubs, NoClient, Principal, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
#[authorize(role = "staff")]
trait StaffHub {
    async fn read(&self, cx: &Cx) -> HubResult<()>;
}

struct Staff;

impl StaffHub for Staff {
    async fn read(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }
}

async fn ask(
    router: &Router,
    method: Method,
    target: &str,
    accept: &str,
    user: Option<Principal>,
) -> (StatusCode, Option<String>, String) {
    let mut request = Request::builder().method(method).uri(target).header("accept", accept);
    if let Some(user) = user {
        request = request.extension(user);
    }
    let answer =
        soon(router.clone().oneshot(request.body(Body::empty()).expect("a request"))).await.expect("an answer");
    let challenge = answer.headers().get(WWW_AUTHENTICATE).map(|value| value.to_str().expect("text").to_owned());
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 4096).await.expect("a short answer");
    (status, challenge, String::from_utf8(body.to_vec()).expect("text"))
}

#[tokio::test]
async fn every_request_is_checked() {
    let hubs = Hubs::new().map("/staff", StaffHubContract, Staff);
    let (router, metrics) = (hubs.router(), hubs.metrics::<StaffHubContract>());
    let staff = Principal::new("ann").with_role("staff");
    let negotiated =
        ask(&router, Method::POST, "/staff/negotiate?negotiateVersion=1", "*/*", Some(staff.clone())).await;
    assert_eq!(negotiated.0, StatusCode::OK);
    let json: serde_json::Value = serde_json::from_str(&negotiated.2).expect("JSON");
    let target = format!("/staff?id={}", json["connectionToken"].as_str().expect("a token"));
    let requests = [
        (Method::POST, "/staff/negotiate?negotiateVersion=1", "*/*"),
        (Method::GET, &target, "*/*"),
        (Method::GET, &target, "text/event-stream"),
        (Method::POST, &target, "*/*"),
        (Method::DELETE, &target, "*/*"),
    ];
    let mut refused = 0;
    for (method, target, accept) in requests {
        let stranger = ask(&router, method.clone(), target, accept, None).await;
        assert_eq!(stranger, (StatusCode::UNAUTHORIZED, Some("Bearer".to_owned()), String::new()), "{method} {accept}");
        let other = Principal::new("ann").with_role("guest");
        let other = ask(&router, method.clone(), target, accept, Some(other)).await;
        assert_eq!(other, (StatusCode::FORBIDDEN, None, String::new()), "{method} {accept}");
        refused += 2;
        assert_eq!(metrics.closes(CloseReason::Unauthorized), refused);
    }
    assert_eq!(
        ask(&router, Method::GET, &target, "*/*", Some(staff)).await.0,
        StatusCode::OK,
        "the token was not used"
    );
}
