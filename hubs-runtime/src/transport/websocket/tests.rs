//! The rules of RFC 6455 and of SignalR on raw frames, over a pipe in memory.

use std::{
    future::poll_fn,
    io,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::timeout,
};

use super::IoWebSocket as WebSocket;
use crate::{
    ids::TransferFormat,
    transport::{CloseCode, Transport, TransportError, TransportKind},
};

const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;
const KEY: [u8; 4] = [7, 99, 200, 31];

async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(10), future).await.expect("within the time limit")
}

/// A client's frame: `first` is its first byte, with FIN and opcode.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        short @ 0..=125 => bytes.push(0x80 | short as u8),
        middle @ 126..=0xFFFF => {
            bytes.push(0x80 | 126);
            bytes.extend((middle as u16).to_be_bytes());
        }
        long => {
            bytes.push(0x80 | 127);
            bytes.extend((long as u64).to_be_bytes());
        }
    }
    bytes.extend(KEY);
    bytes.extend(payload.iter().enumerate().map(|(i, byte)| byte ^ KEY[i % 4]));
    bytes
}

fn close_frame(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason].concat())
}

fn open(limit: Option<usize>) -> (WebSocket<DuplexStream>, DuplexStream) {
    let (server, client) = tokio::io::duplex(1024 * 1024);
    (WebSocket::new(server, &[], limit), client)
}

async fn receive(socket: &mut WebSocket<DuplexStream>) -> Option<Result<Bytes, TransportError>> {
    let mut bytes = Vec::new();
    let received = soon(poll_fn(|cx| socket.poll_receive(cx, &mut bytes))).await?;
    Some(received.map(|()| bytes.into()))
}

async fn receive_exactly(socket: &mut WebSocket<DuplexStream>, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        bytes.extend(receive(socket).await.expect("more").expect("valid frames"));
    }
    assert_eq!(bytes.len(), count);
    bytes
}

async fn flush(socket: &mut WebSocket<DuplexStream>) -> Result<(), TransportError> {
    soon(poll_fn(|cx| socket.poll_flush(cx))).await
}

fn flush_now(socket: &mut WebSocket<DuplexStream>) -> Poll<Result<(), TransportError>> {
    socket.poll_flush(&mut Context::from_waker(Waker::noop()))
}

async fn close(socket: &mut WebSocket<DuplexStream>) {
    soon(poll_fn(|cx| socket.poll_close(cx, CloseCode::Normal))).await;
}

async fn read(client: &mut DuplexStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    soon(client.read_exact(&mut bytes)).await.unwrap();
    bytes
}

async fn read_all(client: &mut DuplexStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    soon(client.read_to_end(&mut bytes)).await.unwrap();
    bytes
}

/// Sends `bytes`, lets the server read until it has had enough, and gives what the server said to the client.
async fn answer_to(bytes: &[u8]) -> (Vec<u8>, Result<Vec<u8>, TransportError>) {
    let (mut socket, mut client) = open(Some(32 * 1024));
    client.write_all(bytes).await.unwrap();
    let mut received = Ok(Vec::new());
    while let Some(portion) = receive(&mut socket).await {
        match (portion, &mut received) {
            (Ok(bytes), Ok(all)) => all.extend(bytes),
            (Err(error), _) => received = Err(error),
            (Ok(_), Err(_)) => panic!("bytes after an error"),
        }
    }
    let closer = tokio::spawn(async move { close(&mut socket).await });
    let said = read_all(&mut client).await;
    drop(client);
    soon(closer).await.unwrap();
    (said, received)
}

#[tokio::test]
async fn frames_cut_at_every_byte_give_the_same_bytes() {
    let messages = [
        frame(TEXT, "grüße ✓".as_bytes()),
        frame(PING, b"?"),
        frame(BINARY, &[7; 300]),
        frame(TEXT, b""),
        frame(0x01, "a✓".as_bytes()),
        frame(PING, b"in between"),
        frame(0x80, b"z"),
    ]
    .concat();
    let expected = ["grüße ✓".as_bytes(), &[7; 300], "a✓".as_bytes(), b"z"].concat();
    for cut in 0..=messages.len() {
        let (server, mut client) = tokio::io::duplex(4096);
        let mut socket = WebSocket::new(server, &messages[..cut], Some(32 * 1024));
        client.write_all(&messages[cut..]).await.unwrap();
        assert_eq!(receive_exactly(&mut socket, expected.len()).await, expected, "cut at {cut}");
        flush(&mut socket).await.unwrap();
        let pongs = [&[PONG, 1][..], b"?", &[PONG, 10], b"in between"].concat();
        assert_eq!(read(&mut client, pongs.len()).await, pongs, "cut at {cut}");
    }
}

