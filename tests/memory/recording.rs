//! The client of the test kit that records what the hub calls on it.

use hubs::{HubError, testing::with_default_timeout};

use crate::hub::{HubContract, TestHub};

#[tokio::test(start_paused = true)]
async fn calls_are_recorded_by_method_and_in_order() {
    let test = TestHub::new();
    let ann = with_default_timeout(test.server.record(HubContract)).await.unwrap();
    let ben = with_default_timeout(test.server.record(HubContract)).await.unwrap();
    for text in ["one", "two"] {
        ann.hub().tell("others".to_owned(), String::new(), text.to_owned()).await.unwrap();
    }
    assert_eq!((ben.next_heard().await, ben.next_heard().await), ("one".to_owned(), "two".to_owned()));
    let id = ben.connection_id().as_str().to_owned();
    let (told, heard) = tokio::join!(ann.hub().tell("client".to_owned(), id, "three".to_owned()), ben.next_heard());
    assert_eq!((told.is_ok(), heard.as_str()), (true, "three"));
}

#[tokio::test(start_paused = true)]
async fn a_method_with_a_result_is_answered() {
    let test = TestHub::new();
    let ann = with_default_timeout(test.server.record(HubContract)).await.unwrap();
    let without = ann.hub().ask_me("?".to_owned()).await.unwrap();
    assert_eq!(without, "error: set an answer first: `client.answer_answer(..)` gives a u32");
    assert_eq!(ann.next_answer().await, "?");
    ann.answer_answer(|question| if question == "?" { Ok(7) } else { Err(HubError::client("no")) });
    assert_eq!(ann.hub().ask_me("?".to_owned()).await.unwrap(), "7");
    assert_eq!(ann.hub().ask_me("!".to_owned()).await.unwrap(), "error: no");
    ann.connection().stop().await;
    with_default_timeout(ann.connection().closed()).await;
}
