//! Whether all requests of a connection reach the same server, which Server-Sent Events, long polling and negotiation need.

use http::{Method, StatusCode};

use super::{
    findings::Finding,
    negotiate::{self, Negotiated},
    remedies::Remedy,
    wire::{Failure, Wire, proxy},
};

/// How many connections are tried: of two servers that take turns, each of them meets both.
const ROUNDS: usize = 6;

/// Whether they do, and what is said of it.
pub(super) async fn check(wire: &Wire, transports: &[String]) -> (bool, Finding) {
    if !transports.iter().any(|transport| transport == "LongPolling") {
        return (true, Finding::skip("affinity", "the hub does not offer LongPolling, by which it is checked"));
    }
    let mut lost = 0;
    let mut front = None;
    for _ in 0..ROUNDS {
        match round(wire).await {
            Ok(None) => {}
            Ok(Some(headers)) => {
                lost += 1;
                front = Some(proxy(&headers));
            }
            Err(problem) => return (true, Finding::warn("affinity", format!("it cannot be checked: {problem}"))),
        }
    }
    match front {
        None => {
            (true, Finding::ok("affinity", format!("{ROUNDS} connections found their own server with every request")))
        }
        Some(front) => {
            let text =
                format!("{lost} of {ROUNDS} connections were unknown to the server that their next request reached");
            let finding = Finding::fail("affinity", text).at(&front, Remedy::Affinity);
            (false, finding.in_the_application(Remedy::Affinity))
        }
    }
}

/// One connection: negotiate, a poll, a POST, the end. The headers of the first answer that does not know it.
async fn round(wire: &Wire) -> Result<Option<http::HeaderMap>, String> {
    let Negotiated { token, mut belongings, .. } = negotiate::again(wire).await?;
    for method in [Method::GET, Method::POST, Method::DELETE] {
        let mut request = wire.request(method, "", &[("id", &token)], &belongings);
        if request.method() == Method::POST {
            *request.body_mut() = super::polls::HANDSHAKE.into();
        }
        let answer = wire.ask(request).await.map_err(|failure: Failure| failure.to_string())?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(Some(answer.headers));
        }
        if !answer.status.is_success() {
            return Err(format!("a request was answered {}{}", answer.status, answer.words()));
        }
        belongings.follow(&answer.headers);
    }
    Ok(None)
}
