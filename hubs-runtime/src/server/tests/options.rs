//! Hubs whose options let no client in.

use axum::Router;

use super::{Server, echo_at, soon};
use crate::HubOptions;

const TEXT: Option<&str> = Some("text/plain");

#[tokio::test]
async fn a_hub_whose_options_make_no_sense_refuses_every_connection_and_says_why() {
    let cases = [
        (HubOptions::default().transports([]), "HubOptions::transports names no transport"),
        (
            HubOptions::default().supported_protocols(["xml"]),
            "HubOptions::supported_protocols names `xml`, which this build does not have; it has `json` and `messagepack`",
        ),
    ];
    for (options, problem) in cases {
        let text = format!("This hub accepts no connections. {problem}.");
        let server = Server::start(options).await;
        server.request("POST", "/chat/negotiate?negotiateVersion=1", "").await.is(500, TEXT, &text);
        server.upgrade("/chat", "").await.0.is(500, TEXT, &text);
        server.request("GET", "/chat", "Accept: text/event-stream\r\n").await.is(500, TEXT, &text);
    }
}

#[tokio::test]
async fn other_hubs_of_the_application_go_on() {
    let (broken, _) = echo_at("/broken", HubOptions::default().transports([]));
    let (fine, app) = echo_at("/chat", HubOptions::default());
    let server = Server::serve(Router::new().merge(broken).merge(fine), app).await;
    soon(async {
        assert_eq!(server.request("POST", "/broken/negotiate", "").await.status, 500);
        assert_eq!(server.request("POST", "/chat/negotiate", "").await.status, 200);
    })
    .await;
}
