//! The first request of every client: negotiate. Whether there is a hub at all, which transports it offers, and what its
//! answer says about the clock and about encryption.

use std::time::{Duration, SystemTime};

use http::{
    Method, StatusCode,
    header::{CONTENT_TYPE, DATE, LOCATION},
};
use serde_json::Value;
use tokio::time::Instant;

use super::{
    findings::{Finding, Findings},
    remedies::Remedy,
    wire::{Answer, Belongings, Failure, Wire, proxy},
};

/// The clock of a server may differ by this much: less than tokens are usually granted.
const CLOCK: Duration = Duration::from_secs(60);

/// A connection that can be opened.
pub(super) struct Negotiated {
    pub(super) token: String,
    pub(super) transports: Vec<String>,
    pub(super) belongings: Belongings,
}

/// Negotiates, and says what came of it.
pub(super) async fn check(wire: &Wire, findings: &mut Findings) -> Option<Negotiated> {
    let began = Instant::now();
    let answered = ask(wire, None).await;
    if wire.is_encrypted() && !matches!(answered, Err(Failure::Connect(_) | Failure::Tls(_))) {
        findings.add(Finding::ok("tls", "encrypted, and the certificate is one that this machine trusts"));
    }
    let answer = match answered {
        Ok(answer) => answer,
        Err(failure) => {
            let check = if matches!(failure, Failure::Tls(_)) { "tls" } else { "negotiate" };
            findings.add(Finding::fail(check, failure.to_string()).by(wire.origin()));
            return None;
        }
    };
    let took = began.elapsed().as_millis();
    match read(&answer) {
        Ok(negotiated) => {
            let offered = negotiated.transports.join(", ");
            findings.add(Finding::ok("negotiate", format!("answered in {took} ms; the hub offers {offered}")));
            if !wire.is_encrypted() && !wire.is_loopback() {
                findings.add(Finding::warn("tls", "not encrypted: tokens and messages can be read on their way"));
            }
            findings.add(clock(&answer));
            Some(negotiated)
        }
        Err(finding) => {
            let finding = if answer.status == StatusCode::UNAUTHORIZED && wire.has_token() {
                Finding::fail("negotiate", format!("answered 401{}; the token is refused", answer.words()))
                    .by("the application")
            } else {
                *finding
            };
            findings.add(finding);
            None
        }
    }
}

/// Negotiates for another check.
pub(super) async fn again(wire: &Wire) -> Result<Negotiated, String> {
    let answer = ask(wire, None).await.map_err(|failure| failure.to_string())?;
    read(&answer).map_err(|_| format!("negotiate was answered {}", answer.status))
}

/// Negotiates as a page of `origin` does.
pub(super) async fn ask(wire: &Wire, origin: Option<&str>) -> Result<Answer, Failure> {
    let query = [("negotiateVersion", "1")];
    let mut request = wire.request(Method::POST, "/negotiate", &query, &Belongings::default());
    if let Some(origin) = origin.and_then(|origin| origin.parse().ok()) {
        request.headers_mut().insert(http::header::ORIGIN, origin);
    }
    wire.ask(request).await
}

fn read(answer: &Answer) -> Result<Negotiated, Box<Finding>> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if answer.status != StatusCode::OK {
        return Err(Box::new(refused(answer)));
    }
    let wrong = |text: String| Box::new(Finding::fail("negotiate", text).by(proxy(&answer.headers).to_string()));
    if let Some(url) = body["url"].as_str() {
        let url = url.split('?').next().unwrap_or_default();
        return Err(wrong(format!("the hub sends its clients to {url}: check that address")));
    }
    if let Some(error) = body["error"].as_str() {
        return Err(wrong(format!("the hub refuses the version of the protocol: {error}")));
    }
    let token = body["connectionToken"].as_str().or(body["connectionId"].as_str());
    let Some(token) = token else {
        let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("no content type");
        return Err(wrong(format!("answered 200 with {kind}, which is no hub: a page, or another path")));
    };
    let names = body["availableTransports"].as_array().into_iter().flatten();
    let transports = names.filter_map(|one| one["transport"].as_str().map(str::to_owned)).collect();
    let mut belongings = Belongings::with_ticket(body["accessToken"].as_str());
    belongings.follow(&answer.headers);
    Ok(Negotiated { token: token.to_owned(), transports, belongings })
}

fn refused(answer: &Answer) -> Finding {
    let (status, words) = (answer.status, answer.words());
    let finding = |why: &str| Finding::fail("negotiate", format!("answered {status}{words}; {why}"));
    let front = proxy(&answer.headers).to_string();
    match status.as_u16() {
        401 => finding("the hub needs a token: the variable HUBS_TOKEN, or `--token-file`").by("this command"),
        403 => finding("the hub does not let this user in").by("the application"),
        404 | 405 => {
            finding("no hub is there: compare the path that the proxy removes with the one that the server maps")
                .by(front)
        }
        300..=399 => {
            let to = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("another address");
            finding(&format!("clients do not follow: use {}", to.split('?').next().unwrap_or_default())).by(front)
        }
        502..=504 => finding("the proxy does not reach the application, or the application is shutting down").by(front),
        _ => finding("that is no answer of a hub").by(front),
    }
}

fn clock(answer: &Answer) -> Finding {
    let date = answer.headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    let Some(date) = date else { return Finding::skip("clock", "the answer has no header `Date`") };
    let now = SystemTime::now();
    let apart = now.duration_since(date).or_else(|_| date.duration_since(now)).unwrap_or_default();
    if apart > CLOCK {
        let text = format!("the server's clock differs from this machine's by {} s", apart.as_secs());
        return Finding::warn("clock", text).in_the_application(Remedy::Clock);
    }
    Finding::ok("clock", "the server's clock is right, to a minute")
}
