//! Keys from an address: when they are fetched, what is kept, and which answers are none.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{Router, response::IntoResponse, routing::get};
use http::{
    Method, StatusCode,
    header::{AUTHORIZATION, LOCATION},
};
use jsonwebtoken::{EncodingKey, Header};
use tokio::{net::TcpListener, sync::Semaphore, time::timeout};
use tower::ServiceExt;

use super::{
    tests::{EC_PRIVATE, RSA_PRIVATE, ec_jwk, good, rsa_jwk, set_of, signed},
    *,
};
use crate::{HubCallerContext, HubResult, Hubs, NoClient, hub};

const LIMIT: Duration = Duration::from_secs(10);

/// What the address answers.
#[derive(Clone)]
enum Says {
    Keys(String),
    Status(StatusCode),
    /// A redirect to the keys.
    Elsewhere,
    /// More than is read.
    TooMuch,
}

/// A server with keys, on this machine.
#[derive(Clone)]
struct Issues {
    says: Arc<Mutex<Says>>,
    asked: Arc<AtomicUsize>,
    /// How many answers may leave.
    open: Arc<Semaphore>,
    url: String,
}

impl Issues {
    async fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}/keys?code=s3cr3t", listener.local_addr().expect("an address"));
        let (asked, open) = (Arc::default(), Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)));
        let issues = Self { says: Arc::new(Mutex::new(says)), asked, open, url };
        let (first, second) = (issues.clone(), issues.clone());
        let router = Router::new()
            .route("/keys", get(async move || first.answer().await))
            .route("/other", get(async move || second.answer().await));
        tokio::spawn(axum::serve(listener, router).into_future());
        issues
    }

    async fn answer(&self) -> axum::response::Response {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.open.acquire().await.expect("it stays open").forget();
        let says = self.says.lock().expect("no panic").clone();
        match says {
            Says::Keys(keys) => keys.into_response(),
            Says::Status(status) => status.into_response(),
            Says::Elsewhere => (StatusCode::FOUND, [(LOCATION, "/other")], set_of(&[rsa_jwk("1")])).into_response(),
            Says::TooMuch => "x".repeat(300 * 1024).into_response(),
        }
    }

    fn now_says(&self, says: Says) {
        *self.says.lock().expect("no panic") = says;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    async fn asked_at_least(&self, times: usize) {
        let asked = async {
            while self.asked() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LIMIT, asked).await.expect("it is asked again");
    }

    fn bearer(&self) -> JwtBearer {
        JwtBearer::jwks_url(&self.url).expect("an address of this machine").issuer("https://a.example")
    }
}

/// With an address at which unknown keys are asked for at any time.
fn impatient(jwt: JwtBearer) -> JwtBearer {
    jwt.each_remote(|keys| keys.set_pause(Duration::ZERO))
}

fn rsa_token(kid: &str) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(JwtAlgorithm::RS256) };
    signed(&header, &good(), &EncodingKey::from_rsa_pem(RSA_PRIVATE).expect("a key"))
}

fn ec_token(kid: &str) -> String {
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(JwtAlgorithm::ES256) };
    signed(&header, &good(), &EncodingKey::from_ec_pem(EC_PRIVATE).expect("a key"))
}

fn with_header(token: &str) -> Parts {
    let request = http::Request::builder().header(AUTHORIZATION, format!("Bearer {token}"));
    request.body(()).expect("a request").into_parts().0
}

/// As a hub does it.
async fn accepts(jwt: &JwtBearer, token: &str) -> bool {
    timeout(LIMIT, jwt.fetch_for(&with_header(token))).await.expect("it does not wait for ever");
    jwt.validate(token).is_ok()
}

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
#[authorize]
trait SafeHub {
    async fn open(&self, cx: &Cx) -> HubResult<()>;
}

struct Safe;

