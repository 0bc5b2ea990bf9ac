//! Several hubs of one contract, and options whatever the order of calls.

use std::{sync::Arc, time::Duration};

use hubs::{
    HubOptions, Hubs,
    testing::{TestServer, with_default_timeout},
};

use crate::hub::{Events, House, TalkContract, Talker};

fn talker() -> Talker {
    Talker { events: Arc::<Events>::default() }
}

fn house(hubs: Hubs) -> House {
    House { server: TestServer::new(hubs), events: Arc::default() }
}

#[tokio::test(start_paused = true)]
async fn two_hubs_of_one_contract_have_their_own_connections_and_groups() {
    let house = house(Hubs::new().map("/talk", TalkContract, talker()).map_named(
        "support",
        "/support",
        TalkContract,
        talker(),
        HubOptions::default(),
    ));
    let (mut ann, mut ben) = (house.guest().await, house.guest_on("support").await);
    for guest in [&ann, &ben] {
        with_default_timeout(guest.hub().join("lobby".to_owned())).await.unwrap();
    }
    let hubs = house.server.hubs();
    hubs.context::<TalkContract>().clients().group("lobby").heard("public".to_owned()).await.unwrap();
    hubs.context_named::<TalkContract>("support").clients().all().heard("support".to_owned()).await.unwrap();
    assert_eq!(ann.has_heard().await, ["public"]);
    assert_eq!(ben.has_heard().await, ["support"]);
    assert_eq!(hubs.metrics_named::<TalkContract>("support").connections(), 1);
}

#[test]
#[should_panic(expected = "no hub `other` of contract `Talk` is mapped")]
fn an_unknown_name_is_reported() {
    let _ = Hubs::new().map("/talk", TalkContract, talker()).context_named::<TalkContract>("other");
}

#[test]
#[should_panic(expected = "several hubs have contract `Talk`")]
fn a_context_without_a_name_is_never_a_guess() {
    let hubs = Hubs::new().map_named("a", "/a", TalkContract, talker(), HubOptions::default()).map_named(
        "b",
        "/b",
        TalkContract,
        talker(),
        HubOptions::default(),
    );
    let _ = hubs.context::<TalkContract>();
}

#[test]
#[should_panic(expected = "name the second one with `Hubs::map_named`")]
fn a_hub_has_one_set_of_options() {
    let _ = Hubs::new().map("/a", TalkContract, talker()).map_with("/b", TalkContract, talker(), HubOptions::default());
}

#[tokio::test(start_paused = true)]
async fn options_apply_to_hubs_mapped_before_and_after_them() {
    let options = HubOptions::default().client_timeout_interval(Duration::from_secs(5));
    let before = Hubs::new().options(options.clone()).map("/talk", TalkContract, talker());
    let after = Hubs::new().map("/talk", TalkContract, talker()).options(options);
    for hubs in [before, after] {
        let house = house(hubs);
        let ann = house.guest().await;
        // The test client pings every 15 s.
        with_default_timeout(ann.client.closed()).await;
    }
}

#[test]
#[should_panic(expected = "call `Hubs::options` before `Hubs::context`")]
fn options_that_come_too_late_are_reported() {
    let hubs = Hubs::new().map("/talk", TalkContract, talker());
    drop(hubs.context::<TalkContract>());
    let _ = hubs.options(HubOptions::default());
}

#[tokio::test(start_paused = true)]
async fn a_user_without_an_id_has_roles_and_no_user_id() {
    let house = House::new();
    let guest = house.guest_as(hubs::Principal::anonymous().with_role("guest")).await;
    assert_eq!(with_default_timeout(guest.hub().who()).await.unwrap(), None);
}
