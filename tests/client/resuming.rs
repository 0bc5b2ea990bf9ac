//! Stateful reconnect: a connection that goes on over another socket.

use std::time::Duration;

use futures_util::{TryStreamExt, stream};
use hubs::{
    HubOptions, UploadStream,
    client::{HubConnection, HubConnectionBuilder, HubConnectionState, RetryPolicy},
};

use crate::{
    hub::{Lively, Server, connect, order, within},
    network::Network,
};

fn server() -> Server {
    Server::start(HubOptions::default().stateful_reconnect(true))
}

/// A client that must be taken up again: a new connection would not be made.
fn stateful(network: &Network) -> HubConnectionBuilder {
    let builder = HubConnection::builder(&network.url("/lab")).stateful_reconnect();
    builder.reconnect(RetryPolicy::never())
}

async fn is_resuming(client: &Lively) {
    let mut states = client.lab.connection().states();
    let resuming = |state: &HubConnectionState| matches!(state, HubConnectionState::Resuming { .. });
    within(states.wait_for(resuming)).await.expect("the client is there");
}

async fn is_connected(client: &Lively) {
    let mut states = client.lab.connection().states();
    within(states.wait_for(HubConnectionState::is_connected)).await.expect("the client is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_streams_and_groups_outlive_the_socket() {
    let server = server();
    let network = Network::to(server.address).await;
    for messagepack in [false, true] {
        let builder = stateful(&network);
        let mut client = connect(if messagepack { builder.messagepack() } else { builder }).await;
        let id = within(client.lab.id()).await.unwrap();
        within(client.lab.join("room".to_owned())).await.unwrap();
        for round in 0..5 {
            network.lead_to(None);
            network.cut();
            is_resuming(&client).await;
            let lab = client.lab.clone();
            let calls = tokio::spawn(async move {
                let doubled = lab.doubled(UploadStream::new(stream::iter(0..500))).await?;
                let (items, total) =
                    tokio::join!(doubled.try_collect::<Vec<_>>(), lab.total(UploadStream::new(stream::iter(0..500))));
                lab.tell_group("room".to_owned(), order("a")).await?;
                Ok::<_, hubs::HubError>((items?.len(), total?))
            });
            network.lead_to(Some(server.address));
            assert_eq!(within(calls).await.unwrap().unwrap(), (500, 124_750), "round {round}");
            assert_eq!(client.next().await, ("room".to_owned(), order("a")));
            is_connected(&client).await;
            assert_eq!(within(client.lab.id()).await.unwrap(), id);
        }
        within(client.lab.connection().stop()).await;
    }
}

/// Sockets are cut after ever more bytes, while messages go both ways.
#[tokio::test(flavor = "multi_thread")]
async fn each_message_comes_once_and_in_order_wherever_sockets_are_cut() {
    let server = server();
    let network = Network::to(server.address).await;
    let mut client = connect(stateful(&network)).await;
    let id = within(client.lab.id()).await.unwrap();
    let mut number = 0;
    for bytes in (150..2_000).step_by(37) {
        network.cut_after(bytes);
        network.cut();
        let lab = client.lab.clone();
        let sending = tokio::spawn(async move {
            for number in number..number + 10 {
                lab.broadcast(number.to_string(), order("a")).await?;
            }
            Ok::<_, hubs::InvokeError>(())
        });
        if bytes % 2 == 0 {
            tokio::task::yield_now().await;
            network.cut();
        }
        network.cut_after(usize::MAX);
        within(sending).await.unwrap().expect("no call fails");
        for expected in number..number + 10 {
            assert_eq!(client.next().await.0, expected.to_string(), "{bytes}");
        }
        number += 10;
    }
    assert!(client.told.try_recv().is_err(), "none comes twice");
    assert_eq!(within(client.lab.id()).await.unwrap(), id);
}

#[tokio::test]
async fn a_server_that_has_forgotten_the_connection_gets_a_new_one() {
    let first = server();
    let network = Network::to(first.address).await;
    let builder = stateful(&network).reconnect(RetryPolicy::delays([Duration::ZERO]));
    let client = connect(builder).await;
    let id = within(client.lab.id()).await.unwrap();
    let second = server();
    network.lead_to(Some(second.address));
    network.cut();
    let mut states = client.lab.connection().states();
    let new = |state: &HubConnectionState| matches!(state, HubConnectionState::Connected { id: Some(new) } if new.as_str() != id);
    within(states.wait_for(new)).await.unwrap();
    assert_ne!(within(client.lab.id()).await.unwrap(), id);
}

#[tokio::test]
async fn a_server_without_it_is_spoken_to_as_ever() {
    let server = Server::start(HubOptions::default());
    let client = connect(server.client().stateful_reconnect()).await;
    within(client.lab.nothing()).await.unwrap();
}

#[tokio::test]
async fn a_client_that_is_stopped_while_it_has_no_socket_ends_at_once() {
    let server = server();
    let network = Network::to(server.address).await;
    let client = connect(stateful(&network)).await;
    network.lead_to(None);
    network.cut();
    is_resuming(&client).await;
    within(client.lab.connection().stop()).await;
}
