//! What must hold for any request that opens a connection: its query, its headers, its method. Shared by the fuzz target
//! and by the bounded run over the saved corpus.
#![allow(dead_code, reason = "each target uses one of them")]

use std::time::Duration;

use axum::{Router, body::Body};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use hubs::{HubOptions, HubResult, Hubs, NoClient, hub};
use tower::ServiceExt;

type Cx = hubs::HubCallerContext<NoClient>;

/// Somewhere to negotiate a connection to.
#[hub]
trait Quiet {
    async fn nothing(&self, cx: &Cx) -> HubResult<()>;
}

struct Nothing;

impl Quiet for Nothing {
    async fn nothing(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }
}

const NEGOTIATE: &str = "/hub/negotiate";

/// The endpoint of a hub, and what runs it.
pub(crate) struct Endpoint {
    runtime: tokio::runtime::Runtime,
    router: Router,
}

impl Endpoint {
    /// What was negotiated is forgotten at once, so that every request finds the endpoint as the first did.
    pub(crate) fn new() -> Self {
        let options =
            HubOptions::default().disconnect_timeout(Duration::ZERO).allowed_origins(["https://app.example.com"]);
        let hubs = Hubs::new().options(options).map("/hub", QuietContract, Nothing);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        Self { runtime, router: hubs.router() }
    }

    /// Sends the request that `data` describes, if it is one that HTTP lets through, and gives the answer's status.
    pub(crate) fn check(&self, data: &[u8]) -> Option<u16> {
        let request = request(data)?;
        let asked = (request.method().clone(), request.uri().clone());
        let answer = self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
            let status = answer.status();
            let body = axum::body::to_bytes(answer.into_body(), 4096).await.expect("a short answer");
            (status, body)
        });
        check_answer(&asked.0, &asked.1, answer.0, &answer.1);
        Some(answer.0.as_u16())
    }
}

/// The first byte is the route and the method, the first line the query, every further line a header.
fn request(data: &[u8]) -> Option<Request<Body>> {
    let (kind, rest) = data.split_first()?;
    let path = if kind & 1 == 0 { NEGOTIATE } else { "/hub" };
    let method = [Method::POST, Method::GET, Method::DELETE, Method::CONNECT][usize::from(kind >> 1) % 4].clone();
    let mut lines = rest.split(|byte| *byte == b'\n');
    let target = [path.as_bytes(), b"?", lines.next()?].concat();
    let mut request = Request::builder().method(method).uri(Uri::try_from(target).ok()?).body(Body::empty()).ok()?;
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
        request.headers_mut().try_append(name, value).ok()?;
    }
    Some(request)
}

fn check_answer(method: &Method, uri: &Uri, status: StatusCode, body: &[u8]) {
    let known: &[u16] = if uri.path() == NEGOTIATE { &[200, 403, 405] } else { &[400, 403, 404, 405, 426] };
    assert!(known.contains(&status.as_u16()), "{method} {uri}: {status}");
    if status != StatusCode::OK {
        return;
    }
    assert_eq!(method, Method::POST);
    let answer: serde_json::Value = serde_json::from_slice(body).expect("an answer in JSON");
    let is_text = |name: &str, length| answer[name].as_str().is_some_and(|text| text.len() == length);
    let is_asked_for = uri.query().is_some_and(|query| {
        let keys = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
        keys.into_iter().any(|key| key.contains(['%', '+']) || key.eq_ignore_ascii_case("negotiateVersion"))
    });
    if answer["error"].is_string() {
        assert!(is_asked_for && answer.as_object().is_some_and(|object| object.len() == 1), "{uri}: {answer}");
        return;
    }
    let version = answer["negotiateVersion"].as_u64().expect("a version");
    assert!(version == 0 || version == 1 && is_asked_for, "{uri}: {answer}");
    assert!(is_text("connectionId", if version == 1 { 22 } else { 76 }), "{uri}: {answer}");
    assert!(is_text("connectionToken", 76) == (version == 1), "{uri}: {answer}");
    assert_eq!(answer["availableTransports"].as_array().map(Vec::len), Some(3));
}
