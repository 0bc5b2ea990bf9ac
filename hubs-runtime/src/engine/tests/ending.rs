//! The end of a connection while something runs, waits, or has not been read.

use std::time::Duration;

use tokio::time::Instant;

use super::raw::{End, Raw};
use crate::HubOptions;

const CLOSE: &str = r#"{"type":7}"#;

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_noticed_while_a_call_waits_behind_one_that_runs() {
    let mut raw = Raw::server().await;
    raw.ask(1, "1", "untilGone").await;
    raw.call("2", "echo", "behind").await;
    assert_eq!(raw.noted().await, "waits");
    raw.lose();
    let seen = [raw.noted().await, raw.noted().await, raw.noted().await];
    assert_eq!(seen, ["gone", "echo behind", "disconnected None"]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_came_before_a_close_still_start_and_the_hook_comes_after_them() {
    let mut raw = Raw::server().await;
    raw.call("1", "hold", "first").await;
    raw.call("2", "echo", "save").await;
    raw.ask(1, "3", "untilGone").await;
    raw.send(CLOSE).await;
    assert_eq!(raw.noted().await, "first starts");
    raw.release(1);
    let seen = [raw.noted().await, raw.noted().await, raw.noted().await, raw.noted().await, raw.noted().await];
    assert_eq!(seen, ["first ends", "echo save", "waits", "gone", "disconnected None"]);
    assert_eq!(raw.answer("1").await["result"], "first");
    assert_eq!(raw.answer("2").await["result"], "save");
}

#[tokio::test(start_paused = true)]
async fn a_method_that_does_not_end_delays_the_hook_for_the_close_timeout_only() {
    let mut raw = Raw::server().await;
    raw.call("1", "hold", "first").await;
    raw.call("2", "echo", "save").await;
    raw.send(CLOSE).await;
    let start = Instant::now();
    assert_eq!(raw.noted().await, "first starts");
    assert_eq!(raw.noted_late().await, "disconnected None");
    assert_eq!(start.elapsed().as_secs(), 5);
    while raw.metrics.connections() > 0 {
        tokio::task::yield_now().await;
    }
    raw.release(1);
    assert_eq!([raw.noted().await, raw.noted().await], ["first ends", "echo save"], "they outlive their connection");
}

/// Case 39.
#[tokio::test(start_paused = true)]
async fn an_upload_that_is_not_read_hides_no_close() {
    let mut raw = Raw::server().await;
    raw.upload("1", "unread", &["s"]).await;
    for _ in 0..60 {
        raw.item("s", 20_000).await;
    }
    raw.send(CLOSE).await;
    let seen = [raw.noted().await, raw.noted().await];
    assert!(seen.iter().any(|text| text == "disconnected None"), "{seen:?}");
    assert!(seen.iter().any(|text| text == "Some(Err(Disconnected))"), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_waits_is_told_when_its_client_leaves_and_dropped_if_it_goes_on() {
    for (uri, told) in [("/?wait", true), ("/?never", false)] {
        for lost in [true, false] {
            let mut raw = Raw::start(End::Server, HubOptions::default(), uri).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
            assert_eq!(raw.metrics.connections(), 1);
            let start = Instant::now();
            if lost {
                raw.lose();
            } else {
                raw.send(CLOSE).await;
            }
            if told {
                assert_eq!([raw.noted().await, raw.noted().await], ["hook told", "disconnected None"]);
            }
            while raw.metrics.connections() > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            assert!(start.elapsed() < Duration::from_secs(if told { 1 } else { 6 }));
            assert!(raw.nothing_noted(), "a connection that was not accepted has no second hook");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_when_it_is_dropped_takes_no_other_call_along() {
    let mut raw =
        Raw::start(End::Server, HubOptions::default().maximum_parallel_invocations_per_client(3_usize), "/").await;
    raw.call("1", "hold", "first").await;
    raw.ask(4, "2", "bomb").await;
    raw.call("3", "hold", "second").await;
    assert!(raw.next().await.contains("\"item\":1"));
    raw.lose();
    let seen = [raw.noted().await, raw.noted().await, raw.noted().await];
    assert_eq!(seen, ["first starts", "second starts", "disconnected None"]);
    raw.release(2);
    assert_eq!([raw.noted().await, raw.noted().await], ["first ends", "second ends"]);
}

#[tokio::test(start_paused = true)]
async fn a_fatal_end_says_why() {
    let options = HubOptions::default().client_timeout_interval(Duration::from_secs(3));
    let mut raw = Raw::start(End::Server, options.clone(), "/").await;
    raw.call("1", "echo", &"x".repeat(40_000)).await;
    let text = r#"{"type":7,"error":"Connection closed with an error. (too large)","allowReconnect":true}"#;
    assert_eq!(raw.next().await, text);
    assert!(raw.noted().await.starts_with("disconnected Some(MessageTooLarge"));

    let mut raw = Raw::start(End::Server, options, "/").await;
    raw.send(r#"{"type":6}"#).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let text = r#"{"type":7,"error":"Connection closed with an error. (timed out)","allowReconnect":true}"#;
    assert_eq!(raw.next().await, text);
}
