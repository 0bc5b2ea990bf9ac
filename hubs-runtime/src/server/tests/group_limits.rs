//! Groups without number and names without end, over real sockets: what is refused, and that the rest goes on.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{HubOptions, Server, sessions, sessions::websocket, soon};
use crate::{CloseReason, HubCallerContext, HubError, HubMetrics, HubResult, Hubs, NoClient, SendError, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
trait RoomHub {
    /// Joins groups until that fails; returns how many.
    async fn join_many(&self, cx: &Cx, count: u32, length: u32) -> HubResult<u32>;
    async fn leave(&self, cx: &Cx, number: u32, length: u32) -> HubResult<()>;
}

struct Rooms;

fn name(number: u32, length: u32) -> String {
    format!("{number:0width$}", width = length as usize)
}

impl RoomHub for Rooms {
    async fn join_many(&self, cx: &Cx, count: u32, length: u32) -> HubResult<u32> {
        for number in 0..count {
            match cx.groups().add(cx.connection_id(), name(number, length)).await {
                Ok(()) => {}
                Err(SendError::TooManyGroups(limit)) => return Ok(u32::try_from(limit)?),
                // Shown to the caller by this test alone.
                Err(error) => return Err(HubError::client(error.to_string())),
            }
        }
        Ok(count)
    }

    async fn leave(&self, cx: &Cx, number: u32, length: u32) -> HubResult<()> {
        Ok(cx.groups().remove(cx.connection_id(), name(number, length)).await?)
    }
}

async fn start(options: HubOptions) -> (Server, HubMetrics) {
    let hubs = Hubs::new().map_with("/chat", RoomHubContract, Rooms, options);
    let metrics = hubs.metrics::<RoomHubContract>();
    (sessions::serve(hubs).await, metrics)
}

/// A masked text frame of any length.
async fn send(socket: &mut TcpStream, message: &str) {
    let length = u16::try_from(message.len() + 1).unwrap().to_be_bytes();
    let frame = [&[0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0], message.as_bytes(), &[0x1e]].concat();
    socket.write_all(&frame).await.unwrap();
}

/// Reads until `text` has come.
async fn until(socket: &mut TcpStream, text: &str) -> String {
    let mut come = Vec::new();
    let read = async {
        while !String::from_utf8_lossy(&come).contains(text) {
            come.push(socket.read_u8().await.expect("the connection is there"));
        }
    };
    soon(read).await;
    String::from_utf8_lossy(&come).into_owned()
}

async fn call(socket: &mut TcpStream, target: &str, arguments: &str) -> String {
    send(socket, &format!(r#"{{"type":1,"invocationId":"1","target":"{target}","arguments":{arguments}}}"#)).await;
    until(socket, "\u{1e}").await
}

/// Case 44: a client that makes its connection join groups without end.
#[tokio::test]
async fn case_44_a_connection_joins_no_more_groups_than_it_may_and_leaves_those_it_is_in() {
    let (server, metrics) = start(HubOptions::default()).await;
    let (mut socket, mut other) = (websocket(&server).await, websocket(&server).await);
    let answer = call(&mut socket, "JoinMany", "[100000,10]").await;
    assert!(answer.contains(r#""result":1000"#), "{answer}");
    assert_eq!((metrics.groups(), metrics.refused_joins()), (1_000, 1));
    // Groups that it is in already take no room, and leaving makes some.
    assert!(call(&mut socket, "JoinMany", "[1000,10]").await.contains(r#""result":1000"#));
    assert!(call(&mut socket, "Leave", "[7,10]").await.contains(r#""result":null"#));
    assert_eq!(metrics.groups(), 999);
    assert!(call(&mut socket, "JoinMany", "[1000,10]").await.contains(r#""result":1000"#));
    assert_eq!((metrics.groups(), metrics.refused_joins()), (1_000, 1));
    // Another connection has a number of its own.
    assert!(call(&mut other, "JoinMany", "[3,11]").await.contains(r#""result":3"#));
    drop((socket, other));
    soon(async {
        while metrics.groups() > 0 || metrics.connections() > 0 {
            tokio::task::yield_now().await
        }
    })
    .await;
}

/// Case 43: the name of a group that a client has a say in.
#[tokio::test]
async fn case_43_the_name_of_a_group_is_no_longer_than_it_may() {
    let (server, metrics) = start(HubOptions::default()).await;
    let mut socket = websocket(&server).await;
    assert!(call(&mut socket, "JoinMany", "[1,1024]").await.contains(r#""result":1"#));
    let answer = call(&mut socket, "JoinMany", "[1,10240]").await;
    let why = "the group's name has 10240 bytes, and HubOptions::maximum_group_name_length allows 1024";
    assert!(answer.contains(why), "{answer}");
    assert_eq!((metrics.groups(), metrics.refused_joins()), (1, 1));
}

#[tokio::test]
async fn the_limits_of_groups_are_options() {
    let options = HubOptions::default().maximum_groups_per_connection(2).maximum_group_name_length(3);
    let (server, metrics) = start(options).await;
    let mut socket = websocket(&server).await;
    assert!(call(&mut socket, "JoinMany", "[5,3]").await.contains(r#""result":2"#));
    assert!(call(&mut socket, "JoinMany", "[5,4]").await.contains("allows 3"));
    assert_eq!((metrics.groups(), metrics.refused_joins()), (2, 2));
}

#[tokio::test]
async fn the_names_of_methods_calls_and_streams_are_no_longer_than_they_may() {
    let (server, metrics) = start(HubOptions::default()).await;
    let (fits, long) = ("x".repeat(1_024), "x".repeat(1_025));
    let message = |id: &str, target: &str, stream: &str| {
        format!(r#"{{"type":1,"invocationId":"{id}","target":"{target}","arguments":[],"streamIds":["{stream}"]}}"#)
    };
    let mut socket = websocket(&server).await;
    send(&mut socket, &message(&fits, &fits, &fits)).await;
    assert!(until(&mut socket, "\u{1e}").await.contains("Method does not exist"));
    for (number, (id, target, stream)) in
        [(&*long, "a", "b"), ("1", &*long, "b"), ("1", "a", &*long)].iter().enumerate()
    {
        let mut socket = websocket(&server).await;
        send(&mut socket, &message(id, target, stream)).await;
        until(&mut socket, r#"{"type":7,"error":"Connection closed with an error.""#).await;
        soon(async {
            while metrics.closes(CloseReason::ProtocolError) <= number as u64 {
                tokio::task::yield_now().await
            }
        })
        .await;
    }
    assert!(call(&mut socket, "JoinMany", "[1,1]").await.contains(r#""result":1"#), "others go on");
}
