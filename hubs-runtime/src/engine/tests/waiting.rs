//! What a caller may and may not cancel.

use super::raw::Raw;

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
