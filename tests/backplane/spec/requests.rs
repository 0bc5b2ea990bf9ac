//! Requests and who answers them.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{FutureExt, future::join_all};
use hubs::backplane::{BackplaneError, Respond};
use tokio::sync::Barrier;

use super::two;
use crate::Cluster;

const LIMIT: Duration = Duration::from_secs(10);

/// Answers with what it was asked, twice.
fn twice() -> Respond {
    Arc::new(|asked| async move { Bytes::from([&asked[..], &asked[..]].concat()) }.boxed())
}

pub(crate) async fn a_request_is_answered(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let responder = south.respond("twice", twice());
    responder.confirmed().await.expect("it responds");
    assert_eq!(north.request("twice", Bytes::from_static(b"ab"), LIMIT).await, Ok(Bytes::from_static(b"abab")));
}

pub(crate) async fn a_node_answers_itself(cluster: &dyn Cluster) {
    let [north, _] = two(cluster).await;
    let responder = north.respond("twice", twice());
    responder.confirmed().await.expect("it responds");
    assert_eq!(north.request("twice", Bytes::from_static(b"ab"), LIMIT).await, Ok(Bytes::from_static(b"abab")));
}

pub(crate) async fn a_request_that_none_responds_to_fails(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    assert_eq!(north.request("none", Bytes::new(), LIMIT).await, Err(BackplaneError::NoResponder));
    drop(south.respond("none", twice()));
    // It may take a moment until the other nodes know.
    while north.request("none", Bytes::new(), Duration::from_millis(200)).await != Err(BackplaneError::NoResponder) {}
}

pub(crate) async fn a_request_that_is_not_answered_ends_in_time(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let responder = south.respond("never", Arc::new(|_| futures_util::future::pending().boxed()));
    responder.confirmed().await.expect("it responds");
    let limit = Duration::from_millis(200);
    assert_eq!(north.request("never", Bytes::new(), limit).await, Err(BackplaneError::TimedOut(limit)));
}

pub(crate) async fn requests_run_at_once(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let all = Arc::new(Barrier::new(50));
    let respond: Respond = Arc::new(move |asked| {
        let all = Arc::clone(&all);
        async move {
            all.wait().await;
            asked
        }
        .boxed()
    });
    let responder = south.respond("together", respond);
    responder.confirmed().await.expect("it responds");
    let asked = (0..50).map(|number: u8| north.request("together", Bytes::from(vec![number]), LIMIT));
    for (number, answer) in join_all(asked).await.into_iter().enumerate() {
        assert_eq!(answer, Ok(Bytes::from(vec![u8::try_from(number).expect("a small number")])));
    }
}
