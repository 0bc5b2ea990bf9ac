//! The server asks a client.

use std::time::Duration;

use hubs::{HubOptions, testing::with_default_timeout};

use crate::hub::{HubContract, TestHub};

#[tokio::test(start_paused = true)]
async fn a_client_answers_while_its_own_call_waits() {
    let test = TestHub::new();
    let ann = test.connect().await;
    assert_eq!(with_default_timeout(ann.hub().ask_me("abc".to_owned())).await.unwrap(), "3");
}

/// Case 37.
#[tokio::test(start_paused = true)]
async fn a_caller_is_told_what_went_wrong() {
    let test = TestHub::with(HubOptions::default().client_result_timeout(Some(Duration::from_secs(3))));
    let (ann, ben) = (test.connect().await, test.connect().await);
    let hub = ann.hub();
    let ask = |id: String, question: &str| with_default_timeout(hub.ask(id, question.to_owned()));
    assert_eq!(ask(ben.id(), "refuse").await.unwrap(), "error: I will not say");
    assert_eq!(ask(ben.id(), "never").await.unwrap(), "error: no answer within 3s");
    assert_eq!(ask("unknown".to_owned(), "?").await.unwrap(), "error: Connection 'unknown' does not exist.");
    assert_eq!(test.server.hubs().metrics::<HubContract>().pending_client_results(), 0);
}

/// Case 37.
#[tokio::test(start_paused = true)]
async fn a_client_that_leaves_gives_no_answer() {
    let test = TestHub::new();
    let (ann, ben) = (test.connect().await, test.connect().await);
    let id = ben.id();
    let hub = ann.hub();
    let asked = tokio::spawn(async move { hub.ask(id, "never".to_owned()).await });
    let metrics = test.server.hubs().metrics::<HubContract>();
    let pends = async {
        while metrics.pending_client_results() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(pends).await;
    let text = format!("error: Connection '{}' disconnected.", ben.id());
    ben.client.disconnect_abruptly().await;
    assert_eq!(with_default_timeout(asked).await.unwrap().unwrap(), text);
    assert_eq!(metrics.pending_client_results(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_client_is_asked_while_it_connects() {
    let test = TestHub::new();
    let mut ann = test.connect_at("/hub?ask").await;
    assert_eq!(ann.next_heard().await, "Client results inside OnConnectedAsync Hub methods are not allowed.");
}

#[tokio::test(start_paused = true)]
async fn a_question_may_come_from_outside_of_any_call() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let context = test.server.hubs().context::<HubContract>();
    let client = context.clients().client(ann.id());
    let answer = client.answer("four".to_owned());
    assert_eq!(with_default_timeout(answer).await.unwrap(), 4);
}
