//! What becomes of a client whose connection is lost, whose server restarts, and whose network stays away.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::StreamExt;
use hubs::{
    HubOptions, InvokeError, SendError, TransportKind,
    client::{Closed, HubConnection, HubConnectionBuilder, HubConnectionState, RetryPolicy},
};
use tokio::sync::{mpsc, watch};

use crate::{
    hub::{LabHubContract, Lively, Server, connect, order, until, within},
    network::Network,
};

/// Again and again, without waiting for long.
fn soon(builder: HubConnectionBuilder) -> HubConnectionBuilder {
    builder.reconnect(RetryPolicy::new(|_| Some(Duration::from_millis(5))))
}

async fn reached(
    states: &mut watch::Receiver<HubConnectionState>,
    wanted: impl FnMut(&HubConnectionState) -> bool,
) -> HubConnectionState {
    within(states.wait_for(wanted)).await.expect("the client is there").clone()
}

/// Waits until the client has another connection than `last`.
async fn connected_again(client: &Lively, last: Option<&str>) -> String {
    let mut states = client.lab.connection().states();
    let other = |state: &HubConnectionState| match state {
        HubConnectionState::Connected { id: Some(id) } => Some(id.as_str()) != last,
        _ => false,
    };
    match reached(&mut states, other).await {
        HubConnectionState::Connected { id: Some(id) } => id.to_string(),
        state => panic!("connected, not {state:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_is_cut_is_made_again_over_every_transport() {
    let server = Server::start(HubOptions::default());
    for kind in [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling] {
        let network = Network::to(server.address).await;
        let mut client = connect(soon(HubConnection::builder(&network.url("/lab")).transports([kind]))).await;
        let mut id = connected_again(&client, None).await;
        for round in 0..5 {
            // Long polling does not notice a cut between two polls: the network stays away until it does.
            network.lead_to(None);
            network.cut();
            let mut states = client.lab.connection().states();
            reached(&mut states, |state| matches!(state, HubConnectionState::Reconnecting { .. })).await;
            network.lead_to(Some(server.address));
            id = connected_again(&client, Some(&id)).await;
            assert_eq!(within(client.lab.id()).await.expect("it is connected"), id, "{kind}, round {round}");
            within(client.lab.broadcast("again".to_owned(), order("a"))).await.expect("it is connected");
            assert_eq!(client.next().await.0, "again");
        }
    }
}

#[tokio::test]
async fn calls_in_flight_fail_and_calls_without_a_connection_are_not_sent() {
    let server = Server::start(HubOptions::default());
    let network = Network::to(server.address).await;
    let client = connect(soon(HubConnection::builder(&network.url("/lab")))).await;
    let lab = client.lab.clone();
    let hanging = tokio::spawn({
        let lab = lab.clone();
        async move { lab.hang().await }
    });
    until(1, || lab.hanging()).await;
    let mut endless = lab.endless().await.unwrap();
    assert_eq!(within(endless.next()).await.unwrap().unwrap(), 0);
    network.lead_to(None);
    network.cut();
    let cut = within(hanging).await.unwrap().unwrap_err();
    assert!(matches!(cut, InvokeError::Disconnected(_)) && cut.may_have_run(), "{cut}");
    let ended = within(endless.next()).await.unwrap().unwrap_err();
    assert_eq!(ended.to_string(), "The underlying connection was closed.");
    let mut states = lab.connection().states();
    let away = |state: &HubConnectionState| matches!(state, HubConnectionState::Reconnecting { error: Some(_), .. });
    let state = reached(&mut states, away).await;
    assert!(matches!(state, HubConnectionState::Reconnecting { reason: Closed::Lost, attempt: 2.., .. }), "{state:?}");
    let late = within(lab.nothing()).await.unwrap_err();
    assert!(matches!(late, InvokeError::Send(SendError::Closed)) && !late.may_have_run(), "{late}");
    assert!(matches!(within(lab.without_waiting().nothing()).await, Err(SendError::Closed)));
    assert!(lab.connection().id().is_none());
    network.lead_to(Some(server.address));
    reached(&mut states, HubConnectionState::is_connected).await;
    within(lab.nothing()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_started_again_has_its_clients_back_in_their_groups() {
    let mut server = Server::start(HubOptions::default());
    let (joined, mut joins) = mpsc::unbounded_channel();
    let builder = soon(server.client()).on_reconnected(move |connection| {
        let joined = joined.clone();
        async move {
            let done = connection.hub::<LabHubContract>().join("room".to_owned()).await;
            joined.send(done.is_ok()).expect("the test runs");
        }
    });
    let mut client = connect(builder).await;
    within(client.lab.join("room".to_owned())).await.unwrap();
    for round in 0..3 {
        let address = server.kill();
        server = Server::at(address, HubOptions::default());
        assert!(within(joins.recv()).await.expect("the hook runs"), "round {round}");
        within(client.lab.tell_group("room".to_owned(), order("a"))).await.unwrap();
        assert_eq!(client.next().await.0, "room");
    }
}

#[tokio::test]
async fn a_close_without_leave_to_return_is_final() {
    let server = Server::start(HubOptions::default());
    let client = connect(soon(server.client())).await;
    client.lab.without_waiting().kick_me().await.unwrap();
    let reason = within(client.lab.connection().closed()).await;
    assert_eq!(reason, Closed::Server { error: None, allow_reconnect: false });
    assert_eq!(reason.to_string(), "the server closed the connection");
}

#[tokio::test]
async fn a_server_that_shuts_down_sends_its_clients_to_the_next() {
    let server = Server::start(HubOptions::default());
    let client = connect(soon(server.client())).await;
    let id = connected_again(&client, None).await;
    let mut states = client.lab.connection().states();
    let address = within(server.stop()).await;
    let told = |state: &HubConnectionState| matches!(state, HubConnectionState::Reconnecting { .. });
    let state = reached(&mut states, told).await;
    let may_return = Closed::Server { error: None, allow_reconnect: true };
    assert!(matches!(&state, HubConnectionState::Reconnecting { reason, .. } if *reason == may_return), "{state:?}");
    let _server = Server::at(address, HubOptions::default());
    connected_again(&client, Some(&id)).await;
}

#[tokio::test]
async fn a_policy_that_gives_up_ends_the_connection_with_the_first_reason() {
    let server = Server::start(HubOptions::default());
    let network = Network::to(server.address).await;
    let builder = HubConnection::builder(&network.url("/lab")).reconnect(RetryPolicy::delays([Duration::ZERO; 3]));
    let client = connect(builder).await;
    network.lead_to(None);
    network.cut();
    assert_eq!(within(client.lab.connection().closed()).await, Closed::Lost);
    let state = client.lab.connection().state();
    assert!(matches!(&state, HubConnectionState::Disconnected { error: Some(_), .. }), "{state:?}");
}

#[tokio::test]
async fn stopping_ends_the_attempts_to_connect_again() {
    let server = Server::start(HubOptions::default());
    let network = Network::to(server.address).await;
    let client =
        connect(HubConnection::builder(&network.url("/lab")).reconnect(RetryPolicy::new(|_| Some(Duration::MAX / 4))));
    let client = client.await;
    network.cut();
    let mut states = client.lab.connection().states();
    reached(&mut states, |state| matches!(state, HubConnectionState::Reconnecting { .. })).await;
    assert_eq!(within(client.lab.connection().stop()).await, Closed::Lost);
}

#[tokio::test]
async fn the_first_connection_is_tried_again_if_that_is_asked_for() {
    let server = Server::start(HubOptions::default());
    let address = server.kill();
    let url = format!("http://{address}/lab");
    within(soon(HubConnection::builder(&url)).start()).await.expect_err("by default it is not");
    let attempts = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&attempts);
    let builder = soon(HubConnection::builder(&url)).retry_first_connection().connector(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        tokio::net::TcpStream::connect(address)
    });
    let connecting = tokio::spawn(builder.start());
    within(async {
        while attempts.load(Ordering::SeqCst) < 3 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let _server = Server::at(address, HubOptions::default());
    within(connecting).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_server_that_falls_silent_is_noticed() {
    let server = Server::start(HubOptions::default());
    let network = Network::to(server.address).await;
    let times = |builder: HubConnectionBuilder| builder.server_timeout(Duration::from_millis(200));
    let client =
        connect(times(soon(HubConnection::builder(&network.url("/lab")))).reconnect(RetryPolicy::never())).await;
    network.hold(true);
    let reason = within(client.lab.connection().closed()).await;
    assert_eq!(reason.to_string(), "the server sent nothing for too long");
}

#[tokio::test]
async fn a_network_that_swallows_everything_is_noticed_and_survived() {
    let server = Server::start(HubOptions::default().keep_alive_interval(Duration::from_millis(50)));
    let network = Network::to(server.address).await;
    let limit = Duration::from_millis(300);
    let builder = soon(HubConnection::builder(&network.url("/lab"))).server_timeout(limit);
    let client = connect(builder.http_timeout(limit).connect_timeout(limit).handshake_timeout(limit)).await;
    network.hold(true);
    let mut states = client.lab.connection().states();
    let tries = |state: &HubConnectionState| {
        matches!(state, HubConnectionState::Reconnecting { attempt: 3.., error: Some(_), .. })
    };
    let state = reached(&mut states, tries).await;
    assert!(matches!(state, HubConnectionState::Reconnecting { reason: Closed::Failed(_), .. }), "{state:?}");
    network.hold(false);
    reached(&mut states, HubConnectionState::is_connected).await;
    within(client.lab.nothing()).await.unwrap();
}

/// The tasks of sockets, of clocks and of attempts to connect again end with their client, however it ends.
#[tokio::test]
async fn nothing_runs_on_of_clients_that_have_ended() {
    let server = Server::start(HubOptions::default().stateful_reconnect(true));
    let tasks = tokio::runtime::Handle::current().metrics();
    let before = tasks.num_alive_tasks();
    for kind in [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling] {
        for stateful in [false, true] {
            let network = Network::to(server.address).await;
            let builder = || {
                let builder = soon(HubConnection::builder(&network.url("/lab"))).transports([kind]);
                if stateful { builder.stateful_reconnect() } else { builder }
            };
            let (stopped, dropped, away) =
                (connect(builder()).await, connect(builder()).await, connect(builder()).await);
            within(stopped.lab.connection().stop()).await;
            drop((stopped, dropped));
            network.lead_to(None);
            network.cut();
            let mut states = away.lab.connection().states();
            reached(&mut states, |state| !state.is_connected()).await;
        }
    }
    within(async {
        while tasks.num_alive_tasks() > before {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// Sessions are cut after ever more bytes, both directions together.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_at_any_byte_is_survived() {
    let server = Server::start(HubOptions::default());
    let network = Network::to(server.address).await;
    let mut client = connect(soon(HubConnection::builder(&network.url("/lab")))).await;
    let mut id = connected_again(&client, None).await;
    // The bytes of the requests, of the handshake, and of the first messages.
    for bytes in (1..900).step_by(7) {
        network.cut_after(bytes);
        network.cut();
        // Whatever fails meanwhile: calls end.
        let _ = within(client.lab.echo(order("a"))).await;
        network.cut_after(usize::MAX);
        network.cut();
        id = connected_again(&client, Some(&id)).await;
    }
    while client.told.try_recv().is_ok() {}
    within(until_answered(&client)).await;
}

async fn until_answered(client: &Lively) {
    while client.lab.nothing().await.is_err() {
        tokio::task::yield_now().await;
    }
}
