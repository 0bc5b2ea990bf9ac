//! What messages carry beside their arguments, and text that no Rust string can hold.

use super::raw::Raw;

#[tokio::test(start_paused = true)]
async fn a_method_sees_the_headers_of_its_call_and_of_no_other() {
    let mut raw = Raw::server().await;
    let with =
        r#"{"type":1,"invocationId":"1","headers":{"a":"b","trace":"\u00e9-1"},"target":"trace","arguments":[]}"#;
    raw.send(with).await;
    assert_eq!(raw.answer("1").await["result"], "é-1");
    raw.ask(1, "2", "trace").await;
    assert_eq!(raw.answer("2").await["result"], serde_json::Value::Null);
}

/// Case 30.
#[tokio::test(start_paused = true)]
async fn half_an_emoji_ends_neither_the_connection_nor_the_call() {
    let mut raw = Raw::server().await;
    raw.call("1", "echo", r"half \ud83d").await;
    assert_eq!(raw.answer("1").await["result"], "half \u{fffd}");
    raw.ask(1, "2", "askInVain").await;
    let question = raw.next().await;
    let id = question.split(r#""invocationId":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
    raw.send(&format!(r#"{{"type":3,"invocationId":"{id}","error":"half \ud83d"}}"#)).await;
    assert_eq!(raw.answer("2").await["result"], "half \u{fffd}");
}
