//! Who is in a group when a message is sent: as soon as a join has returned, and no longer once a leave has.

use futures_util::future::join_all;
use hubs::testing::with_default_timeout;
use hubs_tests::RedisServer;
use tokio::time::Instant;

use crate::{Guest, Node, pair, told};

/// How often each client joins and leaves.
const ROUNDS: usize = 100;
const LONG_ROUNDS: usize = 3_400;

/// Joins, is told, leaves, and is not told. Every other round is done by the client's own node, and every third message is
/// sent by it.
async fn come_and_go(nodes: &[Node; 2], guest: &Guest, name: &str, rounds: usize) {
    let contexts = nodes.each_ref().map(Node::context);
    for round in 0..rounds {
        let (doer, sender) = (&contexts[round % 2], &contexts[usize::from(round % 3 == 0)]);
        let send = async |text: String| {
            with_default_timeout(sender.clients().group("red").hear(text)).await.expect("sent");
        };
        let id = guest.connection_id().clone();
        with_default_timeout(doer.groups().add(id.clone(), "red")).await.expect("joined");
        let (expected, left) = (format!("{name} {round}"), format!("{name} has left"));
        send(expected.clone()).await;
        // Members are also told what is for the others.
        loop {
            let text = guest.next_hear().await;
            assert_ne!(text, left, "round {round}: it had left before that was sent");
            if text == expected {
                break;
            }
        }
        with_default_timeout(doer.groups().remove(id, "red")).await.expect("left");
        send(left).await;
    }
    assert!(!told(&nodes[0], guest).await.contains(&format!("{name} has left")));
}

/// Case 55. Three clients, two of one node and one of the other, so that the group sometimes has members on both.
#[tokio::test]
async fn case_55_a_message_reaches_who_has_joined_before_it_and_not_who_has_left() {
    let rounds = if std::env::var_os("HUBS_SOAK").is_some() { LONG_ROUNDS } else { ROUNDS };
    let redis = RedisServer::start();
    let nodes = pair(&redis);
    let begun = Instant::now();
    let guests = [nodes[1].guest("a").await, nodes[1].guest("b").await, nodes[0].guest("c").await];
    let names = ["a", "b", "c"];
    join_all(guests.iter().zip(names).map(|(guest, name)| come_and_go(&nodes, guest, name, rounds))).await;
    println!("{} joins, each followed by a message, a leave and a message, in {:?}", 3 * rounds, begun.elapsed());
}
