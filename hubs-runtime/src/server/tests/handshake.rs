//! What the answer to a handshake promises: a client that has read it misses no message.

use std::{future::poll_fn, time::Duration};

use bytes::Bytes;
use hubs_macros::{client_interface, hub};
use tokio::time::timeout;

use crate::{
    HubResult, Hubs,
    ids::{ConnectionId, TransferFormat},
    server::serve_in_process,
    transport::{Transport, memory},
};

#[client_interface(crate = "crate")]
trait Reader {
    async fn news(&self, text: String) -> HubResult<()>;
}

#[hub(crate = "crate", client = Reader)]
trait News {}

struct Paper;

impl News for Paper {}

async fn send(transport: &mut impl Transport, text: &'static str) {
    transport.send(Bytes::from_static(text.as_bytes()), TransferFormat::Text).unwrap();
    poll_fn(|cx| transport.poll_flush(cx)).await.unwrap();
}

#[tokio::test]
async fn a_message_that_is_sent_while_the_answer_is_on_its_way_comes_after_it() {
    let hubs = Hubs::new().map("/", NewsContract, Paper);
    let (mut client, mut server) = memory::pair(1);
    // The answer has no room until the client reads.
    send(&mut server, " ").await;
    let request = http::Request::new(()).into_parts().0;
    serve_in_process(hubs.runtime::<NewsContract>(None), ConnectionId::new("c"), request, server)
        .await
        .expect("the hub lets everyone in");
    send(&mut client, "{\"protocol\":\"json\",\"version\":1}\u{1e}").await;
    let context = hubs.context::<NewsContract>();
    let metrics = hubs.metrics::<NewsContract>();
    let connected = async {
        while metrics.connections() == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(5), connected).await.expect("it is found before its client has the answer");
    context.clients().all().news("first".to_owned()).await.unwrap();
    let mut read = Vec::new();
    while read.iter().filter(|byte| **byte == 0x1e).count() < 2 {
        let received = timeout(Duration::from_secs(5), poll_fn(|cx| client.poll_receive(cx, &mut read))).await;
        received.expect("in time").expect("the server is there").unwrap();
    }
    assert_eq!(
        String::from_utf8(read).unwrap(),
        " {}\u{1e}{\"type\":1,\"target\":\"News\",\"arguments\":[\"first\"]}\u{1e}"
    );
}
