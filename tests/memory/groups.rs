//! Whom a message reaches.

use crate::hub::{Connected, HubContract, TestHub};

async fn tell(connect: &Connected, whom: &str, name: &str, text: &str) {
    connect.hub().tell(whom.to_owned(), name.to_owned(), text.to_owned()).await.expect("told");
}

#[tokio::test(start_paused = true)]
async fn every_target_reaches_its_own() {
    let test = TestHub::new();
    let (mut ann, mut ben, mut cat) =
        (test.connect_user("ann").await, test.connect_user("ben").await, test.connect_user("ben").await);
    ann.hub().join("red".to_owned()).await.unwrap();
    ben.hub().join("red".to_owned()).await.unwrap();
    ben.hub().join("lobby".to_owned()).await.unwrap();
    let (ann_id, ben_id) = (ann.id(), ben.id());
    let table = [
        ("all", "", [1, 1, 1]),
        ("all_except", ben_id.as_str(), [1, 0, 1]),
        ("caller", "", [1, 0, 0]),
        ("others", "", [0, 1, 1]),
        ("client", ben_id.as_str(), [0, 1, 0]),
        ("clients", ann_id.as_str(), [1, 0, 0]),
        ("group", "red", [1, 1, 0]),
        ("groups", "red", [1, 2, 0]),
        ("group_except", "red", [0, 1, 0]),
        ("others_in_group", "red", [0, 1, 0]),
        ("user", "ben", [0, 1, 1]),
        ("users", "ben", [0, 1, 1]),
        ("group", "Red", [0, 0, 0]),
        ("client", "unknown", [0, 0, 0]),
    ];
    for (whom, name, expected) in table {
        tell(&ann, whom, name, whom).await;
        let heard = [ann.all_heard().await, ben.all_heard().await, cat.all_heard().await];
        assert_eq!(heard.map(|texts| texts.len()), expected, "{whom} {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_is_left_by_leaving_and_by_disconnecting() {
    let test = TestHub::new();
    let (mut ann, ben) = (test.connect().await, test.connect().await);
    ann.hub().join("red".to_owned()).await.unwrap();
    ann.hub().join("red".to_owned()).await.unwrap();
    tell(&ben, "group", "red", "one").await;
    assert_eq!(ann.all_heard().await, ["one"]);
    ann.hub().leave("red".to_owned()).await.unwrap();
    tell(&ben, "group", "red", "two").await;
    assert!(ann.all_heard().await.is_empty());
    ben.hub().join("red".to_owned()).await.unwrap();
    assert_eq!(test.server.hubs().metrics::<HubContract>().groups(), 1);
    ann.client.stop().await;
    ben.client.stop().await;
    test.all_closed().await;
    assert_eq!(test.server.hubs().metrics::<HubContract>().groups(), 0);
}

#[tokio::test(start_paused = true)]
async fn groups_and_clients_are_reached_from_outside() {
    let test = TestHub::new();
    let mut ann = test.connect().await;
    let context = test.server.hubs().context::<HubContract>();
    context.groups().add(ann.id(), "red").await.unwrap();
    context.clients().group("red").heard("hello".to_owned()).await.unwrap();
    assert_eq!(ann.next_heard().await, "hello");
    context.groups().remove(ann.id(), "red").await.unwrap();
    context.clients().group("red").heard("gone".to_owned()).await.unwrap();
    context.groups().add("unknown", "red").await.unwrap();
    assert!(ann.all_heard().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_messages_arrive_in_order() {
    let test = TestHub::new();
    let mut ann = test.connect().await;
    let context = test.server.hubs().context::<HubContract>();
    for number in 0..1_000 {
        context.clients().all().heard(number.to_string()).await.unwrap();
    }
    for number in 0..1_000 {
        assert_eq!(ann.next_heard().await, number.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn the_user_comes_from_the_request() {
    let test = TestHub::new();
    let (ann, anonymous) = (test.connect_user("ann").await, test.connect().await);
    assert_eq!(ann.hub().who().await.unwrap().as_deref(), Some("ann"));
    assert_eq!(anonymous.hub().who().await.unwrap(), None);
}
