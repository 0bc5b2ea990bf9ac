//! Calls of clients.

use std::{sync::atomic::Ordering, time::Duration};

use hubs::{HubOptions, testing::with_default_timeout};

use crate::hub::{HubContract, TestHub};

#[tokio::test(start_paused = true)]
async fn a_call_gives_its_result() {
    let test = TestHub::new();
    let ann = test.connect().await;
    assert_eq!(ann.hub().echo("hällo \u{1e}\n".to_owned()).await.unwrap(), "hällo \u{1e}\n");
    assert_eq!(ann.hub().sum(1, None).await.unwrap(), 101);
    assert_eq!(ann.hub().sum(1, Some(2)).await.unwrap(), 3);
}

/// Case 42.
#[tokio::test(start_paused = true)]
async fn only_what_is_meant_for_the_client_is_shown() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let shown = ann.hub().fail("client".to_owned()).await.unwrap_err();
    assert_eq!(
        shown.to_string(),
        "An unexpected error occurred invoking 'Fail' on the server. HubException: for your eyes"
    );
    for how in ["internal", "panic"] {
        let masked = ann.hub().fail(how.to_owned()).await.unwrap_err();
        assert_eq!(masked.to_string(), "An unexpected error occurred invoking 'Fail' on the server.");
    }
}

#[tokio::test(start_paused = true)]
async fn detailed_errors_name_the_type() {
    let test = TestHub::with(HubOptions::default().enable_detailed_errors(true));
    let ann = test.connect().await;
    let error = ann.hub().fail("internal".to_owned()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "An unexpected error occurred invoking 'Fail' on the server. ParseIntError: invalid digit found in string"
    );
}

#[tokio::test(start_paused = true)]
async fn calls_of_one_client_run_one_after_the_other_and_in_order() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let (first, second) = (ann.hub(), ann.hub());
    let started = tokio::time::Instant::now();
    let both = async { tokio::join!(first.wait(1_000), second.wait(1_000)) };
    with_default_timeout(both).await.0.unwrap();
    assert_eq!(started.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn with_a_higher_limit_they_run_side_by_side() {
    let test = TestHub::with(HubOptions::default().maximum_parallel_invocations_per_client(2_usize));
    let ann = test.connect().await;
    let hub = ann.hub();
    let started = tokio::time::Instant::now();
    let three = async { tokio::join!(hub.wait(1_000), hub.wait(1_000), hub.wait(1_000)) };
    with_default_timeout(three).await.2.unwrap();
    assert_eq!(started.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_call_outlives_its_caller() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let hub = ann.hub();
    let call = hub.wait(1_000);
    tokio::select! {
        biased;
        _ = call => panic!("too early"),
        () = tokio::time::sleep(Duration::from_millis(1)) => {}
    }
    ann.client.disconnect_abruptly().await;
    test.all_closed().await;
    assert_eq!(test.events.finished.load(Ordering::SeqCst), 0);
    let finishes = async {
        while test.events.finished.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(finishes).await;
}

#[tokio::test(start_paused = true)]
async fn a_test_may_speak_messagepack_in_the_form_of_its_hub() {
    for dotnet in [false, true] {
        let options = HubOptions::default().dotnet_messagepack(dotnet).supported_protocols(["messagepack"]);
        let test = TestHub::with(options);
        with_default_timeout(test.server.record(HubContract)).await.expect_err("JSON is refused");
        let client = with_default_timeout(test.server.client().messagepack().record(HubContract)).await.unwrap();
        assert_eq!(with_default_timeout(client.hub().echo("typed".to_owned())).await.unwrap(), "typed");
        let by_name = client.connection().connection().invoke::<String>("Echo", ("by name",));
        assert_eq!(with_default_timeout(by_name).await.unwrap(), "by name");
    }
}
