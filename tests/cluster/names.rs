//! Names that mean something to Redis mean nothing here: a channel is the one that is named, and no pattern.

use hubs_tests::RedisServer;

use crate::{
    Node, pair,
    redis::{Monitor, channels},
    told,
};

fn names() -> Vec<String> {
    let telling = [
        "*", "?", "[", "]", "[a-z]", "[^x]", "{}", "{a}b", "\\*", "a", "ab", "a*", "a b", " ", "  ", "\r\n", "é😀",
        ":", "a:b",
    ];
    telling.map(str::to_owned).into_iter().chain(["g".repeat(10_240), format!("{}*", "g".repeat(10_239))]).collect()
}

/// Case 43: every group has its own messages, whatever its name is, and nothing is subscribed by a pattern.
#[tokio::test]
async fn case_43_names_of_groups_are_matched_exactly_on_all_nodes() {
    let redis = RedisServer::start();
    let monitor = Monitor::start(&redis);
    let [north, south] = ["north", "south"]
        .map(|name| Node::with(&redis, name, |redis| redis, |options| options.maximum_group_name_length(10_240)));
    let mut guests = Vec::new();
    for name in names() {
        let guest = south.guest("ann").await;
        // Every second one is joined by the other node.
        let node = if guests.len() % 2 == 0 { &north } else { &south };
        node.context().groups().add(guest.connection_id().clone(), name.clone()).await.expect("joined");
        guests.push((name, guest));
    }
    for (name, _) in &guests {
        north.context().clients().group(name.clone()).hear(name.clone()).await.expect("sent");
    }
    for (name, guest) in &guests {
        assert_eq!(told(&north, guest).await, [name.as_str()]);
    }
    let commands = monitor.commands(&redis);
    let of = |name: &str| commands.iter().filter(|line| line.to_uppercase().contains(&format!("\"{name}\""))).count();
    assert!(of("SUBSCRIBE") > 0 && of("PUBLISH") >= guests.len(), "the commands of nodes are seen");
    assert_eq!(of("PSUBSCRIBE"), 0, "{:?}", commands.iter().find(|line| line.contains("PSUBSCRIBE")));
    assert!(channels(&redis).contains(&"RoomHub:group:*".to_owned()), "{:?}", channels(&redis));
}

/// Case 43: a name that is too long is refused, also for a connection of another node, and nothing is subscribed for it.
#[tokio::test]
async fn case_43_a_name_that_is_too_long_is_refused_on_both_nodes() {
    let redis = RedisServer::start();
    let [north, south] = pair(&redis);
    let guest = south.guest("ann").await;
    let long = "g".repeat(10_240);
    for node in [&south, &north] {
        let joined = node.context().groups().add(guest.connection_id().clone(), long.clone()).await;
        assert!(joined.is_err_and(|error| error.to_string().contains("1024")), "the error names the limit");
    }
    assert!(!channels(&redis).iter().any(|channel| channel.contains(&long)), "nothing is subscribed");
    assert_eq!(guest.hub().count().await.expect("it stays"), 1);
}
