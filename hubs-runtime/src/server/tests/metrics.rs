//! What the recorder of the `metrics` facade gets from a hub over real sockets.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    CLOSE_FRAME, HubOptions, Server,
    cluster::Unreachable,
    resource_limits::until,
    sessions,
    sessions::{call, websocket},
    soon, text_frame,
};
use crate::{HubCallerContext, HubError, HubResult, HubStream, Hubs, NoClient, backplane::Health, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
trait MeteredHub {
    async fn works(&self, cx: &Cx) -> HubResult<()>;
    async fn waits(&self, cx: &Cx) -> HubResult<()>;
    async fn fails(&self, cx: &Cx) -> HubResult<()>;
    async fn endless(&self, cx: &Cx) -> HubResult<HubStream<u32>>;
    async fn joins(&self, cx: &Cx) -> HubResult<()>;
}

struct Metered;

impl MeteredHub for Metered {
    async fn works(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }

    async fn waits(&self, _: &Cx) -> HubResult<()> {
        tokio::task::yield_now().await;
        Ok(())
    }

    async fn fails(&self, _: &Cx) -> HubResult<()> {
        Err(HubError::client("as asked"))
    }

    async fn endless(&self, _: &Cx) -> HubResult<HubStream<u32>> {
        Ok(HubStream::new(futures_util::stream::pending()))
    }

    async fn joins(&self, cx: &Cx) -> HubResult<()> {
        cx.groups().add(cx.connection_id(), "a").await?;
        Ok(cx.groups().add(cx.connection_id(), "b").await?)
    }
}

/// A hub that was made while this recorder was there, so that it counts there and other tests do not.
async fn start() -> (Server, Snapshotter) {
    let recorder = DebuggingRecorder::new();
    let snapshotter = recorder.snapshotter();
    let hubs = metrics::with_local_recorder(&recorder, || {
        let options = HubOptions::default()
            .maximum_groups_per_connection(1)
            .keep_alive_interval(std::time::Duration::from_millis(100));
        let hubs = Hubs::new().map_with("/chat", MeteredHubContract, Metered, options);
        let _: axum::Router = hubs.router();
        hubs
    });
    (sessions::serve(hubs).await, snapshotter)
}

/// All that was counted so far, by name and labels. A snapshot takes all values away, so they are added up, but for those
/// that are set again and again.
#[derive(Default)]
struct Counted(BTreeMap<String, f64>);

impl Counted {
    fn read(&mut self, snapshotter: &Snapshotter) {
        for (key, _, description, value) in snapshotter.snapshot().into_vec() {
            let (_, key) = key.into_parts();
            let labels: BTreeSet<String> =
                key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
            assert!(!labels.contains("hub="), "{} is of a hub without a name", key.name());
            let labels: Vec<_> = labels.into_iter().filter(|label| label != "hub=MeteredHub").collect();
            let name = format!("{}{{{}}}", key.name(), labels.join(","));
            assert!(description.is_some(), "{name} has no description");
            let is_sampled = name.starts_with("hubs.") && key.name() != "hubs.node.info";
            let entry = self.0.entry(name).or_default();
            match value {
                DebugValue::Counter(count) => *entry += count as f64,
                DebugValue::Gauge(value) if is_sampled => *entry = value.into_inner(),
                DebugValue::Gauge(value) => *entry += value.into_inner(),
                DebugValue::Histogram(values) => *entry += values.len() as f64,
            }
        }
    }

    fn of(&self, name: &str) -> f64 {
        self.0.get(name).copied().unwrap_or_else(|| panic!("{name} is not there: {:#?}", self.0))
    }

    /// Waits until `name` has this value.
    async fn until(&mut self, snapshotter: &Snapshotter, name: &str, value: f64) {
        let there = async {
            loop {
                self.read(snapshotter);
                if (self.of(name) - value).abs() < f64::EPSILON {
                    return;
                }
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        soon(there).await;
    }
}

async fn send(socket: &mut TcpStream, message: &str) {
    socket.write_all(&text_frame(message)).await.unwrap();
}

/// Calls a method; the completion, behind any pings.
async fn answered(socket: &mut TcpStream, method: &str) -> String {
    send(socket, &call(method, "[]")).await;
    let (begin, end) = (until(socket, "\"type\":3").await, until(socket, "\u{1e}").await);
    begin + &end
}

#[tokio::test]
async fn calls_connections_and_queues_are_counted() {
    let (server, snapshotter) = start().await;
    let mut counted = Counted::default();
    let mut socket = websocket(&server).await;
    for (method, expected) in
        [("Works", "null"), ("Works", "null"), ("Waits", "null"), ("Fails", "as asked"), ("Nothing", "not exist")]
    {
        let answer = answered(&mut socket, method).await;
        assert!(answer.contains(expected), "{answer}");
    }
    assert!(answered(&mut socket, "Joins").await.contains("error"), "one group is all");
    send(&mut socket, "{\"type\":4,\"invocationId\":\"2\",\"target\":\"Endless\",\"arguments\":[]}\u{1e}").await;
    send(&mut socket, "{\"type\":5,\"invocationId\":\"2\"}\u{1e}").await;
    let web_sockets = "signalr.server.active_connections{signalr.transport=web_sockets}";
    counted.until(&snapshotter, "hubs.calls{method=Endless,outcome=ok}", 1.0).await;
    for (name, value) in [
        ("hubs.calls{method=Works,outcome=ok}", 2.0),
        ("hubs.call.duration{method=Works}", 2.0),
        ("hubs.calls{method=Works,outcome=error}", 0.0),
        ("hubs.calls{method=Waits,outcome=ok}", 1.0),
        ("hubs.calls{method=Fails,outcome=error}", 1.0),
        ("hubs.calls{method=Joins,outcome=error}", 1.0),
        ("hubs.call.duration{method=Fails}", 1.0),
        ("hubs.refused_calls{}", 1.0),
        ("hubs.refused_joins{}", 1.0),
        (web_sockets, 1.0),
        ("signalr.server.active_connections{signalr.transport=long_polling}", 0.0),
    ] {
        assert!((counted.of(name) - value).abs() < f64::EPSILON, "{name}: {} and not {value}", counted.of(name));
    }
    counted.until(&snapshotter, "hubs.groups{}", 1.0).await;

    server.request("POST", "/chat/negotiate", "Origin: https://evil.example\r\n").await;
    counted.until(&snapshotter, "hubs.closes{reason=refused_origin}", 1.0).await;
    socket.write_all(&CLOSE_FRAME).await.unwrap();
    counted.until(&snapshotter, web_sockets, 0.0).await;
    counted.until(&snapshotter, "hubs.closes{reason=closed_by_client}", 1.0).await;
    let lived =
        "signalr.server.connection.duration{signalr.connection.status=normal_closure,signalr.transport=web_sockets}";
    counted.until(&snapshotter, lived, 1.0).await;

    let _socket = websocket(&server).await;
    server.app.shutdown.cancel();
    counted.until(&snapshotter, &lived.replace("normal_closure", "app_shutdown"), 1.0).await;
}

#[tokio::test]
async fn a_node_tells_its_name_its_version_and_how_well_it_reaches_the_others() {
    let (recorder, backplane) = (DebuggingRecorder::new(), Unreachable::new());
    let (snapshotter, mut counted) = (recorder.snapshotter(), Counted::default());
    let _hubs = metrics::with_local_recorder(&recorder, || {
        let hubs = Hubs::new().backplane(Arc::clone(&backplane)).map("/chat", MeteredHubContract, Metered);
        let _: axum::Router = hubs.router();
        hubs
    });
    for (health, state) in [(Health::Healthy, "healthy"), (Health::Lost, "lost"), (Health::Degraded, "degraded")] {
        backplane.0.send_replace(health);
        counted.until(&snapshotter, &format!("hubs.backplane.health{{state={state}}}"), 1.0).await;
        let states = ["healthy", "degraded", "lost"].map(|state| format!("hubs.backplane.health{{state={state}}}"));
        assert!((states.iter().map(|state| counted.of(state)).sum::<f64>() - 1.0).abs() < f64::EPSILON);
    }
    let node = format!("hubs.node.info{{node=node-1,version={}}}", env!("CARGO_PKG_VERSION"));
    assert!((counted.of(&node) - 1.0).abs() < f64::EPSILON);
    names_are_documented(&counted);
}

/// `docs/metrics.md` has every name, and no other.
fn names_are_documented(counted: &Counted) {
    let names: BTreeSet<&str> = counted.0.keys().filter_map(|key| key.split('{').next()).collect();
    let page = include_str!("../../../../docs/metrics.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let documented: BTreeSet<&str> =
        rows.map(|(name, _)| name).filter(|name| name.starts_with("hubs.") || name.starts_with("signalr.")).collect();
    assert_eq!(documented, names);
}
