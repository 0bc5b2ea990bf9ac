//! Streams that come in, and what else the connection does meanwhile.

use super::raw::Raw;

#[tokio::test(start_paused = true)]
async fn two_uploads_can_be_read_in_either_order() {
    let mut raw = Raw::server().await;
    raw.upload("1", "secondFirst", &["a", "b"]).await;
    for _ in 0..40 {
        raw.item("a", 10_000).await;
        raw.item("b", 10).await;
    }
    raw.complete("a").await;
    raw.complete("b").await;
    assert_eq!(raw.answer("1").await["result"], 1000 * 400 + 400_000);
}

#[tokio::test(start_paused = true)]
async fn a_method_asks_its_caller_in_the_middle_of_an_upload() {
    let mut raw = Raw::server().await;
    raw.upload("1", "askBetween", &["s"]).await;
    // All of it is sent before the question is read.
    for _ in 0..200 {
        raw.item("s", 20_000).await;
    }
    raw.complete("s").await;
    let question = raw.next().await;
    assert!(question.contains(r#""arguments":["got 20000"]"#), "{question}");
    let id = question.split(r#""invocationId":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
    raw.send(&format!(r#"{{"type":3,"invocationId":"{id}","result":"yes"}}"#)).await;
    assert_eq!(raw.answer("1").await["result"], "yes, then 3980000");
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_belongs_to_a_call_that_waits_loses_nothing() {
    let mut raw = Raw::server().await;
    raw.call("1", "hold", "first").await;
    raw.call("2", "hold", "second").await;
    raw.upload("3", "length", &["s"]).await;
    raw.item("s", 3).await;
    raw.item("s", 4).await;
    raw.complete("s").await;
    raw.release(2);
    assert_eq!(raw.answer("1").await["result"], "first");
    // Calls with uploads take no permit, so this one need not wait for the second to end.
    let answers = [raw.next().await, raw.next().await];
    assert!(answers.iter().any(|answer| answer.contains(r#""invocationId":"3","result":7"#)), "{answers:?}");
}

/// Case 39.
#[tokio::test(start_paused = true)]
async fn what_a_stream_cannot_hold_stops_the_reading_until_it_is_read() {
    let mut raw = Raw::server().await;
    raw.upload("1", "unread", &["s"]).await;
    let mut sent = 0;
    let item = format!(r#"{{"type":2,"invocationId":"s","item":"{}"}}"#, "x".repeat(30_000));
    while tokio::time::timeout(std::time::Duration::from_secs(1), raw.send_late(&item)).await.is_ok() {
        sent += 1;
    }
    assert!((60..90).contains(&sent), "about 2 MiB: {sent}");
}
