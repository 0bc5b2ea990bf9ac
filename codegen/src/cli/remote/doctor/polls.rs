//! Long polling: whether it works, and whether a poll may stay open.

use std::time::Duration;

use http::{Method, StatusCode};
use tokio::time::{Instant, timeout};

use super::{
    Checks,
    findings::Finding,
    negotiate::{self, Negotiated},
    remedies::{Proxy, Remedy},
    wire::{Belongings, Failure, Wire, proxy},
};

/// The first message of a client, in JSON.
pub(super) const HANDSHAKE: &str = "{\"protocol\":\"json\",\"version\":1}\u{1e}";

/// A connection over long polling, after its handshake.
pub(super) struct Polling<'a> {
    wire: &'a Wire,
    token: String,
    belongings: Belongings,
}

impl<'a> Polling<'a> {
    /// Opens one.
    pub(super) async fn open(wire: &'a Wire) -> Result<Self, String> {
        let Negotiated { token, belongings, .. } = negotiate::again(wire).await?;
        let mut polling = Self { wire, token, belongings };
        polling.ask(Method::GET, String::new()).await?;
        polling.ask(Method::POST, HANDSHAKE.to_owned()).await?;
        let answered = polling.ask(Method::GET, String::new()).await?;
        if answered.starts_with("{}") { Ok(polling) } else { Err(format!("the handshake was answered {answered:?}")) }
    }

    fn request(&self, method: Method) -> http::Request<http_body_util::Full<bytes::Bytes>> {
        self.wire.request(method, "", &[("id", &self.token)], &self.belongings)
    }

    async fn ask(&mut self, method: Method, body: String) -> Result<String, String> {
        let mut request = self.request(method);
        *request.body_mut() = body.into();
        let answer = self.wire.ask(request).await.map_err(|failure| failure.to_string())?;
        if answer.status != StatusCode::OK {
            return Err(format!("a request was answered {}{}", answer.status, answer.words()));
        }
        self.belongings.follow(&answer.headers);
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Sends a body whole.
    pub(super) async fn post(&self, body: String) -> Result<super::wire::Answer, Failure> {
        let mut request = self.request(Method::POST);
        *request.body_mut() = body.into();
        self.wire.ask(request).await
    }

    /// Ends it.
    pub(super) async fn close(self) {
        // Whether it is ended now or swept later makes no difference to what was found.
        let _ = self.wire.ask(self.request(Method::DELETE)).await;
    }
}

/// Two results: whether long polling works, and how long a poll lives.
pub(super) async fn check(checks: &Checks) -> Vec<Finding> {
    if let Some(skipped) = checks.skipped("polling", "LongPolling") {
        return vec![skipped];
    }
    match Polling::open(&checks.wire).await {
        Err(problem) => vec![Finding::fail("polling", problem)],
        Ok(polling) => {
            let poll = hold(&polling, checks.idle).await;
            polling.close().await;
            vec![Finding::ok("polling", "a connection was opened, and its handshake answered"), poll]
        }
    }
}

/// Leaves a poll open for as long as `idle`, or until the server answers it.
async fn hold(polling: &Polling<'_>, idle: Duration) -> Finding {
    let began = Instant::now();
    let answered = async {
        let wire = polling.wire.patient(idle + Duration::from_secs(1));
        wire.ask(polling.request(Method::GET)).await
    };
    let Ok(answered) = timeout(idle, answered).await else {
        let text = format!("a poll was open for {} s; the longest take 90 s (`--idle 90` tries it)", idle.as_secs());
        return Finding::ok("poll-length", text);
    };
    let after = began.elapsed().as_secs_f64();
    match answered {
        Ok(answer) if answer.status.is_success() => Finding::ok(
            "poll-length",
            format!("the server answered a poll after {after:.1} s, with what it had to send"),
        ),
        Ok(answer) => {
            let text = format!("a poll was cut after {after:.1} s, with {}", answer.status);
            Finding::fail("poll-length", text).at(&proxy(&answer.headers), Remedy::Silence)
        }
        Err(failure) => {
            let text = format!("a poll was cut after {after:.1} s: {failure}");
            Finding::fail("poll-length", text).at(&Proxy::unknown(), Remedy::Silence)
        }
    }
}
