//! What one node holds at a time.

use std::time::Duration;

use hubs::backplane::Lease;

use super::two;
use crate::Cluster;

const TERM: Duration = Duration::from_secs(60);

pub(crate) async fn a_lease_is_held_by_one_node(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    assert_eq!(north.holder("key").await, Ok(None));
    assert_eq!(north.acquire("key", TERM).await, Ok(Lease::Acquired));
    assert_eq!(north.acquire("key", TERM).await, Ok(Lease::Acquired), "its own lease again");
    assert_eq!(south.acquire("key", TERM).await, Ok(Lease::Held(north.node().to_owned())));
    assert_eq!(south.holder("key").await, Ok(Some(north.node().to_owned())));
    assert_eq!(south.acquire("other", TERM).await, Ok(Lease::Acquired));
}

pub(crate) async fn only_the_holder_prolongs_or_releases(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    for key in ["one", "two"] {
        assert_eq!(north.acquire(key, TERM).await, Ok(Lease::Acquired));
    }
    let keys = || ["one", "none", "two"].map(str::to_owned).to_vec();
    assert_eq!(north.renew(keys(), TERM).await, Ok(vec![true, false, true]));
    assert_eq!(south.renew(keys(), TERM).await, Ok(vec![false; 3]));
    assert_eq!(north.renew(Vec::new(), TERM).await, Ok(Vec::new()));
    assert_eq!(south.release("one").await, Ok(()));
    assert_eq!(south.holder("one").await, Ok(Some(north.node().to_owned())));
    assert_eq!(north.release("one").await, Ok(()));
    assert_eq!(south.acquire("one", TERM).await, Ok(Lease::Acquired));
    assert_eq!(north.renew(vec!["one".to_owned()], TERM).await, Ok(vec![false]), "another node has it now");
}

pub(crate) async fn a_lease_ends_with_its_term(cluster: &dyn Cluster) {
    let [north, south] = two(cluster).await;
    let short = Duration::from_millis(100);
    assert_eq!(north.acquire("short", short).await, Ok(Lease::Acquired));
    assert_eq!(north.acquire("prolonged", short).await, Ok(Lease::Acquired));
    let renewed = north.renew(vec!["prolonged".to_owned()], TERM).await;
    while south.acquire("short", TERM).await != Ok(Lease::Acquired) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(north.renew(vec!["short".to_owned()], TERM).await, Ok(vec![false]));
    if renewed == Ok(vec![true]) {
        assert_eq!(south.holder("prolonged").await, Ok(Some(north.node().to_owned())));
    }
}
