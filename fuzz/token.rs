//! What must hold for any text in place of a connection token, a ticket or a JSON Web Token: only what was signed here is
//! accepted. Shared by the fuzz targets and by the bounded run over the saved corpus.
#![allow(dead_code, reason = "each target uses one of them")]

use axum::{Router, body::Body};
use http::{Method, Request, StatusCode};
use hubs::{HubOptions, HubResult, Hubs, JwtBearer, NoClient, SigningKeys, hub};
use tower::ServiceExt;

type Cx = hubs::HubCallerContext<NoClient>;

/// Somewhere to send tokens to.
#[hub]
#[authorize]
trait Guarded {
    async fn nothing(&self, cx: &Cx) -> HubResult<()>;
}

struct Nothing;

impl Guarded for Nothing {
    async fn nothing(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }
}

/// The endpoint of a hub whose keys the fuzzer does not know.
pub(crate) struct Guard {
    runtime: tokio::runtime::Runtime,
    router: Router,
    open: Router,
}

impl Guard {
    pub(crate) fn new() -> Self {
        let mut key = [0; 32];
        key.iter_mut().zip(1..).for_each(|(byte, number)| *byte = number);
        let options = || HubOptions::default().token_keys(SigningKeys::new(key));
        let jwt = JwtBearer::secret(key).expect("a long secret");
        let guarded = Hubs::new().options(options()).jwt(jwt).map("/hub", GuardedContract, Nothing);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        Self { runtime, router: guarded.router(), open: open::router(options()) }
    }

    /// The text as a connection token: it is never one.
    pub(crate) fn check_connection_token(&self, data: &[u8]) {
        let status = self.ask(&self.open, &format!("/hub?id={}", escaped(data)), None);
        assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST), "{status}");
    }

    /// The text as a bearer token, in the query and in the header: it is never one.
    pub(crate) fn check_jwt(&self, data: &[u8]) {
        // One way for each input, so that many are tried.
        let prefix = if data.len().is_multiple_of(2) { "" } else { "ticket." };
        let text = format!("{prefix}{}", String::from_utf8_lossy(data));
        let status = if data.len() % 4 < 2 {
            let target = format!("/hub/negotiate?negotiateVersion=1&access_token={}", escaped(text.as_bytes()));
            self.ask(&self.router, &target, None)
        } else {
            self.ask(&self.router, "/hub/negotiate", Some(&text))
        };
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{text:?}");
    }

    fn ask(&self, router: &Router, target: &str, bearer: Option<&str>) -> StatusCode {
        let mut request = Request::builder().method(Method::POST).uri(target);
        if let Some(value) = bearer.and_then(|text| http::HeaderValue::try_from(format!("Bearer {text}")).ok()) {
            request = request.header("authorization", value);
        }
        let Ok(request) = request.body(Body::empty()) else { return StatusCode::UNAUTHORIZED };
        let answer = router.clone().oneshot(request);
        self.runtime.block_on(answer).unwrap_or_else(|never| match never {}).status()
    }
}

/// A hub without a guard, so that a connection token is read.
mod open {
    use hubs::{HubOptions, HubResult, Hubs, hub};

    use super::{Cx, Nothing};

    #[hub]
    trait Open {
        async fn nothing(&self, cx: &Cx) -> HubResult<()>;
    }

    impl Open for Nothing {
        async fn nothing(&self, _: &Cx) -> HubResult<()> {
            Ok(())
        }
    }

    pub(super) fn router(options: HubOptions) -> axum::Router {
        Hubs::new().options(options).map("/hub", OpenContract, Nothing).router()
    }
}

/// As a value of a query.
fn escaped(data: &[u8]) -> String {
    data.iter().take(8000).map(|byte| format!("%{byte:02X}")).collect()
}
