//! Groups that were joined under a condition: a newer token that does not meet it takes the connection out of them.

use std::time::{Duration, SystemTime};

use axum::Router;
use http::Method;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{
    jwt::{NEGOTIATE, SECRET, ask},
    sessions::{HANDSHAKE, call},
};
use crate::{
    HubCallerContext, HubContext, HubOptions, HubResult, Hubs, JwtBearer, Require, SigningKeys,
    backplane::MemoryCluster, client_interface, hub,
};

#[client_interface(crate = "crate")]
trait NewsClient {
    async fn news(&self, text: String) -> HubResult<()>;
}

type Cx = HubCallerContext<NewsClientContract>;

#[hub(crate = "crate", client = NewsClient)]
trait NewsHub {
    async fn join(&self, cx: &Cx, group: String, policy: String) -> HubResult<()>;
    async fn leave(&self, cx: &Cx, group: String) -> HubResult<()>;
}

struct News;

impl NewsHub for News {
    async fn join(&self, cx: &Cx, group: String, policy: String) -> HubResult<()> {
        match policy.as_str() {
            "open" => Ok(cx.groups().add(cx.connection_id(), group).await?),
            "staff" => cx.join_authorized(group, Require::Role("staff")).await,
            policy => cx.join_authorized(group, Require::Policy(policy)).await,
        }
    }

    async fn leave(&self, cx: &Cx, group: String) -> HubResult<()> {
        Ok(cx.groups().remove(cx.connection_id(), group).await?)
    }
}

fn token(user: &str, claims: &Value) -> String {
    let seconds = (SystemTime::now() + Duration::from_secs(600)).duration_since(SystemTime::UNIX_EPOCH);
    let mut all = json!({"sub": user, "exp": seconds.expect("after 1970").as_secs()});
    all.as_object_mut().expect("an object").extend(claims.as_object().expect("an object").clone());
    encode(&Header::default(), &all, &EncodingKey::from_secret(SECRET)).expect("it is signed")
}

fn groups(access: &crate::Access<'_>) -> Option<bool> {
    let groups = access.user().claim("groups")?.as_array()?;
    Some(groups.contains(&access.group()?.as_str().into()))
}

/// A connection that polls, and what its hub sends.
struct Polled {
    router: Router,
    /// Another node, or the same where there is one.
    other: Router,
    context: HubContext<NewsHubContract>,
    target: String,
    token: String,
    _nodes: Vec<Hubs>,
}

impl Polled {
    async fn start(claims: &Value, nodes: usize) -> Self {
        let cluster = MemoryCluster::new();
        let nodes: Vec<_> = match nodes {
            1 => vec![Self::hubs()],
            nodes => (0..nodes).map(|number| Self::hubs().backplane(cluster.node(&number.to_string()))).collect(),
        };
        let routers: Vec<_> = nodes.iter().map(Hubs::router).collect();
        let (router, other) = (routers[0].clone(), routers[routers.len() - 1].clone());
        let context = nodes[0].context::<NewsHubContract>();
        let token = token("ann", claims);
        let target = ask(&router, Method::POST, NEGOTIATE, Some(&token), "").await.target();
        let polled = Self { router, other, context, target, token, _nodes: nodes };
        assert_eq!(polled.poll().await, "");
        polled.post(HANDSHAKE).await;
        assert_eq!(polled.poll().await, "{}\u{1e}");
        polled
    }

    fn hubs() -> Hubs {
        let jwt = JwtBearer::secret(SECRET).expect("a long secret");
        let options = HubOptions::default().authentication_refresh(true).token_keys(SigningKeys::new([7; 32]));
        Hubs::new()
            .options(options)
            .jwt(jwt)
            .policy("member", |access| groups(access).unwrap_or(false))
            .policy_async("member_later", |access| {
                let is_member = groups(access).unwrap_or(false);
                async move {
                    tokio::task::yield_now().await;
                    is_member
                }
            })
            .policy("panics_later", |access| access.user().claim("groups").is_some() || panic!("as asked"))
            .map("/chat", NewsHubContract, News)
    }

    async fn poll(&self) -> String {
        let answer = ask(&self.router, Method::GET, &self.target, Some(&self.token), "").await;
        assert_eq!(answer.status, 200);
        answer.body
    }

    async fn post(&self, body: &str) {
        assert_eq!(ask(&self.router, Method::POST, &self.target, Some(&self.token), body).await.status, 200);
    }

