//! The rules of every backplane, as a suite that any cluster can run: `backplane_spec!(make())` writes one test for each
//! rule, and `make()` gives a new cluster without nodes. Where servers take long to start, `backplane_spec_shared!`
//! writes one test of all rules.

mod channels;
mod leases;
mod logs;
mod requests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
pub(crate) use channels::*;
use hubs::backplane::{Backplane, Health, Subscription};
pub(crate) use leases::*;
pub(crate) use logs::*;
pub(crate) use requests::*;
use tokio::sync::mpsc;

/// Calls the macro `$with` with the names of all rules.
macro_rules! rules {
    ($with:ident, $make:tt) => {
        crate::spec::$with! { @rules $make;
            payloads_arrive_in_the_order_of_the_calls,
            a_node_does_not_get_what_it_publishes,
            equal_payloads_of_two_nodes_arrive_once_each,
            all_subscriptions_of_a_channel_get_a_payload,
            nothing_arrives_on_other_channels,
            a_dropped_subscription_gets_nothing,
            a_channel_can_be_subscribed_to_again,
            subscribed_nodes_are_counted,
            any_bytes_arrive_as_they_are,
            five_megabytes_arrive,
            five_thousand_channels_are_kept_apart,
            a_request_is_answered,
            a_node_answers_itself,
            a_request_that_none_responds_to_fails,
            a_request_that_is_not_answered_ends_in_time,
            requests_run_at_once,
            a_lease_is_held_by_one_node,
            only_the_holder_prolongs_or_releases,
            a_lease_ends_with_its_term,
            log_numbers_are_dense,
            a_key_is_added_once,
            a_log_is_kept_within_its_limits,
            a_log_tells_what_is_gone,
            an_entry_is_kept_for_its_time,
            a_log_that_lost_its_end_goes_on_from_no_position_of_it,
            the_end_of_a_log_is_known_before_its_first_entry,
        }
    };
}
pub(crate) use rules;

/// Writes one test for each rule, each on a cluster of its own.
macro_rules! backplane_spec {
    ($make:expr) => {
        crate::spec::rules! { backplane_spec, ($make) }
    };
    (@rules ($make:expr); $($rule:ident,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                let cluster = $make;
                crate::spec::limited(crate::spec::$rule(&cluster)).await;
            }
        )*
    };
}
pub(crate) use backplane_spec;

/// Writes one test that checks all rules, one after the other, on servers that all of them share: `cluster` is given the
/// servers and the name of the rule, and gives a cluster of which other rules see nothing.
macro_rules! backplane_spec_shared {
    ($servers:expr, $cluster:ident) => {
        crate::spec::rules! { backplane_spec_shared, ($servers, $cluster) }
    };
    (@rules ($servers:expr, $cluster:ident); $($rule:ident,)*) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn every_rule_holds() {
            let servers = $servers;
            $(
                println!(stringify!($rule));
                crate::spec::limited(crate::spec::$rule(&$cluster(&servers, stringify!($rule)))).await;
            )*
        }
    };
}
pub(crate) use backplane_spec_shared;

/// Limits a rule in time.
pub(crate) async fn limited<T>(rule: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), rule).await.expect("the backplane answers in time")
}

/// Two nodes that reach each other.
pub(crate) async fn two(cluster: &dyn crate::Cluster) -> [Arc<dyn Backplane>; 2] {
    let nodes = ["north", "south"].map(|name| cluster.node(name));
    for node in &nodes {
        healthy(node).await;
    }
    nodes
}

/// Waits until the node reaches the others.
pub(crate) async fn healthy(node: &Arc<dyn Backplane>) {
    limited(node.health().wait_for(|health| *health == Health::Healthy)).await.expect("the node is there");
}

/// A subscription in force, and what it receives.
pub(crate) async fn hear(node: &Arc<dyn Backplane>, channel: &str) -> (Subscription, mpsc::UnboundedReceiver<Bytes>) {
    let (take, taken) = mpsc::unbounded_channel();
    let subscription = node.subscribe(channel, Arc::new(move |payload| drop(take.send(payload))));
    subscription.confirmed().await.expect("the subscription is confirmed");
    (subscription, taken)
}

/// The next payload, as text.
pub(crate) async fn next(taken: &mut mpsc::UnboundedReceiver<Bytes>) -> String {
    let payload = limited(taken.recv()).await.expect("the subscription is there");
    String::from_utf8_lossy(&payload).into_owned()
}

/// Publishes, and returns how many other nodes it was sent to.
pub(crate) async fn publish(node: &Arc<dyn Backplane>, channel: &str, payload: impl Into<Bytes>) -> Option<usize> {
    node.publish(channel, payload.into()).await.expect("the other nodes are reached")
}
