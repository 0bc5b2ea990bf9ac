//! What holds at either end of a connection.

use std::time::Duration;

use super::raw::{BOTH, End, Raw, call, soon};
use crate::{HubOptions, client::Closed};

/// Case 45.
#[tokio::test(start_paused = true)]
async fn a_method_that_panics_costs_its_call() {
    for end in BOTH {
        let mut raw = Raw::start(end, HubOptions::default(), "/").await;
        raw.ask(1, "1", "fail").await;
        let error = raw.answer("1").await["error"].to_string();
        assert!(error.contains("An unexpected error occurred invoking '") && !error.contains("secret"), "{error}");
        raw.call("2", "echo", "fine").await;
        assert_eq!(raw.answer("2").await["result"], "fine");
    }
}

/// Case 38.
#[tokio::test(start_paused = true)]
async fn a_flood_of_calls_waits_and_all_of_them_run_in_order() {
    const CALLS: usize = 3_000;
    for end in BOTH {
        let mut raw = Raw::start(end, HubOptions::default(), "/").await;
        let text = "x".repeat(1_000);
        let mut sent = 0;
        // Nothing is released, so at some time nothing more is read.
        while sent < CALLS {
            let message = call(&sent.to_string(), "hold", &format!("{sent} {text}"));
            match tokio::time::timeout(Duration::from_secs(1), raw.send_late(&message)).await {
                Ok(()) => sent += 1,
                Err(_) => break,
            }
        }
        assert!((100..CALLS).contains(&sent), "{end:?} took {sent} calls");
        raw.release(CALLS);
        // Answers are read first: while many wait to be read, no further call starts.
        let mut answered: Vec<u64> = Vec::new();
        for _ in 0..sent {
            let answer: serde_json::Value = serde_json::from_str(&raw.next().await).expect("JSON");
            answered.extend(answer["invocationId"].as_str().and_then(|id| id.parse::<u64>().ok()));
        }
        // They start in order. A client lets many run at once, and those end in any order.
        for number in 0..sent {
            assert!(raw.noted_after("starts").await.starts_with(&format!("{number} ")), "{end:?}");
        }
        answered.sort_unstable();
        assert!(answered.into_iter().eq(0..sent as u64));
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_never_reads_is_not_read_either_and_is_noticed_when_it_leaves() {
    for end in BOTH {
        let options = HubOptions::default().transport_send_timeout(Duration::from_secs(60));
        let mut raw = Raw::start(end, options, "/").await;
        let text = "x".repeat(1_000);
        let mut sent = 0;
        loop {
            let message = call(&sent.to_string(), "echo", &text);
            if tokio::time::timeout(Duration::from_secs(1), raw.send_late(&message)).await.is_err() {
                break;
            }
            sent += 1;
        }
        assert!(sent < 500, "{end:?} took {sent} calls");
        if let End::Server = end {
            raw.lose();
            while !raw.noted().await.starts_with("disconnected") {}
        } else {
            for number in 0..sent {
                raw.answer(&number.to_string()).await;
            }
        }
    }
}

/// Case 38.
#[tokio::test(start_paused = true)]
async fn a_ping_and_a_cancellation_overtake_a_call_that_waits() {
    let mut raw = Raw::server().await;
    raw.ask(4, "stream", "endless").await;
    assert!(raw.next().await.contains("\"item\":1"));
    raw.call("1", "hold", "first").await;
    raw.call("2", "hold", "second").await;
    raw.send(r#"{"type":6}"#).await;
    raw.send(r#"{"type":5,"invocationId":"stream"}"#).await;
    assert_eq!([raw.noted().await, raw.noted().await], ["first starts", "stream dropped"]);
    assert!(raw.answer("stream").await["error"].is_null());
    assert!(raw.nothing_noted(), "the second waits");
}

/// Case 38.
#[tokio::test(start_paused = true)]
async fn others_have_their_turn_beside_a_flood() {
    for end in BOTH {
        let mut raw = Raw::start(end, HubOptions::default(), "/").await;
        let calls: Vec<String> = (0..1_000).map(|number| call(&number.to_string(), "echo", "x")).collect();
        raw.send(&calls.join("\u{1e}")).await;
        let mut polls = 0;
        let answered = async {
            for number in 0..1_000 {
                raw.answer(&number.to_string()).await;
            }
        };
        let mut answered = std::pin::pin!(answered);
        soon(std::future::poll_fn(|cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            answered.as_mut().poll(cx)
        }))
        .await;
        assert!(polls > 10, "{end:?}: {polls}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_learns_why_its_connection_has_ended() {
    let close = r#"{"type":7,"error":"too late","allowReconnect":true}"#;
    let server = Closed::Server { error: Some("too late".to_owned()), allow_reconnect: true };
    for (sent, expected) in [(Some(close), server), (None, Closed::Lost)] {
        let mut raw = Raw::start(End::Client, HubOptions::default(), "/").await;
        match sent {
            Some(close) => raw.send(close).await,
            None => raw.lose(),
        }
        let client = raw.client.take().expect("a client");
        if sent.is_some() {
            assert_eq!(raw.next().await, r#"{"type":7}"#);
            raw.lose();
        }
        assert_eq!(soon(client.closed()).await, expected);
    }
    let mut raw = Raw::start(End::Client, HubOptions::default(), "/").await;
    let client = raw.client.take().expect("a client");
    let stopped = tokio::spawn(async move { client.stop().await });
    assert_eq!(raw.next().await, r#"{"type":7}"#);
    raw.lose();
    assert_eq!(soon(stopped).await.unwrap(), Closed::Stopped);
}