    async fn call(&self, method: &str, arguments: &[&str]) -> String {
        self.post(&call(method, &json!(arguments).to_string())).await;
        self.poll().await
    }

    /// Renews the user of the connection; polls go on with the first token's ticket or another token.
    async fn refresh(&self, claims: &Value) {
        let named = self.target.strip_prefix("/chat").expect("a target");
        let token = token("ann", claims);
        let answer = ask(&self.other, Method::POST, &format!("/chat/refresh{named}"), Some(&token), "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Which of these groups reach the connection: all are sent to, then one message to everyone.
    async fn reached(&self, groups: &[&str]) -> Vec<String> {
        for group in groups {
            self.context.clients().group(*group).news((*group).to_owned()).await.expect("it is sent");
        }
        self.context.clients().all().news("end".to_owned()).await.expect("it is sent");
        let mut texts = Vec::new();
        loop {
            for message in self.poll().await.split_terminator('\u{1e}') {
                let message: Value = serde_json::from_str(message).expect("JSON");
                let text = message["arguments"][0].as_str().expect("news").to_owned();
                if text == "end" {
                    return texts;
                }
                texts.push(text);
            }
        }
    }
}

const REFUSED: &str = "because user is unauthorized";
const GROUPS: [&str; 5] = ["red", "blue", "staff", "open", "panics"];

/// In all groups, with a ticket for the polls, so that they renew nothing.
async fn in_all_groups(nodes: usize) -> Polled {
    let mut polled = Polled::start(&json!({"role": "staff", "groups": ["red", "blue"]}), nodes).await;
    assert!(polled.call("Join", &["green", "member"]).await.contains(REFUSED), "not a member");
    for (group, policy) in
        [("red", "member"), ("blue", "member_later"), ("staff", "staff"), ("open", "open"), ("panics", "panics_later")]
    {
        let answer = polled.call("Join", &[group, policy]).await;
        assert!(!answer.contains("error"), "{answer}");
    }
    assert_eq!(polled.reached(&GROUPS).await, GROUPS);
    assert!(polled.reached(&["green"]).await.is_empty());
    polled.token = token("ann", &json!({"role": "staff", "groups": ["red", "blue"]}));
    polled
}

#[tokio::test]
async fn a_weaker_token_leaves_what_it_may_not_be_in() {
    weaker_tokens(1).await;
}

#[tokio::test]
async fn a_weaker_token_on_another_node_does_the_same() {
    weaker_tokens(2).await;
}

async fn weaker_tokens(nodes: usize) {
    for (claims, left) in [
        (json!({"role": "staff", "groups": ["red", "blue"], "more": 1}), &GROUPS[..]),
        (json!({"groups": ["red", "blue"]}), &["red", "blue", "open", "panics"]),
        (json!({"role": "staff", "groups": ["blue"]}), &["blue", "staff", "open", "panics"]),
        (json!({"role": "staff", "groups": []}), &["staff", "open", "panics"]),
        (json!({"role": "staff"}), &["staff", "open"]),
        (json!({}), &["open"]),
    ] {
        let mut polled = in_all_groups(nodes).await;
        polled.refresh(&claims).await;
        // The polls go on with the token that the connection has now.
        polled.token = token("ann", &claims);
        assert_eq!(polled.reached(&GROUPS).await, left, "{claims}");
        polled.refresh(&json!({"role": "staff", "groups": ["red", "blue"]})).await;
        polled.token = token("ann", &json!({"role": "staff", "groups": ["red", "blue"]}));
        assert_eq!(polled.reached(&GROUPS).await, left, "a stronger token joins nothing by itself");
    }
}

#[tokio::test]
async fn a_poll_with_a_weaker_token_does_the_same() {
    for nodes in [1, 2] {
        let mut polled = in_all_groups(nodes).await;
        polled.router = polled.other.clone();
        polled.token = token("ann", &json!({"groups": ["blue"]}));
        // What was sent before this poll is still there.
        assert!(polled.reached(&[]).await.is_empty());
        assert_eq!(polled.reached(&GROUPS).await, ["blue", "open", "panics"]);
    }
}

#[tokio::test]
async fn what_was_left_or_joined_otherwise_is_not_checked_again() {
    let mut polled = in_all_groups(1).await;
    polled.call("Leave", &["red"]).await;
    polled.call("Join", &["red", "open"]).await;
    polled.token = token("ann", &json!({}));
    assert!(polled.reached(&[]).await.is_empty());
    assert_eq!(polled.reached(&GROUPS).await, ["red", "open"]);
}
