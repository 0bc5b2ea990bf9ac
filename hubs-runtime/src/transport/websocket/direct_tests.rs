//! Writing past the session, on real TCP sockets.

use std::{future::poll_fn, time::Duration};

use bytes::Bytes;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::TcpWebSocket;
use crate::{ids::TransferFormat, transport::Transport};

async fn soon<F: Future>(future: F) -> F::Output {
    timeout(Duration::from_secs(10), future).await.expect("within the time limit")
}

async fn pair() -> (TcpWebSocket, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    server.writable().await.unwrap();
    (TcpWebSocket::over_tcp(server, &[], None), client)
}

#[tokio::test]
async fn what_the_socket_takes_leaves_at_once() {
    let (socket, mut client) = pair().await;
    let direct = socket.direct().unwrap().upgrade().unwrap();
    assert_eq!(direct.write_now(Bytes::from_static(b"one"), TransferFormat::Text), Some(5));
    assert_eq!(direct.write_now(Bytes::from_static(b"two"), TransferFormat::Binary), Some(10));
    let mut bytes = [0; 10];
    soon(client.read_exact(&mut bytes)).await.unwrap();
    assert_eq!(&bytes, b"\x81\x03one\x82\x03two");
    drop(direct);
    let way = socket.direct().unwrap();
    drop(socket);
    assert!(way.upgrade().is_none(), "the way ends with the session");
    assert_eq!(soon(client.read(&mut bytes)).await.unwrap(), 0, "and so does the socket");
}

#[tokio::test]
async fn a_full_socket_leaves_the_rest_to_the_session() {
    const BATCH: usize = 100_000;
    let (mut socket, mut client) = pair().await;
    let direct = socket.direct().unwrap().upgrade().unwrap();
    let mut batches = 0;
    loop {
        let batch = Bytes::from(vec![b'0' + (batches % 10) as u8; BATCH]);
        batches += 1;
        if direct.write_now(batch, TransferFormat::Text).is_none() {
            break;
        }
    }
    let sent = socket.bytes_sent();
    assert!(sent < (batches * (BATCH + 10)) as u64, "the last one is not through");
    let reader = tokio::spawn(async move {
        let mut bytes = vec![0; batches * (BATCH + 10)];
        soon(client.read_exact(&mut bytes)).await.unwrap();
        bytes
    });
    soon(poll_fn(|cx| socket.poll_flush(cx))).await.unwrap();
    let bytes = soon(reader).await.unwrap();
    assert_eq!(socket.bytes_sent(), bytes.len() as u64);
    for (index, frame) in bytes.chunks(BATCH + 10).enumerate() {
        assert_eq!(frame[..2], [0x81, 127], "frame {index}");
        assert!(frame[10..].iter().all(|byte| *byte == b'0' + (index % 10) as u8), "frame {index}");
    }
}
