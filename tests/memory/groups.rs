//! Whom a message reaches.

use crate::hub::{Guest, House, TalkContract};

async fn tell(guest: &Guest, whom: &str, name: &str, text: &str) {
    guest.hub().tell(whom.to_owned(), name.to_owned(), text.to_owned()).await.expect("told");
}

#[tokio::test(start_paused = true)]
async fn every_target_reaches_its_own() {
    let house = House::new();
    let (mut ann, mut ben, mut cat) =
        (house.guest_of("ann").await, house.guest_of("ben").await, house.guest_of("ben").await);
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
        ("client", "nobody", [0, 0, 0]),
    ];
    for (whom, name, expected) in table {
        tell(&ann, whom, name, whom).await;
        let heard = [ann.has_heard().await, ben.has_heard().await, cat.has_heard().await];
        assert_eq!(heard.map(|texts| texts.len()), expected, "{whom} {name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_is_left_by_leaving_and_by_disconnecting() {
    let house = House::new();
    let (mut ann, ben) = (house.guest().await, house.guest().await);
    ann.hub().join("red".to_owned()).await.unwrap();
    ann.hub().join("red".to_owned()).await.unwrap();
    tell(&ben, "group", "red", "one").await;
    assert_eq!(ann.has_heard().await, ["one"]);
    ann.hub().leave("red".to_owned()).await.unwrap();
    tell(&ben, "group", "red", "two").await;
    assert!(ann.has_heard().await.is_empty());
    ben.hub().join("red".to_owned()).await.unwrap();
    assert_eq!(house.server.hubs().metrics::<TalkContract>().groups(), 1);
    ann.client.stop().await;
    ben.client.stop().await;
    house.empties().await;
    assert_eq!(house.server.hubs().metrics::<TalkContract>().groups(), 0);
}

#[tokio::test(start_paused = true)]
async fn groups_and_clients_are_reached_from_outside() {
    let house = House::new();
    let mut ann = house.guest().await;
    let context = house.server.hubs().context::<TalkContract>();
    context.groups().add(ann.id(), "red").await.unwrap();
    context.clients().group("red").heard("hello".to_owned()).await.unwrap();
    assert_eq!(ann.hears().await, "hello");
    context.groups().remove(ann.id(), "red").await.unwrap();
    context.clients().group("red").heard("gone".to_owned()).await.unwrap();
    context.groups().add("nobody", "red").await.unwrap();
    assert!(ann.has_heard().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_thousand_messages_arrive_in_order() {
    let house = House::new();
    let mut ann = house.guest().await;
    let context = house.server.hubs().context::<TalkContract>();
    for number in 0..1_000 {
        context.clients().all().heard(number.to_string()).await.unwrap();
    }
    for number in 0..1_000 {
        assert_eq!(ann.hears().await, number.to_string());
    }
}

#[tokio::test(start_paused = true)]
async fn the_user_comes_from_the_request() {
    let house = House::new();
    let (ann, nobody) = (house.guest_of("ann").await, house.guest().await);
    assert_eq!(ann.hub().who().await.unwrap().as_deref(), Some("ann"));
    assert_eq!(nobody.hub().who().await.unwrap(), None);
}
