//! Whether a body as large as the application needs arrives. Clients that use Server-Sent Events or long polling send every
//! message in one.

use http::StatusCode;

use super::{
    Checks,
    findings::Finding,
    polls::Polling,
    remedies::{Proxy, Remedy},
    wire::proxy,
};

/// A hub message that does nothing, of which many fit into a body of any size.
const PING: &str = "{\"type\":6}\u{1e}";

pub(super) async fn check(checks: &Checks) -> Finding {
    if let Some(skipped) = checks.skipped("bodies", "LongPolling") {
        return skipped;
    }
    let polling = match Polling::open(&checks.wire).await {
        Ok(polling) => polling,
        Err(problem) => return Finding::skip("bodies", format!("long polling does not work: {problem}")),
    };
    let body = PING.repeat(checks.body.div_ceil(PING.len()));
    let size = body.len();
    let answered = polling.post(body).await;
    polling.close().await;
    let remedy = Remedy::Bodies(size);
    match answered {
        Ok(answer) if answer.status.is_success() => {
            Finding::ok("bodies", format!("a body of {size} bytes arrived (`--body BYTES` tries another size)"))
        }
        Ok(answer) if answer.status == StatusCode::PAYLOAD_TOO_LARGE => {
            let finding = Finding::fail("bodies", format!("a body of {size} bytes was refused with 413"));
            finding.at(&proxy(&answer.headers), remedy).in_the_application(remedy)
        }
        Ok(answer) => {
            let text = format!("a body of {size} bytes was answered {}{}", answer.status, answer.words());
            Finding::fail("bodies", text).at(&proxy(&answer.headers), remedy)
        }
        Err(failure) => {
            Finding::fail("bodies", format!("a body of {size} bytes: {failure}")).at(&Proxy::unknown(), remedy)
        }
    }
}
