//! Every feature over every transport in every protocol, as a table in the form of the JavaScript client's: what has the
//! same name in both is the same feature.

use std::{fmt::Write as _, panic::AssertUnwindSafe};

use futures_util::{
    FutureExt, StreamExt, TryStreamExt,
    future::{BoxFuture, join_all},
    stream,
};
use hubs::{HubOptions, InvokeError, TransportKind, UploadStream, client::HubConnectionBuilder};
use tokio::sync::mpsc;

use crate::hub::{Lively, Refused, Server, connect, order, until, within};

type Prepare = fn(HubConnectionBuilder) -> HubConnectionBuilder;

/// A transport, its name in the table, and whether it is opened without negotiating: `direct`.
const TRANSPORTS: [(TransportKind, &str, bool); 4] = [
    (TransportKind::WebSockets, "WS", false),
    (TransportKind::WebSockets, "WS direct", true),
    (TransportKind::ServerSentEvents, "SSE", false),
    (TransportKind::LongPolling, "LP", false),
];

/// A protocol, and whether the server speaks .NET's form of it.
const PROTOCOLS: [(&str, bool, Prepare); 3] = [
    ("JSON", false, |builder| builder),
    ("MP", false, HubConnectionBuilder::messagepack),
    (".NET's MP", true, HubConnectionBuilder::messagepack_dotnet),
];

type Feature = fn(&mut Lively) -> BoxFuture<'_, ()>;