impl SafeHub for Safe {
    async fn open(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_first_request_waits_for_the_keys_and_later_ones_do_not_ask() {
    let issues = Issues::start(Says::Keys(set_of(&[rsa_jwk("1")]))).await;
    let router: Router = Hubs::new().jwt(issues.bearer()).map("/safe", SafeHubContract, Safe).router();
    assert_eq!(issues.asked(), 0, "nothing is fetched before it is needed");
    let negotiate = async |token: &str, in_query: bool| {
        let query = if in_query { format!("&access_token={token}") } else { String::new() };
        let request =
            http::Request::builder().method(Method::POST).uri(format!("/safe/negotiate?negotiateVersion=1{query}"));
        let request = if in_query { request } else { request.header(AUTHORIZATION, format!("Bearer {token}")) };
        let request = request.body(axum::body::Body::empty()).expect("a request");
        timeout(LIMIT, router.clone().oneshot(request)).await.expect("in time").expect("an answer").status()
    };
    assert_eq!(negotiate(&rsa_token("1"), true).await, StatusCode::OK);
    assert_eq!(negotiate(&rsa_token("1"), false).await, StatusCode::OK);
    assert_eq!(issues.asked(), 1);
    for _ in 0..20 {
        assert_eq!(negotiate(&ec_token("2"), false).await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(issues.asked(), 1, "strangers cause no requests: it was asked just now");
}

#[tokio::test]
async fn a_key_that_is_not_there_is_asked_for_once_by_all_who_need_it() {
    let issues = Issues::start(Says::Keys(set_of(&[rsa_jwk("1")]))).await;
    let jwt = impatient(issues.bearer());
    assert!(accepts(&jwt, &rsa_token("1")).await);
    let (_, shut) = (issues.open.forget_permits(usize::MAX), issues.asked());
    issues.now_says(Says::Keys(set_of(&[ec_jwk("2")])));
    let token = ec_token("2");
    let waiting: Vec<_> = (0..10)
        .map(|_| {
            let (jwt, token) = (jwt.clone(), token.clone());
            tokio::spawn(async move { accepts(&jwt, &token).await })
        })
        .collect();
    issues.asked_at_least(shut + 1).await;
    assert!(jwt.validate(&rsa_token("1")).is_ok(), "the old keys count until the new ones are there");
    assert!(waiting.iter().all(|one| !one.is_finished()), "they wait");
    issues.open.add_permits(100);
    for one in waiting {
        assert!(one.await.expect("no panic"));
    }
    assert!(issues.asked() - shut <= 2, "{} requests for ten tokens", issues.asked() - shut);
    assert!(jwt.validate(&rsa_token("1")).is_err(), "a key that was withdrawn");
}

#[tokio::test]
async fn keys_are_fetched_again_from_time_to_time_and_stay_when_that_fails() {
    let issues = Issues::start(Says::Keys(set_of(&[rsa_jwk("1")]))).await;
    let jwt = impatient(issues.bearer().keys_refreshed_every(Duration::from_millis(20)));
    jwt.fetch_keys().await.expect("the keys are there");
    for says in [
        Says::Status(StatusCode::INTERNAL_SERVER_ERROR),
        Says::Status(StatusCode::NOT_FOUND),
        Says::Elsewhere,
        Says::TooMuch,
        Says::Keys("no JSON".to_owned()),
        Says::Keys("{\"keys\":[]}".to_owned()),
    ] {
        issues.now_says(says);
        issues.asked_at_least(issues.asked() + 2).await;
        assert!(jwt.validate(&rsa_token("1")).is_ok(), "the old keys stay");
    }
    issues.now_says(Says::Keys(set_of(&[ec_jwk("2")])));
    let changed = async {
        while jwt.validate(&ec_token("2")).is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LIMIT, changed).await.expect("the new key comes by itself");
    drop(jwt);
    // The task sees at once that it is not needed; a fetch may be under way.
    let asked = async {
        loop {
            let before = issues.asked();
            tokio::time::sleep(Duration::from_millis(200)).await;
            if issues.asked() == before {
                return;
            }
        }
    };
    timeout(LIMIT, asked).await.expect("it ends with what it is for");
}

#[tokio::test]
async fn what_goes_wrong_is_said_without_the_query_of_the_address() {
    for (says, what) in [
        (Says::Status(StatusCode::NOT_FOUND), "404"),
        (Says::Elsewhere, "redirects are not followed"),
        (Says::TooMuch, "larger than 262144 bytes"),
        (Says::Keys("[]".to_owned()), "no JSON Web Key Set"),
    ] {
        let issues = Issues::start(says).await;
        let jwt = issues.bearer();
        let error = timeout(LIMIT, jwt.fetch_keys()).await.expect("in time").expect_err("it is none").to_string();
        assert!(error.contains(what) && !error.contains("s3cr3t"), "{error}");
        assert!(!accepts(&jwt, &rsa_token("1")).await);
        assert_eq!(issues.asked(), 1);
        let shown = format!("{jwt:?}");
        assert!(shown.contains("/keys") && !shown.contains("s3cr3t"), "{shown}");
    }
    let closed = JwtBearer::jwks_url("http://127.0.0.1:1/keys").expect("an address of this machine");
    assert!(matches!(closed.fetch_keys().await, Err(JwtKeyError::Fetch(_))));
    assert!(matches!(JwtBearer::jwks_url("http://keys.example/"), Err(JwtKeyError::Address(..))));
}

/// Two issuers with the same key id; neither address is asked for the tokens of the other.
#[tokio::test]
async fn b3_05_keys_of_addresses_belong_to_their_issuer() {
    let a = Issues::start(Says::Keys(set_of(&[rsa_jwk("1")]))).await;
    let b = Issues::start(Says::Keys(set_of(&[ec_jwk("1")]))).await;
    let other = JwtBearer::jwks_url(&b.url).expect("an address of this machine").issuer("https://b.example");
    let jwt = impatient(a.bearer().or(other));
    assert!(accepts(&jwt, &rsa_token("1")).await, "of the issuer a");
    assert_eq!((a.asked(), b.asked()), (1, 0));
    assert!(!accepts(&jwt, &ec_token("1")).await, "the key of b under the name of a");
    assert_eq!(b.asked(), 0);
    let header = Header { jku: Some(b.url.clone()), kid: Some("x".to_owned()), ..Header::new(JwtAlgorithm::RS256) };
    let token = signed(&header, &good(), &EncodingKey::from_rsa_pem(RSA_PRIVATE).expect("a key"));
    assert!(!accepts(&jwt, &token).await);
    assert_eq!(b.asked(), 0, "a token names no address");
}
