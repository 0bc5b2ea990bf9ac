//! What a caller may and may not cancel.

use super::raw::{Raw, ServerContract, soon};
use crate::testing::TestServer;

#[tokio::test(start_paused = true)]
async fn a_plain_call_runs_to_its_end_whatever_its_caller_sends() {
    let mut raw = Raw::server().await;
    raw.call("1", "hold", "first").await;
    assert_eq!(raw.noted().await, "first starts");
    raw.send(r#"{"type":5,"invocationId":"1"}"#).await;
    raw.release(1);
    assert_eq!(raw.noted().await, "first ends");
    assert_eq!(raw.answer("1").await["result"], "first");
}

/// Case 35.
#[tokio::test(start_paused = true)]
async fn a_plain_call_with_the_id_of_a_stream_leaves_the_streams_cancellation_alone() {
    let mut raw = Raw::server().await;
    raw.ask(4, "1", "endless").await;
    assert!(raw.next().await.contains("\"item\":1"));
    raw.call("1", "hold", "same id").await;
    raw.release(1);
    assert_eq!(raw.answer("1").await["result"], "same id");
    raw.send(r#"{"type":5,"invocationId":"1"}"#).await;
    assert!(raw.answer("1").await["result"].is_null());
    let seen = [raw.noted().await, raw.noted().await, raw.noted().await];
    assert_eq!(seen, ["same id starts", "same id ends", "stream dropped"]);
}

/// Case 35.
#[tokio::test(start_paused = true)]
async fn a_method_that_asks_for_it_can_be_cancelled_and_still_answers() {
    let mut raw = Raw::server().await;
    raw.ask(1, "1", "search").await;
    assert_eq!(raw.noted().await, "search starts");
    raw.ask(4, "1", "endless").await;
    let error = raw.answer("1").await["error"].to_string();
    assert!(error.contains("Invocation ID '1' is already in use."), "{error}");
    raw.send(r#"{"type":5,"invocationId":"1"}"#).await;
    assert_eq!(raw.noted().await, "search dropped");
    let error = raw.answer("1").await["error"].to_string();
    assert!(error.contains("The call was cancelled."), "{error}");
    raw.call("2", "echo", "goes on").await;
    assert_eq!(raw.answer("2").await["result"], "goes on");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_future_of_such_a_call_cancels_it() {
    let (hubs, probe, mut noted) = Raw::hubs();
    let server = TestServer::new(hubs);
    let client = soon(server.connect(ServerContract, probe)).await.expect("it connects");
    let search = tokio::spawn({
        let hub = client.hub();
        async move { hub.search().await }
    });
    assert_eq!(soon(noted.recv()).await.unwrap(), "search starts");
    search.abort();
    assert_eq!(soon(noted.recv()).await.unwrap(), "search dropped");
    assert_eq!(soon(client.hub().echo("goes on".to_owned())).await.unwrap(), "goes on");
}
