//! JSON Web Tokens before hubs: where they are looked for, what is answered, and that they are nowhere in a log.

use std::time::{Duration, SystemTime};

use axum::{Router, body::Body, routing::get};
use http::{Method, Request, StatusCode};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use tower::ServiceExt;

use super::{
    App, HubOptions, Server,
    events::Events,
    logged::Logged,
    sessions::{EchoHubContract, EchoImpl, HANDSHAKE, call},
    soon,
};
use crate::{Hubs, JwtBearer};

pub(super) const SECRET: &[u8] = &[7; 32];
pub(super) const NEGOTIATE: &str = "/chat/negotiate?negotiateVersion=1";

pub(super) fn token_until(user: &str, expires: SystemTime) -> String {
    let seconds = expires.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let claims = json!({"sub": user, "exp": seconds, "tenant": "blue"});
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).expect("it is signed")
}

fn token_of(user: &str) -> String {
    token_until(user, SystemTime::now() + Duration::from_secs(600))
}

fn hubs() -> Hubs {
    let jwt = JwtBearer::secret(SECRET).expect("a long secret").leeway(Duration::ZERO);
    Hubs::new().jwt(jwt).map("/chat", EchoHubContract, EchoImpl)
}

pub(super) struct Asked {
    pub(super) status: StatusCode,
    pub(super) body: String,
}

impl Asked {
    /// Where the negotiated connection is.
    pub(super) fn target(&self) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).expect("JSON");
        format!("/chat?id={}", json["connectionToken"].as_str().expect("a token"))
    }
}

pub(super) async fn ask(router: &Router, method: Method, target: &str, header: Option<&str>, body: &str) -> Asked {
    let mut request = Request::builder().method(method).uri(target);
    if let Some(token) = header {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    // A poll may wait for 90 s of paused time.
    let answer = tokio::time::timeout(Duration::from_secs(120), router.clone().oneshot(request)).await;
    let answer = answer.expect("within the time limit").expect("an answer");
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.expect("a short answer");
    Asked { status, body: String::from_utf8(body.to_vec()).expect("text") }
}

/// Whose connection it is that this request negotiates: the one user who may poll on it.
async fn owner(router: &Router, target: &str, header: Option<&str>) -> Option<&'static str> {
    let negotiated = ask(router, Method::POST, target, header, "").await;
    assert_eq!(negotiated.status, StatusCode::OK, "{target}");
    let place = negotiated.target();
    for user in ["ann", "bob"] {
        if ask(router, Method::GET, &place, Some(&token_of(user)), "").await.status == StatusCode::OK {
            // A connection that was negotiated by no user takes the first.
            let other = ask(router, Method::POST, &place, Some(&token_of("cem")), "").await.status;
            assert_eq!(other, StatusCode::FORBIDDEN);
            return Some(user);
        }
    }
    None
}

#[tokio::test]
async fn b3_07_where_a_token_is_looked_for() {
    let routed = Router::new().route("/chat-evil", get(async || "open")).route("/other", get(async || "open"));
    let router = routed.merge(hubs().router());
    let (ann, bob) = (token_of("ann"), token_of("bob"));
    for path in ["/chat-evil", "/other"] {
        for target in [format!("{path}?access_token=bad"), format!("{path}?access_token={ann}")] {
            let answer = ask(&router, Method::GET, &target, None, "").await;
            assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "open"), "ignored: {path}");
        }
    }
    for target in ["/chat-evil/negotiate?access_token=bad", "/chat/unknown?access_token=bad", "/unknown"] {
        assert_eq!(ask(&router, Method::POST, target, Some("bad"), "").await.status, StatusCode::NOT_FOUND, "{target}");
    }
    let query = |tokens: &[&str]| {
        let tokens: String = tokens.iter().map(|token| format!("&access_token={token}")).collect();
        format!("{NEGOTIATE}{tokens}")
    };
    assert_eq!(owner(&router, &query(&[&bob]), None).await, Some("bob"));
    assert_eq!(owner(&router, NEGOTIATE, Some(&bob)).await, Some("bob"));
    assert_eq!(owner(&router, &query(&[&bob]).replace("access_token", "ACCESS_TOKEN"), None).await, Some("bob"));
    assert_eq!(owner(&router, &query(&[&ann]), Some(&bob)).await, Some("bob"), "the header counts");
    assert_eq!(owner(&router, &query(&["bad"]), Some(&bob)).await, Some("bob"), "the header counts");
    for (target, header) in [
        (query(&["bad"]), None),
        (query(&[&ann, &bob]), None),
        (query(&[&ann, &ann]), None),
        (query(&[&ann]), Some("bad")),
        (NEGOTIATE.to_owned(), Some("")),
    ] {
        let answer = ask(&router, Method::POST, &target, header, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::UNAUTHORIZED, ""), "{header:?}");
    }
    assert_eq!(ask(&router, Method::POST, &query(&[""]), None, "").await.status, StatusCode::OK, "no token is no user");
}

