//! How often clients may call, over real sockets.

use tokio::net::TcpStream;

use super::{
    HubOptions, Server,
    resource_limits::{send, until},
    sessions,
    sessions::websocket,
};
use crate::{HubCallerContext, HubMetrics, HubResult, HubStream, Hubs, NoClient, RateLimit, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
trait RatedHub {
    #[method(rate = "2/h")]
    async fn search(&self, cx: &Cx) -> HubResult<u32>;
    #[method(rate = "1/h")]
    async fn count(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn free(&self, cx: &Cx) -> HubResult<u32>;
}

struct Rated;

impl RatedHub for Rated {
    async fn search(&self, _: &Cx) -> HubResult<u32> {
        Ok(1)
    }

    async fn count(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(futures_util::stream::iter([1])))
    }

    async fn free(&self, _: &Cx) -> HubResult<u32> {
        Ok(2)
    }
}

async fn start(options: HubOptions) -> (Server, HubMetrics) {
    let hubs = Hubs::new().map_with("/chat", RatedHubContract, Rated, options);
    let metrics = hubs.metrics::<RatedHubContract>();
    (sessions::serve(hubs).await, metrics)
}

async fn call(socket: &mut TcpStream, kind: u8, target: &str) -> String {
    send(socket, &format!(r#"{{"type":{kind},"invocationId":"1","target":"{target}","arguments":[]}}"#)).await;
    let (begin, end) = (until(socket, "\"type\":3").await, until(socket, "\u{1e}").await);
    begin + &end
}

#[tokio::test]
async fn a_method_is_called_no_more_often_than_it_says() {
    let (server, metrics) = start(HubOptions::default()).await;
    let (mut socket, mut other) = (websocket(&server).await, websocket(&server).await);
    for _ in 0..2 {
        assert!(call(&mut socket, 1, "Search").await.contains(r#""result":1"#));
    }
    let refused = call(&mut socket, 1, "Search").await;
    let text =
        "An unexpected error occurred invoking 'Search' on the server. HubException: More than 2 calls per hour.";
    assert!(refused.contains(text), "{refused}");
    assert!(call(&mut socket, 4, "Count").await.contains(r#""item":1"#));
    assert!(call(&mut socket, 4, "Count").await.contains("More than 1 call per hour."));
    assert_eq!(metrics.refused_calls(), 2);
    // Other methods and other connections are not affected.
    assert!(call(&mut socket, 1, "Free").await.contains(r#""result":2"#));
    assert!(call(&mut other, 1, "Search").await.contains(r#""result":1"#));
}

#[tokio::test]
async fn a_connection_calls_no_more_often_than_the_options_say() {
    let (server, metrics) = start(HubOptions::default().call_rate_limit(RateLimit::per_hour(3))).await;
    let mut socket = websocket(&server).await;
    for _ in 0..3 {
        assert!(call(&mut socket, 1, "Free").await.contains(r#""result":2"#));
    }
    assert!(call(&mut socket, 1, "Free").await.contains("More than 3 calls per hour."));
    assert!(call(&mut socket, 1, "Search").await.contains("More than 3 calls per hour."));
    assert_eq!(metrics.refused_calls(), 2);
    let mut other = websocket(&server).await;
    assert!(call(&mut other, 1, "Free").await.contains(r#""result":2"#));
}
