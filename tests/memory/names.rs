//! Several hubs of one contract, and options whatever the order of calls.

use std::{sync::Arc, time::Duration};

use hubs::{
    HubOptions, Hubs,
    testing::{TestServer, with_default_timeout},
};

use crate::hub::{Events, HubContract, HubImpl, TestHub};

fn hub() -> HubImpl {
    HubImpl { events: Arc::<Events>::default() }
}

fn test(hubs: Hubs) -> TestHub {
    TestHub { server: TestServer::new(hubs), events: Arc::default() }
}

#[tokio::test(start_paused = true)]
async fn two_hubs_of_one_contract_have_their_own_connections_and_groups() {
    let test = test(Hubs::new().map("/hub", HubContract, hub()).map_named(
        "support",
        "/support",
        HubContract,
        hub(),
        HubOptions::default(),
    ));
    let (mut ann, mut ben) = (test.connect().await, test.connect_on("support").await);
    for connect in [&ann, &ben] {
        with_default_timeout(connect.hub().join("lobby".to_owned())).await.unwrap();
    }
    let hubs = test.server.hubs();
    hubs.context::<HubContract>().clients().group("lobby").heard("public".to_owned()).await.unwrap();
    hubs.context_named::<HubContract>("support").clients().all().heard("support".to_owned()).await.unwrap();
    assert_eq!(ann.all_heard().await, ["public"]);
    assert_eq!(ben.all_heard().await, ["support"]);
    assert_eq!(hubs.metrics_named::<HubContract>("support").connections(), 1);
}

#[test]
#[should_panic(expected = "no hub `other` of contract `Hub` is mapped")]
fn an_unknown_name_is_reported() {
    let _ = Hubs::new().map("/hub", HubContract, hub()).context_named::<HubContract>("other");
}

#[test]
#[should_panic(expected = "several hubs have contract `Hub`")]
fn a_context_without_a_name_is_never_a_guess() {
    let hubs = Hubs::new().map_named("a", "/a", HubContract, hub(), HubOptions::default()).map_named(
        "b",
        "/b",
        HubContract,
        hub(),
        HubOptions::default(),
    );
    let _ = hubs.context::<HubContract>();
}

#[test]
#[should_panic(expected = "name the second one with `Hubs::map_named`")]
fn a_hub_has_one_set_of_options() {
    let _ = Hubs::new().map("/a", HubContract, hub()).map_with("/b", HubContract, hub(), HubOptions::default());
}

#[tokio::test(start_paused = true)]
async fn options_apply_to_hubs_mapped_before_and_after_them() {
    let options = HubOptions::default().client_timeout_interval(Duration::from_secs(5));
    let before = Hubs::new().options(options.clone()).map("/hub", HubContract, hub());
    let after = Hubs::new().map("/hub", HubContract, hub()).options(options);
    for hubs in [before, after] {
        let test = test(hubs);
        let ann = test.connect().await;
        // The test client pings every 15 s.
        with_default_timeout(ann.client.closed()).await;
    }
}

#[test]
#[should_panic(expected = "call `Hubs::options` before `Hubs::context`")]
fn options_that_come_too_late_are_reported() {
    let hubs = Hubs::new().map("/hub", HubContract, hub());
    drop(hubs.context::<HubContract>());
    let _ = hubs.options(HubOptions::default());
}

#[tokio::test(start_paused = true)]
async fn a_user_without_an_id_has_roles_and_no_user_id() {
    let test = TestHub::new();
    let connect = test.connect_as(hubs::Principal::anonymous().with_role("connect")).await;
    assert_eq!(with_default_timeout(connect.hub().who()).await.unwrap(), None);
}
