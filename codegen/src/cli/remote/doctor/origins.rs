//! Which pages may connect: those of the same host, those of an origin that is given, and not every other.

use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
    },
};

use super::{
    Checks,
    findings::Finding,
    negotiate,
    remedies::Remedy,
    wire::{Answer, Belongings, Wire, proxy},
};

/// An origin that no hub lets in on purpose.
const FOREIGN: &str = "https://doctor.invalid";

/// The headers that the official client sends in requests to other origins.
const CLIENT_HEADERS: &str = "x-requested-with, x-signalr-user-agent";

pub(super) async fn check(checks: &Checks) -> Vec<Finding> {
    let wire = &checks.wire;
    let mut findings = vec![own(wire).await, foreign(wire).await];
    if let Some(origin) = &checks.origin {
        findings.push(other(wire, origin).await);
    }
    findings
}

/// Pages of the host that the browser sees.
async fn own(wire: &Wire) -> Finding {
    let origin = wire.origin();
    match negotiate::ask(wire, Some(&origin)).await {
        Ok(answer) if answer.status == StatusCode::OK => {
            Finding::ok("origin", format!("pages of {origin} may connect"))
        }
        Ok(answer) if answer.status == StatusCode::FORBIDDEN => {
            let text = format!("pages of {origin} are refused: the server sees another `Host`");
            Finding::fail("origin", text).at(&proxy(&answer.headers), Remedy::Host).in_the_application(Remedy::Host)
        }
        Ok(answer) => Finding::fail("origin", format!("a page of {origin} was answered {}", answer.status)),
        Err(failure) => Finding::fail("origin", failure.to_string()),
    }
}

/// Pages of a host that no one has.
async fn foreign(wire: &Wire) -> Finding {
    match negotiate::ask(wire, Some(FOREIGN)).await {
        Ok(answer) if answer.status == StatusCode::OK => {
            let text = "pages of every origin may connect, with the cookies of their visitors";
            Finding::warn("foreign", text).in_the_application(Remedy::Origins)
        }
        Ok(answer) => {
            Finding::ok("foreign", format!("pages of unknown origins are refused ({})", answer.status.as_u16()))
        }
        Err(failure) => Finding::fail("foreign", failure.to_string()),
    }
}

/// Pages of the origin that is given: the browser asks first, and then reads what CORS says.
async fn other(wire: &Wire, origin: &str) -> Finding {
    let asked = async {
        let mut request =
            wire.request(Method::OPTIONS, "/negotiate", &[("negotiateVersion", "1")], &Belongings::default());
        let headers = request.headers_mut();
        headers.clear();
        let value = HeaderValue::from_str(origin).map_err(|_| "that is no origin".to_owned())?;
        headers.insert(http::header::HOST, wire.host());
        headers.insert(ORIGIN, value);
        headers.insert(ACCESS_CONTROL_REQUEST_METHOD, HeaderValue::from_static("POST"));
        headers.insert(ACCESS_CONTROL_REQUEST_HEADERS, HeaderValue::from_static(CLIENT_HEADERS));
        let preflight = wire.ask(request).await.map_err(|failure| failure.to_string())?;
        allows(&preflight, origin, true).map_err(|problem| format!("the preflight request {problem}"))?;
        let answer = negotiate::ask(wire, Some(origin)).await.map_err(|failure| failure.to_string())?;
        allows(&answer, origin, false).map_err(|problem| format!("negotiate {problem}"))
    };
    match asked.await {
        Ok(()) => Finding::ok("cors", format!("pages of {origin} may connect")),
        Err(problem) => {
            let text = format!("pages of {origin} cannot connect: {problem}");
            Finding::fail("cors", text).in_the_application(Remedy::Origins)
        }
    }
}

/// Whether an answer lets a page of `origin` read it.
fn allows(answer: &Answer, origin: &str, preflight: bool) -> Result<(), String> {
    if !answer.status.is_success() {
        return Err(format!("was answered {}{}", answer.status, answer.words()));
    }
    let header = |name: HeaderName| values(&answer.headers, &name);
    if header(ACCESS_CONTROL_ALLOW_ORIGIN) != origin {
        return Err(format!("has no `Access-Control-Allow-Origin: {origin}`"));
    }
    if header(ACCESS_CONTROL_ALLOW_CREDENTIALS) != "true" {
        return Err("has no `Access-Control-Allow-Credentials: true`".to_owned());
    }
    let allowed = header(ACCESS_CONTROL_ALLOW_HEADERS).to_ascii_lowercase();
    let missing =
        CLIENT_HEADERS.split(", ").find(|name| preflight && !allowed.split(',').any(|one| one.trim() == *name));
    missing.map_or(Ok(()), |name| Err(format!("does not allow the header `{name}`")))
}

fn values(headers: &HeaderMap, name: &HeaderName) -> String {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",")
}
