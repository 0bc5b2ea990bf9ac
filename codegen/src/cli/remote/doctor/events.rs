//! Server-Sent Events: whether the stream opens, and whether its events come at once.

use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CONTENT_ENCODING},
};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout};

use super::{
    Checks,
    findings::Finding,
    negotiate::{self, Negotiated},
    polls::HANDSHAKE,
    remedies::{Proxy, Remedy},
    wire::{Failure, proxy},
};

pub(super) async fn check(checks: &Checks) -> Finding {
    if let Some(skipped) = checks.skipped("events", "ServerSentEvents") {
        return skipped;
    }
    let wire = &checks.wire;
    let Negotiated { token, belongings, .. } = match negotiate::again(wire).await {
        Ok(negotiated) => negotiated,
        Err(problem) => return Finding::fail("events", problem),
    };
    let mut request = wire.request(Method::GET, "", &[("id", &token)], &belongings);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
    let response = match wire.begin(request).await {
        Ok(response) => response,
        Err(Failure::Late(limit)) => return collected(limit.as_secs_f64(), &Proxy::unknown()),
        Err(failure) => return Finding::fail("events", failure.to_string()),
    };
    let (head, mut body) = response.into_parts();
    let front = proxy(&head.headers);
    if head.status != StatusCode::OK {
        return Finding::fail("events", format!("the stream was answered {}", head.status)).by(front.to_string());
    }
    let began = Instant::now();
    let mut request = wire.request(Method::POST, "", &[("id", &token)], &belongings);
    *request.body_mut() = HANDSHAKE.into();
    match wire.ask(request).await {
        Ok(answer) if answer.status.is_success() => {}
        Ok(answer) => {
            return Finding::fail("events", format!("a POST was answered {}{}", answer.status, answer.words()));
        }
        Err(failure) => return Finding::fail("events", format!("a POST: {failure}")),
    }
    match timeout(wire.limit, first_event(&mut body)).await {
        Ok(Ok(())) => arrived(began.elapsed().as_millis(), &head.headers),
        Ok(Err(problem)) => Finding::fail("events", problem).by(front.to_string()),
        Err(_) => collected(wire.limit.as_secs_f64(), &front),
    }
}

fn arrived(millis: u128, headers: &HeaderMap) -> Finding {
    let text = format!("the first event came {millis} ms after it was asked for");
    let compressed = headers.get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity");
    match compressed.and_then(|encoding| encoding.to_str().ok()) {
        None => Finding::ok("events", text),
        Some(encoding) => {
            let text = format!("{text}, compressed ({encoding}): that may collect events");
            Finding::warn("events", text).at(&proxy(headers), Remedy::Events)
        }
    }
}

fn collected(seconds: f64, front: &Proxy) -> Finding {
    let text = format!("no event came within {seconds} s: they are collected on their way");
    Finding::fail("events", text).at(front, Remedy::Events)
}

/// Reads up to the answer to the handshake.
async fn first_event(body: &mut Incoming) -> Result<(), String> {
    let mut read = Vec::new();
    loop {
        let frame = body.frame().await.ok_or("the stream ended before its first event")?;
        let frame = frame.map_err(|error| format!("the stream broke: {error}"))?;
        read.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        let text = String::from_utf8_lossy(&read);
        if text.contains("data: {}\u{1e}") {
            return Ok(());
        }
        if text.contains("\"error\"") {
            return Err("the handshake was refused".to_owned());
        }
    }
}
