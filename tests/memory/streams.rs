//! Streams, both ways.

use std::{sync::atomic::Ordering, time::Duration};

use futures_util::{StreamExt, stream};
use hubs::{UploadStream, testing::with_default_timeout};

use crate::hub::{Connected, TestHub};

async fn count(connect: &Connected, then: &str) -> (Vec<u32>, Option<String>) {
    let stream = connect.hub().count(3, then.to_owned()).await.expect("a stream");
    let items: Vec<_> = with_default_timeout(stream.collect()).await;
    let error = items.iter().find_map(|item| item.as_ref().err().map(ToString::to_string));
    (items.into_iter().filter_map(Result::ok).collect(), error)
}

#[tokio::test(start_paused = true)]
async fn a_stream_gives_its_items_and_how_it_ended() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let masked = "An error occurred on the server while streaming results.";
    assert_eq!(count(&ann, "end").await, (vec![1, 2, 3], None));
    let shown = format!("{masked} HubException: that is all");
    assert_eq!(count(&ann, "client").await, (vec![1, 2, 3], Some(shown)));
    assert_eq!(count(&ann, "internal").await, (vec![1, 2, 3], Some(masked.to_owned())));
    assert_eq!(count(&ann, "panic").await, (vec![], Some(masked.to_owned())));
    let refused = "An unexpected error occurred invoking 'Count' on the server. HubException: how?";
    assert_eq!(count(&ann, "?").await, (vec![], Some(refused.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn uploads_are_read_to_their_end() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let numbers = UploadStream::new(stream::iter(1..=1_000));
    assert_eq!(with_default_timeout(ann.hub().add_up(5, numbers)).await.unwrap(), 500_505);
}

#[tokio::test(start_paused = true)]
async fn several_uploads_and_a_stream_go_at_once() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let left = UploadStream::new(stream::iter(0..100));
    let right = UploadStream::new(stream::iter((0..100).map(|number| format!("<{number}>"))));
    let zipped = ann.hub().zip(left, right).await.unwrap();
    let items: Vec<_> = with_default_timeout(zipped.map(Result::unwrap).collect()).await;
    assert_eq!(items.len(), 100);
    assert_eq!(items[99], (99, "<99>".to_owned()));
}

/// Case 39.
#[tokio::test(start_paused = true)]
async fn an_unread_upload_does_not_block_other_calls() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let endless = UploadStream::new(stream::iter(0..100_000));
    with_default_timeout(ann.hub().ignore(endless)).await.unwrap();
    assert_eq!(with_default_timeout(ann.hub().echo("fine".to_owned())).await.unwrap(), "fine");
}

/// Case 40.
#[tokio::test(start_paused = true)]
async fn a_large_stream_waits_for_its_reader_and_ends_when_it_is_dropped() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let mut stream = ann.hub().endless(10_000).await.unwrap();
    for _ in 0..100 {
        assert_eq!(with_default_timeout(stream.next()).await.unwrap().unwrap().len(), 10_000);
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let produced = test.events.produced.load(Ordering::SeqCst);
    assert!(produced < 200, "{produced} items were made for a reader of 100");
    drop(stream);
    let dropped = async {
        while test.events.dropped.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    with_default_timeout(dropped).await;
    assert_eq!(ann.hub().echo("fine".to_owned()).await.unwrap(), "fine");
}

/// Case 40.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_connection_ends_its_streams() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let _stream = ann.hub().endless(10_000).await.unwrap();
    let hub = ann.hub();
    let upload = tokio::spawn(async move { hub.add_up(0, UploadStream::new(stream::pending())).await });
    tokio::task::yield_now().await;
    ann.client.disconnect_abruptly().await;
    test.all_closed().await;
    with_default_timeout(upload).await.unwrap().unwrap_err();
    assert_eq!(test.events.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn calls_get_through_beside_a_stream_that_never_pauses() {
    let test = TestHub::new();
    let ann = test.connect().await;
    let stream = ann.hub().endless(10).await.unwrap();
    let reading = tokio::spawn(stream.for_each(|_| async {}));
    for number in 0..20 {
        let text = number.to_string();
        assert_eq!(with_default_timeout(ann.hub().echo(text.clone())).await.unwrap(), text);
    }
    assert!(test.events.produced.load(Ordering::SeqCst) > 0);
    reading.abort();
}
