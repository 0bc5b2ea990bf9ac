//! Sessions over WebSockets, frame by frame: which frames carry what, and how a connection ends.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::Instant,
};

use super::{
    CLOSE_FRAME, CLOSED_1000, HubOptions, Server, UPGRADE, answer,
    sessions::{HANDSHAKE, RESULT, call, frame, short_timeouts, start, text, websocket_at},
    soon, text_frame,
};

const CLOSED_1011: [u8; 4] = [0x88, 2, 0x03, 0xF3];
const BYE: &str = "{\"type\":7}\u{1e}";

async fn rest(socket: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    soon(socket.read_to_end(&mut rest)).await.unwrap();
    rest
}

/// The frame of the client with another first byte.
fn with_head(first: u8, mut frame: Vec<u8>) -> Vec<u8> {
    frame[0] = first;
    frame
}

/// Case 25.
#[tokio::test]
async fn the_kind_of_a_message_is_that_of_the_protocol_whatever_the_client_uses() {
    let server = start(HubOptions::default()).await;
    let (_, mut socket) = server.upgrade("/chat", "").await;
    socket.write_all(&with_head(0x82, text_frame(HANDSHAKE))).await.unwrap();
    assert_eq!(frame(&mut socket).await, text("{}\u{1e}"), "JSON goes out as text");

    let (_, mut socket) = server.upgrade("/chat", "").await;
    socket.write_all(&text_frame(&HANDSHAKE.replace("json", "foo"))).await.unwrap();
    let refusal = text("{\"error\":\"The protocol 'foo' is not supported.\"}\u{1e}");
    assert_eq!(frame(&mut socket).await, refusal, "refusals are text");
    assert_eq!(frame(&mut socket).await, CLOSED_1000);
}

#[cfg(feature = "messagepack")]
#[tokio::test]
async fn messagepack_is_answered_in_binary_from_the_handshake_on() {
    let server = start(HubOptions::default()).await;
    let (_, mut socket) = server.upgrade("/chat", "").await;
    socket.write_all(&text_frame(&HANDSHAKE.replace("json", "messagepack"))).await.unwrap();
    let answer = frame(&mut socket).await;
    assert_eq!(answer, with_head(0x82, text("{}\u{1e}")));
}

#[tokio::test]
async fn messages_may_be_cut_and_joined_at_will() {
    let server = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    let whole = call("Echo", "[\"a\"]");
    let (one, other) = whole.split_at(30);
    let (two, three) = other.split_at(10);
    for part in [one, two, three] {
        socket.write_all(&text_frame(part)).await.unwrap();
    }
    assert_eq!(frame(&mut socket).await, text(RESULT), "one message in three");
    let first = with_head(0x01, text_frame(one));
    let last = with_head(0x80, text_frame(&format!("{two}{three}")));
    socket.write_all(&[first, last].concat()).await.unwrap();
    assert_eq!(frame(&mut socket).await, text(RESULT), "in two fragments");
    let short = call("echo", "[\"a\"]").replace("\"invocationId\":\"1\",", "");
    let both = format!("{short}{whole}");
    let [high, low] = u16::try_from(both.len()).unwrap().to_be_bytes();
    let head = [0x81, 0x80 | 126, high, low, 0, 0, 0, 0];
    socket.write_all(&[&head, both.as_bytes()].concat()).await.unwrap();
    assert_eq!(frame(&mut socket).await, text(RESULT), "two in one, of which one asks for no answer");
}

