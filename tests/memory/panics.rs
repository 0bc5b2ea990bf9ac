//! A panic in user code costs that call only.

use crate::hub::TestHub;

#[tokio::test(start_paused = true)]
async fn a_method_that_panics_fails_its_call() {
    let test = TestHub::new();
    let ann = test.connect().await;
    ann.hub().fail("panic".to_owned()).await.unwrap_err();
    assert_eq!(ann.hub().echo("fine".to_owned()).await.unwrap(), "fine");
}

/// Case 42.
#[tokio::test(start_paused = true)]
async fn a_result_that_cannot_be_encoded_fails_its_call_and_says_nothing() {
    let test = TestHub::new();
    let ann = test.connect().await;
    for how in ["panic", "fail"] {
        let error = ann.hub().trap(how.to_owned()).await.unwrap_err();
        assert_eq!(error.to_string(), "An unexpected error occurred invoking 'Trap' on the server.");
    }
    assert_eq!(ann.hub().trap("none".to_owned()).await.unwrap().how, "none");
}
