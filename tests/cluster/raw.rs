//! A client that writes its messages itself, over long polling.

use std::time::Duration;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
};
use http::StatusCode;
use hubs::testing::with_default_timeout;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::Node;

const LIMIT: Duration = Duration::from_secs(30);

pub(crate) struct RawClient {
    router: Router,
    pub(crate) path: String,
    pub(crate) id: String,
    read: Vec<Value>,
}

impl RawClient {
    pub(crate) async fn connect(node: &Node) -> Self {
        let mut client = Self::negotiate(node).await;
        assert_eq!(client.request("GET", &client.path, String::new()).await, (StatusCode::OK, String::new()));
        client.shake_hands().await;
        client
    }

    /// One whose first poll opens its transport.
    pub(crate) async fn negotiate(node: &Node) -> Self {
        let mut client =
            Self { router: node.server.hubs().router(), path: String::new(), id: String::new(), read: Vec::new() };
        let (status, body) = client.request("POST", "/room/negotiate?negotiateVersion=1", String::new()).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let negotiated: Value = serde_json::from_str(&body).expect("JSON");
        client.id = negotiated["connectionId"].as_str().expect("an id").to_owned();
        client.path = format!("/room?id={}", negotiated["connectionToken"].as_str().expect("a token"));
        client
    }

    pub(crate) async fn shake_hands(&mut self) {
        self.send(&json!({ "protocol": "json", "version": 1 })).await;
        self.poll().await;
    }

    async fn request(&self, method: &str, path: &str, body: String) -> (StatusCode, String) {
        let request = Request::builder().method(method).uri(path).header("host", "localhost").body(Body::from(body));
        let answer = self.router.clone().oneshot(request.expect("a request"));
        let answer = with_default_timeout(answer).await.expect("an answer");
        let status = answer.status();
        let body = with_default_timeout(to_bytes(answer.into_body(), 1 << 20)).await.expect("a body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    pub(crate) async fn send(&self, message: &Value) {
        let (status, body) = self.request("POST", &self.path, format!("{message}\u{1e}")).await;
        assert_eq!(status, StatusCode::OK, "{body}");
    }

    /// Answers a question with a value.
    pub(crate) async fn answer(&self, id: &str, result: Value) {
        self.send(&json!({ "type": 3, "invocationId": id, "result": result })).await;
    }

    async fn poll(&mut self) -> bool {
        let (status, body) = self.request("GET", &self.path, String::new()).await;
        let messages = body.split('\u{1e}').filter(|message| !message.is_empty());
        self.read.extend(messages.map(|message| serde_json::from_str::<Value>(message).expect("JSON")));
        status == StatusCode::OK
    }

    /// The next message of this type; those before it are dropped. `None`: the connection has ended.
    pub(crate) async fn next(&mut self, kind: u8) -> Option<Value> {
        let next = async {
            loop {
                if let Some(at) = self.read.iter().position(|message| message["type"] == kind) {
                    return self.read.drain(..=at).next_back();
                }
                if !self.poll().await {
                    return None;
                }
            }
        };
        tokio::time::timeout(LIMIT, next).await.expect("it comes in time")
    }

    /// The id of the next question.
    pub(crate) async fn question(&mut self) -> String {
        let question = self.next(1).await.expect("it is asked");
        question["invocationId"].as_str().expect("it waits for an answer").to_owned()
    }
}