#[tokio::test]
async fn one_byte_at_a_time() {
    let (mut socket, mut client) = open(None);
    let sent = frame(TEXT, "long enough for one".repeat(20).as_bytes());
    let writer = tokio::spawn(async move {
        for byte in sent {
            client.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
        client
    });
    let received = receive_exactly(&mut socket, 380).await;
    assert_eq!(received, "long enough for one".repeat(20).into_bytes());
    soon(writer).await.unwrap();
}

#[tokio::test]
async fn a_batch_leaves_as_one_message_of_the_asked_format() {
    for (size, head) in [
        (1, vec![1]),
        (125, vec![125]),
        (126, vec![126, 0, 126]),
        (0xFFFF, vec![126, 0xFF, 0xFF]),
        (0x1_0000, vec![127, 0, 0, 0, 0, 0, 1, 0, 0]),
    ] {
        for (format, first) in [(TransferFormat::Text, TEXT), (TransferFormat::Binary, BINARY)] {
            let (mut socket, mut client) = open(None);
            socket.send(Bytes::from(vec![b'a'; size]), format).unwrap();
            assert_eq!(socket.bytes_sent(), 0);
            flush(&mut socket).await.unwrap();
            let whole = 1 + head.len() + size;
            assert_eq!(socket.bytes_sent(), whole as u64);
            let written = read(&mut client, whole).await;
            assert_eq!(written[0], first);
            assert_eq!(written[1..=head.len()], head);
            assert!(written[1 + head.len()..].iter().all(|byte| *byte == b'a'));
        }
    }
}

#[tokio::test]
async fn nothing_is_sent_for_an_empty_batch_and_a_second_batch_waits_for_the_flush() {
    let (mut socket, mut client) = open(None);
    socket.send(Bytes::new(), TransferFormat::Text).unwrap();
    socket.send(Bytes::from_static(b"a"), TransferFormat::Text).unwrap();
    assert!(socket.send(Bytes::from_static(b"b"), TransferFormat::Text).is_err());
    flush(&mut socket).await.unwrap();
    socket.send(Bytes::from_static(b"c"), TransferFormat::Text).unwrap();
    flush(&mut socket).await.unwrap();
    assert_eq!(read(&mut client, 6).await, [TEXT, 1, b'a', TEXT, 1, b'c']);
}

#[tokio::test]
async fn progress_shows_while_a_slow_reader_reads() {
    let (server, mut client) = tokio::io::duplex(100);
    let mut socket = WebSocket::new(server, &[], None);
    socket.send(Bytes::from(vec![b'a'; 1000]), TransferFormat::Text).unwrap();
    assert!(flush_now(&mut socket).is_pending());
    assert_eq!(socket.bytes_sent(), 100);
    read(&mut client, 60).await;
    assert!(flush_now(&mut socket).is_pending());
    assert_eq!(socket.bytes_sent(), 160);
    let (rest, flushed) = tokio::join!(read(&mut client, 944), flush(&mut socket));
    flushed.unwrap();
    assert_eq!((rest.len(), socket.bytes_sent()), (944, 1004));
}

#[tokio::test]
async fn pings_are_answered_while_the_session_only_receives() {
    let (mut socket, mut client) = open(None);
    let server = tokio::spawn(async move { receive(&mut socket).await });
    client.write_all(&frame(PING, b"still there?")).await.unwrap();
    assert_eq!(read(&mut client, 14).await, [&[PONG, 12][..], b"still there?"].concat());
    client.write_all(&frame(PONG, b"unasked")).await.unwrap();
    client.write_all(&frame(TEXT, b"data")).await.unwrap();
    assert_eq!(soon(server).await.unwrap().unwrap().unwrap(), "data");
}

/// Case 24.
#[tokio::test]
async fn a_flood_of_pings_that_reads_no_answer_takes_no_memory() {
    let (server, mut client) = tokio::io::duplex(1000);
    let mut socket = WebSocket::new(server, &[], None);
    let writer = tokio::spawn(async move {
        for number in 0..4_000_u32 {
            client.write_all(&frame(PING, &number.to_be_bytes())).await.unwrap();
        }
        client.write_all(&frame(TEXT, b"through")).await.unwrap();
        client
    });
    assert_eq!(receive_exactly(&mut socket, 7).await, b"through");
    let mut client = soon(writer).await.unwrap();
    socket.send(Bytes::from_static(b"end"), TransferFormat::Text).unwrap();
    let reader = tokio::spawn(async move {
        let mut said = Vec::new();
        while !said.ends_with(b"end") {
            soon(client.read_buf(&mut said)).await.unwrap();
        }
        said
    });
    flush(&mut socket).await.unwrap();
    let said = soon(reader).await.unwrap();
    assert!(said.len() < 2000, "{} bytes of answers were kept", said.len());
    let newest = [&[PONG, 4][..], &3_999_u32.to_be_bytes()].concat();
    assert!(said.windows(6).any(|window| window == newest), "the newest ping is answered");
}

#[tokio::test]
async fn every_valid_close_is_answered_with_1000_and_no_reason() {
    let empty = frame(CLOSE, b"");
    for said in
        [empty, close_frame(1000, b""), close_frame(1001, b"bye"), close_frame(3000, b""), close_frame(4999, b"")]
    {
        let (answer, received) = answer_to(&[frame(TEXT, b"last"), said].concat()).await;
        assert_eq!(answer, [CLOSE, 2, 0x03, 0xE8]);
        assert_eq!(received.unwrap(), b"last");
    }
}

/// Cases 22 and 25.
#[tokio::test]
async fn broken_rules_are_answered_with_their_code() {
    const PROTOCOL: u16 = 1002;
    const NOT_UTF8: u16 = 1007;
    const TOO_LARGE: u16 = 1009;
    let huge = [&[BINARY, 0xFF][..], &u64::MAX.to_be_bytes(), &KEY].concat();
    let in_parts = |part: usize| {
        let more = frame(0x00, &vec![b'a'; part]);
        [frame(0x01, &vec![b'a'; part]), more.clone(), more].concat()
    };
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        ("unmasked", vec![TEXT, 1, b'a'], PROTOCOL),
        ("reserved bit", frame(TEXT | 0x40, b"a"), PROTOCOL),
        ("reserved data opcode", frame(0x83, b"a"), PROTOCOL),
        ("reserved control opcode", frame(0x8B, b""), PROTOCOL),
        ("ping in fragments", frame(0x09, b""), PROTOCOL),
        ("ping too long", frame(PING, &[0; 126]), PROTOCOL),
        ("continuation of nothing", frame(0x80, b"a"), PROTOCOL),
        ("text inside text", [frame(0x01, b"a"), frame(TEXT, b"b")].concat(), PROTOCOL),
        ("close with half a code", frame(CLOSE, &[3]), PROTOCOL),
        ("close with 999", close_frame(999, b""), PROTOCOL),
        ("close with 1005", close_frame(1005, b""), PROTOCOL),
        ("close with 1006", close_frame(1006, b""), PROTOCOL),
        ("close with 5000", close_frame(5000, b""), PROTOCOL),
        ("close with a bad reason", close_frame(1000, b"\xff"), NOT_UTF8),
        ("bad text", frame(TEXT, b"a\xff"), NOT_UTF8),
        ("bad text, message not at its end", frame(0x01, b"a\xff"), NOT_UTF8),
        ("text that ends inside a character", frame(TEXT, b"\xe2\x82"), NOT_UTF8),
        ("a claim of the largest length", huge, TOO_LARGE),
        ("a message over 1 MiB", [&[BINARY, 0xFF][..], &1_048_577_u64.to_be_bytes(), &KEY].concat(), TOO_LARGE),
        ("a message over 1 MiB, in parts", in_parts(349_600), TOO_LARGE),
    ];
    for (what, bytes, code) in cases {
        let (server, mut client) = tokio::io::duplex(2 * 1024 * 1024);
        let mut socket = WebSocket::new(server, &[], Some(32 * 1024));
        client.write_all(&bytes).await.unwrap();
        let error = loop {
            match receive(&mut socket).await.unwrap_or_else(|| panic!("{what}: no error")) {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(matches!(error, TransportError::TooLarge), code == TOO_LARGE, "{what}: {error}");
        assert!(receive(&mut socket).await.is_none(), "{what}: it is over");
        client.write_all(&frame(TEXT, b"more, unread")).await.unwrap();
        let closer = tokio::spawn(async move { close(&mut socket).await });
        let [high, low] = code.to_be_bytes();
        assert_eq!(read_all(&mut client).await, [CLOSE, 2, high, low], "{what}");
        drop(client);
        soon(closer).await.unwrap();
    }
}

#[tokio::test]
async fn fragments_of_text_may_cut_a_character() {
    let check = "✓".as_bytes();
    let parts = [frame(0x01, &check[..1]), frame(0x00, &check[1..2]), frame(0x80, &check[2..])].concat();
    let (_, received) = answer_to(&[parts, frame(CLOSE, b"")].concat()).await;
    assert_eq!(received.unwrap(), check);
}

#[tokio::test]
async fn a_large_message_is_handed_over_as_it_comes() {
    let (mut socket, mut client) = open(None);
    let claimed = [&[BINARY, 0xFF][..], &(1_u64 << 40).to_be_bytes(), &KEY, b"begin"].concat();
    client.write_all(&claimed).await.unwrap();
    assert_eq!(receive(&mut socket).await.unwrap().unwrap().len(), 5);
}

#[tokio::test]
async fn our_close_follows_the_batch_and_waits_for_the_clients() {
    let (mut socket, mut client) = open(None);
    socket.send(Bytes::from_static(b"last"), TransferFormat::Text).unwrap();
    let closer = tokio::spawn(async move {
        soon(poll_fn(|cx| socket.poll_close(cx, CloseCode::InternalError))).await;
        socket
    });
    let said = [&[TEXT, 4][..], b"last", &[CLOSE, 2, 0x03, 0xF3]].concat();
    assert_eq!(read(&mut client, said.len()).await, said);
    client.write_all(&[frame(TEXT, b"crossed"), frame(PING, b"")].concat()).await.unwrap();
    tokio::task::yield_now().await;
    assert!(!closer.is_finished());
    client.write_all(&frame(CLOSE, b"")).await.unwrap();
    let mut socket = soon(closer).await.unwrap();
    assert!(read_all(&mut client).await.is_empty(), "no answer to the ping after our Close");
    assert!(socket.send(Bytes::from_static(b"late"), TransferFormat::Text).is_err());
}

#[tokio::test]
async fn a_close_goes_out_even_if_the_client_first_wants_to_write() {
    let (server, mut client) = tokio::io::duplex(10);
    let mut socket = WebSocket::new(server, &[], None);
    socket.send(Bytes::from(vec![b'a'; 1000]), TransferFormat::Text).unwrap();
    let closer = tokio::spawn(async move { close(&mut socket).await });
    soon(client.write_all(&frame(BINARY, &[1; 1000]))).await.unwrap();
    soon(client.write_all(&frame(CLOSE, b""))).await.unwrap();
    let said = read_all(&mut client).await;
    assert_eq!((said.len(), &said[1004..]), (1008, &[CLOSE, 2, 0x03, 0xE8][..]));
    soon(closer).await.unwrap();
}

#[tokio::test]
async fn a_client_that_is_gone_ends_the_reader_without_an_error_and_fails_the_writer() {
    let (mut socket, mut client) = open(None);
    client.write_all(&frame(TEXT, b"half a message")[..9]).await.unwrap();
    drop(client);
    assert!(receive(&mut socket).await.unwrap().is_ok());
    assert!(receive(&mut socket).await.is_none());
    assert!(receive(&mut socket).await.is_none());
    socket.send(Bytes::from_static(b"unsent"), TransferFormat::Text).unwrap();
    let error = flush(&mut socket).await.unwrap_err();
    assert!(matches!(&error, TransportError::Io(error) if error.kind() == io::ErrorKind::BrokenPipe), "{error}");
    close(&mut socket).await;
    assert_eq!(socket.kind(), TransportKind::WebSockets);
}

#[tokio::test]
async fn a_ping_leaves_before_the_batch_and_its_answer_is_counted() {
    let (mut socket, mut client) = open(None);
    socket.send(Bytes::from_static(b"batch"), TransferFormat::Text).unwrap();
    socket.ping();
    socket.ping();
    flush(&mut socket).await.unwrap();
    let mut said = [0; 9];
    soon(client.read_exact(&mut said)).await.unwrap();
    assert_eq!(said, [&[PING, 0, TEXT, 5][..], b"batch"].concat()[..]);
    assert_eq!(socket.bytes_received(), 0);
    client.write_all(&frame(PONG, b"")).await.unwrap();
    assert!(socket.poll_receive(&mut Context::from_waker(Waker::noop()), &mut Vec::new()).is_pending());
    assert_eq!(socket.bytes_received(), 6);
}