#[tokio::test]
async fn a_frame_may_be_cut_at_every_byte() {
    let server = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    socket.set_nodelay(true).unwrap();
    // A mask that changes every byte, so that a cut inside the payload must go on with the right one.
    let key = [0x11, 0x22, 0x33, 0x44];
    let mut whole = text_frame(&call("Echo", "[\"a\"]"));
    whole[2..6].copy_from_slice(&key);
    whole[6..].iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    for cut in 1..whole.len() {
        for part in [&whole[..cut], &whole[cut..]] {
            socket.write_all(part).await.unwrap();
            // The server has read it before the rest is sent: it runs on this thread, too.
            for _ in 0..4 {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(frame(&mut socket).await, text(RESULT), "cut at {cut}");
    }
}

#[tokio::test]
async fn handshake_and_call_in_the_segment_of_the_upgrade() {
    let server = start(HubOptions::default()).await;
    let mut socket = server.connect().await;
    let frames = [text_frame(HANDSHAKE), text_frame(&call("Echo", "[\"a\"]"))].concat();
    let mut first = format!("GET /chat HTTP/1.1\r\nHost: a\r\n{UPGRADE}\r\n").into_bytes();
    first.extend(frames);
    socket.write_all(&first).await.unwrap();
    assert_eq!(answer(&mut socket, "GET").await.status, 101);
    let mut said = frame(&mut socket).await[2..].to_vec();
    while !said.ends_with(RESULT.as_bytes()) {
        said.extend(&frame(&mut socket).await[2..]);
    }
    assert_eq!(said, format!("{{}}\u{1e}{RESULT}").into_bytes());
}

#[tokio::test]
async fn a_large_result_is_one_message() {
    let server = start(HubOptions::default()).await;
    let mut socket = websocket_at(&server, "/chat").await;
    socket.write_all(&text_frame(&call("Large", "[200000]"))).await.unwrap();
    let expected = RESULT.replace("\"a\"", &format!("\"{}\"", "x".repeat(200_000)));
    let mut head = [0; 10];
    soon(socket.read_exact(&mut head)).await.unwrap();
    assert_eq!(head[..2], [0x81, 127], "final, text");
    assert_eq!(u64::from_be_bytes(head[2..].try_into().unwrap()), expected.len() as u64);
    let mut payload = vec![0; expected.len()];
    soon(socket.read_exact(&mut payload)).await.unwrap();
    assert_eq!(payload, expected.into_bytes());
}

#[tokio::test]
async fn the_hub_ends_a_connection() {
    let server = start(HubOptions::default()).await;
    let mut aborted = websocket_at(&server, "/chat").await;
    aborted.write_all(&text_frame(&call("Abort", "[]"))).await.unwrap();
    let mut said = Vec::new();
    while !said.ends_with(BYE.as_bytes()) {
        said = frame(&mut aborted).await;
    }
    assert_eq!(frame(&mut aborted).await, CLOSED_1000);

    let mut refused = websocket_at(&server, "/chat?refuse").await;
    let why = text("{\"type\":7,\"error\":\"Connection closed with an error.\"}\u{1e}");
    assert_eq!(frame(&mut refused).await, why);
    assert_eq!(frame(&mut refused).await, CLOSED_1000);

    let mut panicked = websocket_at(&server, "/chat?panic").await;
    panicked.write_all(&text_frame(BYE)).await.unwrap();
    assert_eq!(frame(&mut panicked).await, text(BYE));
    assert_eq!(frame(&mut panicked).await, CLOSED_1011);
}

/// Case 23.
#[tokio::test]
async fn frames_that_carry_nothing_do_not_come_without_end() {
    let server = start(HubOptions::default()).await;
    for (first, frame) in [
        (vec![0x01, 0x80, 0, 0, 0, 0], [0x00, 0x80, 0, 0, 0, 0]),
        (vec![], [0x81, 0x80, 0, 0, 0, 0]),
        (vec![], [0x8A, 0x80, 0, 0, 0, 0]),
    ] {
        let mut socket = websocket_at(&server, "/chat").await;
        // The server may have closed the socket before all was sent.
        let _ = socket.write_all(&[first, frame.repeat(5_000)].concat()).await;
        let said = rest(&mut socket).await;
        assert!(said.ends_with(&[0x88, 2, 0x03, 0xF0]), "{:?}", said.len());
    }
}

#[tokio::test]
async fn the_client_ends_a_connection() {
    let server = start(HubOptions::default()).await;
    for close in [CLOSE_FRAME.to_vec(), vec![0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9]] {
        let mut socket = websocket_at(&server, "/chat").await;
        socket.write_all(&close).await.unwrap();
        assert_eq!(rest(&mut socket).await, CLOSED_1000);
    }
}

/// Case 27.
#[tokio::test]
async fn a_client_that_ignores_the_close_frame_is_dropped() {
    let server: Server = start(short_timeouts().keep_alive_interval(Duration::from_secs(15))).await;
    let mut socket = websocket_at(&server, "/chat").await;
    socket.write_all(&text_frame(BYE)).await.unwrap();
    let begun = Instant::now();
    assert_eq!(rest(&mut socket).await, [&text(BYE)[..], &CLOSED_1000].concat());
    assert!(begun.elapsed() >= Duration::from_millis(300), "the client had its time to answer");
}
