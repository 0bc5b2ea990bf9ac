//! Calls by name, deadlines, and what becomes of a client that is stopped.

use std::time::Duration;

use futures_util::{TryStreamExt, stream};
use hubs::{
    HubOptions, HubResult, InvokeError, SendError, UploadStream,
    client::{Closed, Upload},
};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::hub::{Server, connect, order, until, within};

#[tokio::test]
async fn a_hub_without_a_contract_is_called_by_name() {
    let server = Server::start(HubOptions::default());
    let (sender, mut told) = mpsc::unbounded_channel();
    let (any, mut anything) = mpsc::unbounded_channel();
    let builder = server.client().on("add", |(a, b): (i32, i32)| async move { HubResult::Ok(a * b) });
    let builder = builder.on("Receive", move |(from, order): (String, Value)| {
        let sent = sender.send((from, order));
        async move { HubResult::Ok(sent?) }
    });
    let builder = builder.on_any(move |name, arguments| {
        let sent = any.send((name, arguments));
        async move { HubResult::Ok(sent?) }
    });
    let lab = within(builder.start()).await.unwrap();
    within(async {
        assert_eq!(lab.invoke::<Value>("Echo", (order("a"),)).await.unwrap(), json!(order("a")));
        assert_eq!(lab.invoke::<Option<String>>("user", ()).await.unwrap(), None);
        let listed = vec![json!(40)];
        assert_eq!(lab.invoke::<String>("Big", listed).await.unwrap().len(), 40);
        assert_eq!(lab.invoke::<i32>("Ask", (6, 7)).await.unwrap(), 42);
        let counted = lab.stream::<u64>("Count", (3,)).await.unwrap();
        assert_eq!(counted.try_collect::<Vec<_>>().await.unwrap(), [0, 1, 2]);
        let numbers = || [Upload::new(stream::iter([1, 2, 3]))];
        assert_eq!(lab.upload::<u32>("Total", (), numbers()).await.unwrap(), 6);
        let doubled = lab.upload_for_stream::<u32>("Doubled", (), numbers()).await.unwrap();
        assert_eq!(doubled.try_collect::<Vec<_>>().await.unwrap(), [2, 4, 6]);
        lab.send("Broadcast", ("me", order("b"))).await.unwrap();
        assert_eq!(told.recv().await.unwrap(), ("me".to_owned(), json!(order("b"))));
        let unknown = lab.invoke::<()>("Missing", ()).await.unwrap_err().to_string();
        assert!(unknown.ends_with("Method does not exist."), "{unknown}");
        let wrong = lab.invoke::<u32>("Big", (3,)).await.unwrap_err();
        assert!(matches!(wrong, InvokeError::UnexpectedType(_)), "{wrong}");
    })
    .await;
    assert!(anything.try_recv().is_err(), "each call has a handler of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_starts_while_the_connection_is_busy() {
    let server = Server::start(HubOptions::default());
    let client = connect(server.client()).await;
    // Less than the interval of pings, which would start one that was forgotten.
    let limit = Duration::from_secs(10);
    let totals = async {
        for _ in 0..300 {
            assert_eq!(client.lab.total(UploadStream::new(stream::iter([1, 2, 3]))).await.unwrap(), 6);
        }
    };
    tokio::time::timeout(limit, totals).await.expect("no upload waits for the next ping");
}

#[tokio::test]
async fn calls_without_a_handler_of_their_own_have_one_for_all() {
    let server = Server::start(HubOptions::default());
    let (sender, mut told) = mpsc::unbounded_channel();
    let builder = server.client().on_any(move |name, arguments| {
        let sent = sender.send((name, arguments));
        async move { HubResult::Ok(sent.map(|()| 5)?) }
    });
    let lab = within(builder.start()).await.unwrap();
    within(lab.invoke::<()>("Broadcast", ("me", order("b")))).await.unwrap();
    assert_eq!(within(told.recv()).await.unwrap(), ("Receive".to_owned(), vec![json!("me"), json!(order("b"))]));
    assert_eq!(within(lab.invoke::<i32>("Ask", (6, 7))).await.unwrap(), 5);
}

#[tokio::test]
async fn a_call_that_takes_too_long_fails_and_is_cancelled() {
    let server = Server::start(HubOptions::default());
    let client = connect(server.client()).await;
    let limit = Duration::from_millis(50);
    let late = within(client.lab.within(limit).hang()).await.unwrap_err();
    assert!(matches!(late, InvokeError::TimedOut(time) if time == limit) && late.may_have_run(), "{late}");
    until(0, || client.lab.hanging()).await;
}

#[tokio::test]
async fn a_call_in_flight_may_have_run_and_one_after_the_end_has_not() {
    let server = Server::start(HubOptions::default());
    let client = connect(server.client()).await;
    let lab = client.lab.clone();
    let hanging = tokio::spawn({
        let lab = lab.clone();
        async move { lab.hang().await }
    });
    until(1, || lab.hanging()).await;
    assert_eq!(within(lab.connection().stop()).await, Closed::Stopped);
    let cut = within(hanging).await.unwrap().unwrap_err();
    assert!(matches!(cut, InvokeError::Disconnected(_)) && cut.may_have_run(), "{cut}");
    let late = within(lab.nothing()).await.unwrap_err();
    assert!(matches!(late, InvokeError::Send(SendError::Closed)) && !late.may_have_run(), "{late}");
    assert!(lab.connection().state().is_disconnected() && lab.connection().id().is_none());
}

#[tokio::test]
async fn the_last_handle_closes_the_connection() {
    let server = Server::start(HubOptions::default());
    let client = connect(server.client()).await;
    let mut states = client.lab.connection().states();
    drop(client);
    within(states.wait_for(|state| state.is_disconnected())).await.unwrap();
}
