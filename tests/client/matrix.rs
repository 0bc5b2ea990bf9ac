//! Every transport with every protocol: all kinds of calls, in both directions.

use futures_util::{StreamExt, TryStreamExt, stream};
use hubs::{HubOptions, InvokeError, TransportKind, UploadStream, client::HubConnectionBuilder};

use crate::hub::{Lively, Refused, Server, connect, order, until, within};

type Prepare = fn(HubConnectionBuilder) -> HubConnectionBuilder;

/// A transport, and whether it is opened without negotiating.
const TRANSPORTS: [(TransportKind, bool); 4] = [
    (TransportKind::WebSockets, false),
    (TransportKind::WebSockets, true),
    (TransportKind::ServerSentEvents, false),
    (TransportKind::LongPolling, false),
];

/// A protocol, and whether the server speaks .NET's form of it.
const PROTOCOLS: [(&str, bool, Prepare); 3] = [
    ("json", false, |builder| builder),
    ("messagepack", false, HubConnectionBuilder::messagepack),
    ("messagepack of .NET", true, HubConnectionBuilder::messagepack_dotnet),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_transport_carries_every_kind_of_call_in_every_protocol() {
    let mut pairs = 0;
    for (name, dotnet, speak) in PROTOCOLS {
        let server = Server::start(HubOptions::default().dotnet_messagepack(dotnet));
        for (kind, skip) in TRANSPORTS {
            if kind == TransportKind::ServerSentEvents && name != "json" {
                continue;
            }
            println!("{kind}, {name}, without negotiating: {skip}");
            let mut builder = speak(server.client()).transports([kind]);
            if skip {
                builder = builder.skip_negotiation();
            }
            let mut client = connect(builder).await;
            assert_eq!(client.lab.transport().await.expect("an answer"), kind.name());
            assert_eq!(client.lab.connection().id().is_none(), skip);
            all_kinds(&mut client).await;
            within(client.lab.connection().stop()).await;
            pairs += 1;
        }
    }
    assert_eq!(pairs, 10);
}

async fn all_kinds(client: &mut Lively) {
    let lab = client.lab.clone();
    within(async {
        assert_eq!(lab.echo(order("a")).await.expect("an answer"), order("a"));
        lab.nothing().await.expect("an answer");
        assert_eq!(lab.big(300_000).await.expect("an answer").len(), 300_000);
        errors(&lab).await;
        assert_eq!(
            lab.count(500).await.expect("an answer").try_collect::<Vec<_>>().await.expect("an answer").len(),
            500
        );
        assert_eq!(lab.total(UploadStream::new(stream::iter(1..=300))).await.expect("an answer"), 45_150);
        let doubled = lab.doubled(UploadStream::new(stream::iter(1..=3))).await.expect("an answer");
        assert_eq!(doubled.try_collect::<Vec<_>>().await.expect("an answer"), [2, 4, 6]);
        assert_eq!(lab.ask(20, 22).await.expect("an answer"), 42);
        let masked = lab.ask(0, 0).await.expect_err("a failure").to_string();
        assert_eq!(masked, "An unexpected error occurred invoking 'Ask' on the server.");
    })
    .await;
    cancels(&lab).await;
    within(lab.without_waiting().broadcast("me".to_owned(), order("b"))).await.expect("an answer");
    assert_eq!(client.next().await, ("me".to_owned(), order("b")));
}

async fn errors(lab: &hubs::client::HubClient<crate::hub::LabHubContract>) {
    assert_eq!(lab.shown().await.expect_err("a failure").client_text(), Some("meant for you"));
    let hidden = lab.hidden().await.expect_err("a failure");
    assert!(matches!(&hidden, InvokeError::Remote(text) if !text.contains("secret")), "{hidden}");
    assert_eq!(lab.buy(2).await.expect("an answer"), 2);
    let refused = lab.buy(9).await.expect_err("a failure");
    assert_eq!(refused.decode::<Refused>(), Some(Refused::SoldOut { left: 3 }));
}

/// A stream that is dropped, and a call that is given up, end on the server.
async fn cancels(lab: &hubs::client::HubClient<crate::hub::LabHubContract>) {
    let mut endless = within(lab.endless()).await.expect("an answer");
    assert_eq!(within(endless.next()).await.expect("an answer").expect("an answer"), 0);
    until(1, || lab.streaming()).await;
    drop(endless);
    until(0, || lab.streaming()).await;
    let hanging = {
        let lab = lab.clone();
        tokio::spawn(async move { lab.hang().await })
    };
    until(1, || lab.hanging()).await;
    hanging.abort();
    until(0, || lab.hanging()).await;
}
