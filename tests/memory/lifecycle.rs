//! How connections begin and end.

use std::{
    sync::atomic::Ordering,
    time::{Duration, SystemTime},
};

use hubs::{DisconnectError, HubOptions, testing::with_default_timeout};

use crate::hub::TestHub;

fn counts(test: &TestHub) -> (usize, usize) {
    (test.events.connected.load(Ordering::SeqCst), test.events.disconnected.load(Ordering::SeqCst))
}

#[tokio::test(start_paused = true)]
async fn the_hooks_run_once_however_a_connection_ends() {
    let test = TestHub::new();
    let (ann, ben, cat) = (test.connect().await, test.connect().await, test.connect().await);
    ann.client.stop().await;
    ben.client.disconnect_abruptly().await;
    let _ = cat.hub().abort().await;
    with_default_timeout(cat.client.closed()).await;
    test.all_closed().await;
    assert_eq!(counts(&test), (3, 3));
    assert!(test.events.errors.lock().unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_connection_has_no_disconnected_hook() {
    let test = TestHub::new();
    for uri in ["/hub?refuse", "/hub?panic"] {
        let connect = test.connect_at(uri).await;
        with_default_timeout(connect.client.closed()).await;
    }
    test.all_closed().await;
    assert_eq!(counts(&test), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_times_out_and_one_that_pings_does_not() {
    let test = TestHub::with(HubOptions::default().client_timeout_interval(Duration::from_secs(5)));
    let ann = test.connect().await;
    // The test client pings every 15 s, as the official ones do.
    with_default_timeout(ann.client.closed()).await;
    test.all_closed().await;
    assert_eq!(*test.events.errors.lock().unwrap(), [DisconnectError::ClientTimeout]);

    let test = TestHub::new();
    let ben = test.connect().await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(ben.hub().echo("still here".to_owned()).await.unwrap(), "still here");
}

#[tokio::test(start_paused = true)]
async fn a_connection_outlives_its_authentication_unless_told_otherwise() {
    let minute = Duration::from_secs(60);
    for closes in [true, false] {
        let test = TestHub::with(HubOptions::default().close_on_authentication_expiration(closes));
        let ann = test.connect_as(hubs::Principal::new("ann").with_expiry(SystemTime::now() + minute)).await;
        let ben = test.connect_user("ben").await;
        tokio::time::sleep(minute - Duration::from_secs(1)).await;
        assert_eq!(ann.hub().echo("in time".to_owned()).await.unwrap(), "in time");
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(ann.hub().echo("late".to_owned()).await.is_err(), closes);
        assert_eq!(ben.hub().echo("no end".to_owned()).await.unwrap(), "no end");
        assert!(test.events.errors.lock().unwrap().is_empty(), "it is no failure");
    }
}

#[tokio::test(start_paused = true)]
async fn shutdown_closes_and_awaits_every_connection() {
    let test = TestHub::new();
    let clients = [test.connect().await, test.connect().await];
    let (signal, signalled) = tokio::sync::oneshot::channel::<()>();
    let down = tokio::spawn(test.server.hubs().shutdown_on(async {
        signalled.await.expect("a signal");
    }));
    signal.send(()).unwrap();
    with_default_timeout(down).await.unwrap();
    assert_eq!(counts(&test), (2, 2));
    for client in clients {
        with_default_timeout(client.client.closed()).await;
    }
}

/// Case 45.
#[tokio::test(start_paused = true)]
async fn a_panic_in_the_last_hook_takes_nothing_with_it() {
    let test = TestHub::new();
    let ann = test.connect_at("/hub?panic-at-the-end").await;
    let ben = test.connect().await;
    ann.client.stop().await;
    let gone = async {
        while counts(&test).1 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(gone).await;
    assert_eq!(ben.hub().echo("fine".to_owned()).await.unwrap(), "fine");
}