#[tokio::test]
async fn b3_08_a_valid_token_of_another_user_is_refused() {
    let router = hubs().router();
    let (ann, bob) = (token_of("ann"), token_of("bob"));
    let target = ask(&router, Method::POST, NEGOTIATE, Some(&ann), "").await.target();
    assert_eq!(ask(&router, Method::GET, &target, Some(&ann), "").await.status, StatusCode::OK);
    assert_eq!(ask(&router, Method::POST, &target, Some(&ann), HANDSHAKE).await.status, StatusCode::OK);
    assert_eq!(ask(&router, Method::GET, &target, Some(&ann), "").await.body, "{}\u{1e}");
    for method in [Method::GET, Method::POST, Method::DELETE] {
        for header in [Some(bob.as_str()), None] {
            assert_eq!(ask(&router, method.clone(), &target, header, "").await.status, StatusCode::FORBIDDEN);
        }
    }
    let call = call("Tenant", "[]");
    assert_eq!(ask(&router, Method::POST, &target, Some(&ann), &call).await.status, StatusCode::OK);
    assert!(ask(&router, Method::GET, &target, Some(&ann), "").await.body.contains("\"result\":\"blue\""));
}

#[tokio::test(start_paused = true)]
async fn b3_09_a_connection_ends_with_its_token_and_a_newer_token_puts_it_off() {
    let router = hubs().router();
    let until = |seconds| token_until("ann", SystemTime::now() + Duration::from_secs(seconds));
    let short = until(60);
    let target = ask(&router, Method::POST, NEGOTIATE, Some(&short), "").await.target();
    assert_eq!(ask(&router, Method::GET, &target, Some(&short), "").await.status, StatusCode::OK);
    assert_eq!(ask(&router, Method::POST, &target, Some(&short), HANDSHAKE).await.status, StatusCode::OK);
    assert_eq!(ask(&router, Method::GET, &target, Some(&short), "").await.body, "{}\u{1e}");
    // A poll with a newer token; it waits 90 s for nothing, which is longer than the first token was good for.
    let long = until(100);
    let answer = ask(&router, Method::GET, &target, Some(&long), "").await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    let began = tokio::time::Instant::now();
    // The clock that tokens are made with is not paused.
    let answer = ask(&router, Method::GET, &target, Some(&until(50)), "").await;
    assert_eq!(answer.body, "{\"type\":7,\"allowReconnect\":true}\u{1e}");
    assert!((48..=51).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
}

#[tokio::test]
async fn b3_06_tokens_are_in_no_log_and_no_answer() {
    let log = Logged::start();
    let hubs = hubs();
    let app = App::unused();
    let down = app.shutdown.clone().cancelled_owned();
    let server = Server::serve_until(hubs.router(), app, down).await;
    let secrets = [token_of("ann"), "canary-that-is-no-token".to_owned(), token_until("ann", SystemTime::UNIX_EPOCH)];
    let mut said = String::new();
    for secret in &secrets {
        let header = format!("Authorization: Bearer {secret}\r\n");
        for target in [
            NEGOTIATE.to_owned(),
            format!("{NEGOTIATE}&access_token={secret}"),
            format!("/chat?id=x&access_token={secret}"),
        ] {
            for header in ["", &header] {
                said += &server.request("POST", &target, header).await.body;
                said += &server.request("GET", &target, header).await.body;
            }
        }
        said += &server.post_as("", NEGOTIATE, secret).await.body;
    }
    let ann = format!("Authorization: Bearer {}\r\n", secrets[0]);
    // A connection from its opening to a call that panics.
    let (_, id) = server.negotiate_as(&ann).await;
    let target = format!("/chat?id={id}&access_token={}", secrets[0]);
    let mut events = Events::open_with(&server, &target, &ann).await;
    said += &events.next().await.expect("it goes on");
    for body in [HANDSHAKE, &call("Panic", "[]"), &call("Echo", &format!("[{:?}]", "canary-in-a-body"))] {
        assert_eq!(server.post_as(&ann, &target, body).await.status, 200);
    }
    while !said.contains("canary-in-a-body") {
        said += &events.next().await.expect("it goes on");
    }
    server.app.shutdown.cancel();
    let logged = log.text();
    assert!(logged.contains("TRACE") || logged.contains("DEBUG"), "something was logged: {logged}");
    assert!(logged.contains("a request was refused for its token") && logged.contains("panicked"), "{logged}");
    for secret in secrets.iter().chain([&id]) {
        assert!(!said.contains(secret.as_str()), "in an answer");
        let at = logged.find(secret.as_str());
        assert!(at.is_none(), "in the log: {}", &logged[at.unwrap_or(0).saturating_sub(300)..at.unwrap_or(0)]);
    }
    assert!(!logged.contains("canary-in-a-body"), "arguments are not logged");
}

/// What the official clients send once negotiate has answered an `accessToken`.
#[tokio::test]
async fn a_ticket_stands_for_the_token_of_one_connection() {
    let router = hubs().router();
    let ann = token_of("ann");
    let negotiate = async || {
        let answer = ask(&router, Method::POST, NEGOTIATE, Some(&ann), "").await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).expect("JSON");
        (answer.target(), json["accessToken"].as_str().expect("a ticket").to_owned())
    };
    let ((target, ticket), (other, other_ticket)) = (negotiate().await, negotiate().await);
    assert!(ticket.starts_with("ticket.") && ticket != other_ticket && !ticket.contains(&ann));
    for refused in [&other_ticket, &format!("{ticket}A"), &ticket[..ticket.len() - 1].to_owned(), &"ticket.".to_owned()]
    {
        assert_eq!(ask(&router, Method::GET, &target, Some(refused), "").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask(&router, Method::POST, NEGOTIATE, Some(&ticket), "").await.status, StatusCode::UNAUTHORIZED);
    let poll = async || ask(&router, Method::GET, &format!("{target}&access_token={ticket}"), None, "").await;
    assert_eq!(poll().await.status, StatusCode::OK);
    assert_eq!(ask(&router, Method::POST, &target, Some(&ticket), HANDSHAKE).await.status, StatusCode::OK);
    assert_eq!(poll().await.body, "{}\u{1e}");
    let tenant = call("Tenant", "[]");
    assert_eq!(ask(&router, Method::POST, &target, Some(&ticket), &tenant).await.status, StatusCode::OK);
    assert!(poll().await.body.contains("\"result\":\"blue\""), "the ticket has the claims");
    assert_eq!(ask(&router, Method::GET, &other, Some(&ticket), "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        ask(&router, Method::DELETE, &target, Some(&ann), "").await.status,
        StatusCode::ACCEPTED,
        "the token, too"
    );
    assert_eq!(poll().await.status, StatusCode::NOT_FOUND, "and it opens nothing again");
    let in_query = ask(&router, Method::POST, &format!("{NEGOTIATE}&access_token={ann}"), None, "").await.body;
    assert!(!in_query.contains("accessToken"), "the client would send both: {in_query}");
    let old = ask(&router, Method::POST, "/chat/negotiate", Some(&ann), "").await.body;
    assert!(!old.contains("accessToken"), "{old}");
    assert!(!ask(&router, Method::POST, NEGOTIATE, None, "").await.body.contains("accessToken"), "no user, no ticket");
}

#[tokio::test(start_paused = true)]
async fn b3_09_refresh_puts_the_end_off() {
    let router = hubs().options(HubOptions::default().authentication_refresh(true)).router();
    let until = |seconds| token_until("ann", SystemTime::now() + Duration::from_secs(seconds));
    let negotiated = ask(&router, Method::POST, NEGOTIATE, Some(&until(60)), "").await;
    let json: serde_json::Value = serde_json::from_str(&negotiated.body).expect("JSON");
    let seconds = json["tokenLifetimeSeconds"].as_u64().expect("a lifetime");
    assert!((58..=60).contains(&seconds), "{seconds}");
    let ticket = json["accessToken"].as_str().expect("a ticket").to_owned();
    let target = negotiated.target();
    let refresh = async |token: Option<&str>, query: &str| {
        let answer = ask(&router, Method::POST, &format!("/chat/refresh{query}"), token, "").await;
        (answer.status.as_u16(), answer.body)
    };
    let named = target.strip_prefix("/chat").expect("a target").to_owned();
    let long = until(200);
    assert_eq!(
        refresh(Some(&long), &named).await,
        (404, "{\"error\":\"connection_not_found\"}".to_owned()),
        "not open yet"
    );
    let poll = async || ask(&router, Method::GET, &target, Some(&ticket), "").await;
    assert_eq!(poll().await.status, StatusCode::OK);
    assert_eq!(ask(&router, Method::POST, &target, Some(&ticket), HANDSHAKE).await.status, StatusCode::OK);
    assert_eq!(poll().await.body, "{}\u{1e}");
    for (token, query, status, error) in [
        (Some(&long), "", 400, "missing_connection_token"),
        (Some(&long), "?id=unknown", 404, "connection_not_found"),
        (Some(&token_of("bob")), named.as_str(), 403, "user_changed"),
        (None, named.as_str(), 403, "user_changed"),
    ] {
        let refused = refresh(token.map(String::as_str), query).await;
        assert_eq!(refused, (status, format!("{{\"error\":\"{error}\"}}")), "{query}");
    }
    assert_eq!(refresh(Some("bad"), &named).await.0, 401);
    assert_eq!(refresh(Some(&ticket), &named).await.0, 401, "a ticket renews nothing");
    let (status, body) = refresh(Some(&long), &named).await;
    assert!(status == 200 && body.starts_with("{\"tokenLifetimeSeconds\":19"), "{status} {body}");
    // Each waits 90 s for nothing: the first token has expired by the end of the first.
    for _ in 0..2 {
        let answer = poll().await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    }
    assert_eq!(poll().await.body, "{\"type\":7,\"allowReconnect\":true}\u{1e}");
    let off = hubs().router();
    let answer = ask(&off, Method::POST, "/chat/refresh?id=x", Some(&long), "").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (404, "{\"error\":\"refresh_disabled\"}"));
}

#[tokio::test]
async fn options_still_apply() {
    let options = HubOptions::default().allowed_origins(["https://app.example"]);
    let router = hubs().options(options).router();
    let request = Request::builder().method(Method::POST).uri(NEGOTIATE).header("origin", "https://evil.example");
    let request = request.header("authorization", "Bearer bad").body(Body::empty()).expect("a request");
    let answer = soon(router.oneshot(request)).await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN, "a page is refused before its token is read");
}
