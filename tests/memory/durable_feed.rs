//! Durable messages in feeds: readers get them on every node, once.

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::Request;
use hubs::testing::with_default_timeout;
use hubs::{HubResult, Hubs, backplane::MemoryCluster, client_interface, hub};
use tower::ServiceExt;

#[client_interface]
trait NewsClient {
    #[method(durable)]
    async fn published(&self, title: String) -> HubResult<()>;
}

#[hub(client = NewsClient)]
trait NewsHub {}

struct News;

impl NewsHub for News {}

fn node(cluster: &MemoryCluster, name: &str) -> Hubs {
    Hubs::new().backplane(cluster.node(name)).map("/news", NewsHubContract, News).feed(
        "/news/feed",
        NewsHubContract,
        |_| async { Ok(vec!["red".into()]) },
    )
}

/// A reader of the group, once the server has let it in.
async fn read(hubs: &Hubs) -> BodyDataStream {
    let request = Request::builder().uri("/news/feed").body(Body::empty()).expect("a request");
    with_default_timeout(hubs.router().oneshot(request)).await.expect("a router answers").into_body().into_data_stream()
}

/// The arguments of all events up to this one.
async fn until(reader: &mut BodyDataStream, last: &str) -> Vec<String> {
    let (mut text, end) = (String::new(), format!("data: [\"{last}\"]"));
    while !text.contains(&end) {
        let chunk = with_default_timeout(reader.next()).await.expect("the feed goes on").expect("bytes");
        text.push_str(std::str::from_utf8(&chunk).expect("text"));
    }
    text.lines().filter_map(|line| line.strip_prefix("data: ")).map(ToOwned::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn readers_on_every_node_get_each_durable_message_once() {
    let cluster = MemoryCluster::new();
    let nodes = ["north", "south"].map(|name| node(&cluster, name));
    let mut readers = [read(&nodes[0]).await, read(&nodes[1]).await];
    let clients = nodes[0].context::<NewsHubContract>().clients();
    for title in ["one", "two", "three"] {
        clients.group("red").published(title.to_owned()).await.expect("it is recorded");
    }
    for reader in &mut readers {
        assert_eq!(until(reader, "three").await, [r#"["one"]"#, r#"["two"]"#, r#"["three"]"#]);
    }
}
