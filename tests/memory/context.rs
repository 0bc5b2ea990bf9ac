//! What a hub method sees of the request that connected its caller.

use hubs::{
    HubCallerContext, HubResult, Hubs, NoClient, TransportKind, hub,
    testing::{TestServer, with_default_timeout},
};

type Cx = HubCallerContext<NoClient>;

#[hub]
trait Peek {
    async fn query(&self, cx: &Cx, name: String) -> HubResult<Option<String>>;
    async fn transport(&self, cx: &Cx) -> HubResult<serde_json::Value>;
}

struct Peeker;

impl Peek for Peeker {
    async fn query(&self, cx: &Cx, name: String) -> HubResult<Option<String>> {
        Ok(cx.query(&name))
    }

    async fn transport(&self, cx: &Cx) -> HubResult<serde_json::Value> {
        assert_eq!(cx.transport(), TransportKind::Memory);
        Ok(serde_json::json!({ "transport": cx.transport(), "connection": cx.connection_id() }))
    }
}

#[tokio::test(start_paused = true)]
async fn query_parameters_are_decoded() {
    let server = TestServer::new(Hubs::new().map("/peek", PeekContract, Peeker));
    let request = http::Request::builder().uri("/peek?Room=a%20b+c&room=2&empty=&bare").body(()).unwrap();
    let client = with_default_timeout(server.client().request(request).connect(PeekContract, ())).await.unwrap();
    for (name, expected) in
        [("room", Some("a b c")), ("ROOM", Some("a b c")), ("empty", Some("")), ("bare", Some("")), ("other", None)]
    {
        let value = with_default_timeout(client.hub().query(name.to_owned())).await.unwrap();
        assert_eq!(value.as_deref(), expected, "{name}");
    }
    let seen = with_default_timeout(client.hub().transport()).await.unwrap();
    assert_eq!((&seen["transport"], seen["connection"].is_string()), (&"Memory".into(), true));
}