/// The rows of the table.
const FEATURES: &[(&str, Feature)] = &[
    ("call: nothing to give back", |client| nothing(client).boxed()),
    ("call: an object, both ways", |client| object(client).boxed()),
    ("call: 300 KB", |client| large(client).boxed()),
    ("call: 500 answers, in order", |client| many_answers(client).boxed()),
    ("call: given up by the client", |client| given_up(client).boxed()),
    ("error: made for the client", |client| shown(client).boxed()),
    ("error: masked", |client| masked(client).boxed()),
    ("error: of a type", |client| typed(client).boxed()),
    ("send: nothing is waited for", |client| send(client).boxed()),
    ("end: aborted by the server, for good", |client| aborted(client).boxed()),
    ("push: groups", |client| groups(client).boxed()),
    ("push: 500 messages, in order", |client| many_pushes(client).boxed()),
    ("result: a handler's answer", |client| answer(client).boxed()),
    ("result: a handler that throws", |client| no_answer(client).boxed()),
    ("stream: items, none, many", |client| items(client).boxed()),
    ("stream: cancelled", |client| cancelled(client).boxed()),
    ("stream: two, and calls between", |client| two_streams(client).boxed()),
    ("upload: 1000 items", |client| upload(client).boxed()),
    ("both: a stream for an upload, item by item", |client| both(client).boxed()),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_transport_carries_every_feature_in_every_protocol() {
    let mut columns = Vec::new();
    for (protocol, dotnet, speak) in PROTOCOLS {
        let server = Server::start(HubOptions::default().dotnet_messagepack(dotnet));
        for (kind, transport, skip) in TRANSPORTS {
            if kind == TransportKind::ServerSentEvents && protocol != "JSON" {
                continue;
            }
            let builder = || {
                let builder = speak(server.client()).transports([kind]);
                if skip { builder.skip_negotiation() } else { builder }
            };
            columns.push((format!("{transport} {protocol}"), column(builder, kind, skip).await));
        }
    }
    let table = render(&columns);
    println!("{table}");
    let kept = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("matrix-rust.md");
    std::fs::write(kept, &table).expect("the table can be written");
    assert_eq!(columns.len(), 10, "pairs of a transport and a protocol that goes over it");
    assert!(!table.contains("FAIL"), "the errors are above");
}

/// Whether each feature works, each with a connection of its own.
pub(crate) async fn column(builder: impl Fn() -> HubConnectionBuilder, kind: TransportKind, skip: bool) -> Vec<bool> {
    let mut cells = Vec::new();
    for (_, feature) in FEATURES {
        let tried = async {
            let mut client = connect(builder()).await;
            assert_eq!(within(client.lab.transport()).await.expect("an answer"), kind.name());
            assert_eq!(client.lab.connection().id().is_none(), skip);
            within(feature(&mut client)).await;
            within(client.lab.connection().stop()).await;
        };
        cells.push(AssertUnwindSafe(tried).catch_unwind().await.is_ok());
    }
    cells
}

pub(crate) fn render(columns: &[(String, Vec<bool>)]) -> String {
    let longest = FEATURES.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut table = format!("| {:longest$} |", "Rust client");
    let mut line = format!("|{}|", "-".repeat(longest + 2));
    for (title, _) in columns {
        let _ = write!(table, " {title} |");
        let _ = write!(line, "{}|", "-".repeat(title.len() + 2));
    }
    let _ = write!(table, "\n{line}\n");
    for (row, (name, _)) in FEATURES.iter().enumerate() {
        let _ = write!(table, "| {name:longest$} |");
        for (title, cells) in columns {
            let _ = write!(table, " {:1$} |", if cells[row] { "ok" } else { "FAIL" }, title.len());
        }
        table.push('\n');
    }
    table
}

async fn nothing(client: &mut Lively) {
    client.lab.nothing().await.expect("an answer");
}

async fn object(client: &mut Lively) {
    assert_eq!(client.lab.echo(order("a")).await.expect("an answer"), order("a"));
}

async fn large(client: &mut Lively) {
    assert_eq!(client.lab.big(300_000).await.expect("an answer").len(), 300_000);
}

async fn many_answers(client: &mut Lively) {
    let orders: Vec<_> = (0..500).map(|number| order(&number.to_string())).collect();
    let answers = join_all(orders.iter().map(|order| client.lab.echo(order.clone()))).await;
    assert_eq!(answers.into_iter().collect::<Result<Vec<_>, _>>().expect("answers"), orders);
}

/// A call whose future is dropped is cancelled on the server.
async fn given_up(client: &mut Lively) {
    let lab = client.lab.clone();
    let before = lab.hanging().await.expect("an answer");
    let hanging = tokio::spawn({
        let lab = lab.clone();
        async move { lab.hang().await }
    });
    until(before + 1, || lab.hanging()).await;
    hanging.abort();
    until(before, || lab.hanging()).await;
}

async fn shown(client: &mut Lively) {
    assert_eq!(client.lab.shown().await.expect_err("a failure").client_text(), Some("meant for you"));
}

async fn masked(client: &mut Lively) {
    let hidden = client.lab.hidden().await.expect_err("a failure");
    assert!(matches!(&hidden, InvokeError::Remote(text) if !text.contains("secret")), "{hidden}");
}

async fn typed(client: &mut Lively) {
    assert_eq!(client.lab.buy(2).await.expect("an answer"), 2);
    let refused = client.lab.buy(9).await.expect_err("a failure");
    assert_eq!(refused.decode::<Refused>(), Some(Refused::SoldOut { left: 3 }));
}

async fn send(client: &mut Lively) {
    client.lab.without_waiting().broadcast("me".to_owned(), order("b")).await.expect("it is sent");
    assert_eq!(client.next().await, ("me".to_owned(), order("b")));
}

async fn aborted(client: &mut Lively) {
    // The answer may be cut off by the end that it asks for.
    let _ = client.lab.kick_me().await;
    client.lab.connection().closed().await;
}

async fn groups(client: &mut Lively) {
    client.lab.join("room".to_owned()).await.expect("an answer");
    client.lab.tell_group("another".to_owned(), order("a")).await.expect("an answer");
    client.lab.tell_group("room".to_owned(), order("b")).await.expect("an answer");
    assert_eq!(client.next().await, ("room".to_owned(), order("b")));
}

async fn many_pushes(client: &mut Lively) {
    let lab = client.lab.clone();
    for number in 0..500 {
        lab.without_waiting().broadcast(number.to_string(), order("a")).await.expect("it is sent");
    }
    for number in 0..500 {
        assert_eq!(client.next().await.0, number.to_string());
    }
}

async fn answer(client: &mut Lively) {
    assert_eq!(client.lab.ask(20, 22).await.expect("an answer"), 42);
}

async fn no_answer(client: &mut Lively) {
    let masked = client.lab.ask(0, 0).await.expect_err("a failure").to_string();
    assert_eq!(masked, "An unexpected error occurred invoking 'Ask' on the server.");
}

async fn items(client: &mut Lively) {
    for count in [0, 3, 500] {
        let items: Vec<_> = client.lab.count(count).await.expect("an answer").try_collect().await.expect("items");
        assert_eq!(items, (0..count).collect::<Vec<_>>());
    }
}

/// A stream that is dropped ends on the server.
async fn cancelled(client: &mut Lively) {
    let lab = client.lab.clone();
    let before = lab.streaming().await.expect("an answer");
    let mut endless = lab.endless().await.expect("an answer");
    assert_eq!(endless.next().await.expect("an item").expect("a number"), 0);
    until(before + 1, || lab.streaming()).await;
    drop(endless);
    until(before, || lab.streaming()).await;
}

async fn two_streams(client: &mut Lively) {
    let lab = client.lab.clone();
    let mut first = lab.count(3).await.expect("an answer");
    let mut second = lab.count(3).await.expect("an answer");
    for expected in 0..3 {
        assert_eq!(first.next().await.expect("an item").expect("a number"), expected);
        lab.nothing().await.expect("an answer");
        assert_eq!(second.next().await.expect("an item").expect("a number"), expected);
    }
    assert!(first.next().await.is_none() && second.next().await.is_none());
}

async fn upload(client: &mut Lively) {
    let numbers = UploadStream::new(stream::iter(1..=1000));
    assert_eq!(client.lab.total(numbers).await.expect("an answer"), 500_500);
}

async fn both(client: &mut Lively) {
    let (sender, receiver) = mpsc::channel(1);
    let numbers = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    let mut doubled = client.lab.doubled(UploadStream::new(numbers)).await.expect("an answer");
    for number in 1..=3 {
        sender.send(number).await.expect("the upload is read");
        assert_eq!(doubled.next().await.expect("an item").expect("a number"), number * 2);
    }
    drop(sender);
    assert!(doubled.next().await.is_none());
}
