//! Requests that are left half done, where this library serves them itself.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{
    App, Server, answer,
    events::Events,
    sessions::{EchoHubContract, EchoImpl, HANDSHAKE, RESULT, call, frame, text, websocket_at},
    soon, tell, text_frame,
};
use crate::{
    Hubs,
    server::serve::{Limits, run::serve},
};

/// Long enough for those that do ask, on a machine that is busy.
const BRIEF: Duration = Duration::from_secs(2);
const LONG: Duration = Duration::from_secs(60);
const NEGOTIATE: &str = "POST /chat/negotiate?negotiateVersion=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n";
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

pub(super) async fn start(limits: Limits) -> Server {
    start_with(Hubs::new(), limits).await
}

async fn start_with(hubs: Hubs, limits: Limits) -> Server {
    let hubs = hubs.map("/chat", EchoHubContract, EchoImpl);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = App::unused();
    let down = app.shutdown.clone().cancelled_owned();
    let serving = tokio::spawn(async move {
        serve(&hubs, listener, hubs.router(), limits, down).await;
        Ok(())
    });
    Server { address, app, serving }
}

/// Waits until the server closes it, with or without a reset.
async fn is_closed(mut socket: TcpStream) {
    let mut rest = Vec::new();
    let _ = soon(socket.read_to_end(&mut rest)).await;
}

/// Case 12.
#[tokio::test]
async fn sockets_that_ask_for_nothing_are_closed_and_others_are_not() {
    let mut server = start(Limits { tls: LONG, head: BRIEF, idle: BRIEF, unread: BRIEF }).await;
    let mut busy = websocket_at(&server, "/chat").await;
    let target = format!("/chat?id={}", server.negotiate().await.1);
    let mut events = Events::open(&server, &target).await;
    assert_eq!(events.next().await.unwrap(), ":\r\n");
    let mut silent = Vec::new();
    for start in ["", "GET /chat HT", "PRI * HTTP/2.0\r\n"] {
        let mut socket = server.connect().await;
        socket.write_all(start.as_bytes()).await.unwrap();
        silent.push(socket);
    }
    for socket in silent {
        is_closed(socket).await;
    }
    let mut socket = server.connect().await;
    for _ in 0..2 {
        socket.write_all(NEGOTIATE.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut socket, "POST").await.status, 200);
    }
    is_closed(socket).await;
    busy.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    assert_eq!(frame(&mut busy).await, text(RESULT));
    server.post(&target, HANDSHAKE).await.is(200, Some("text/plain"), "");
    assert_eq!(events.next().await.unwrap(), "data: {}\u{1e}\r\n\r\n");
    server.app.shutdown.cancel();
    drop((busy, events));
    soon(&mut server.serving).await.unwrap().unwrap();
}

/// Case 12.
#[cfg(feature = "tls")]
#[tokio::test]
async fn case_12_a_hello_of_tls_that_does_not_come_or_drips_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&certificate, own.cert.pem()).unwrap();
    std::fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let hubs = Hubs::new().tls(crate::TlsCertificate::from_pem_files(certificate, key).unwrap());
    let server = start_with(hubs, Limits { tls: BRIEF, head: LONG, idle: LONG, unread: LONG }).await;
    let silent = server.connect().await;
    let mut begun = server.connect().await;
    begun.write_all(&[0x16, 3, 1]).await.unwrap();
    for socket in [silent, begun] {
        is_closed(socket).await;
    }
    let (mut read, mut write) = server.connect().await.into_split();
    let drip = async move {
        // The head of a record, and a hello that never comes to its end.
        for byte in [0x16, 3, 1, 0x10, 0, 1, 0, 0x0F, 0xFC, 3, 3].into_iter().chain(std::iter::repeat(7)) {
            if write.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        _ = soon(read.read_to_end(&mut rest)) => {}
        () = drip => {}
    }
}

/// Case 12.
#[tokio::test]
async fn a_later_head_that_drips_is_cut_off_however_long_a_socket_may_be_idle() {
    let server = start(Limits { tls: LONG, head: BRIEF, idle: LONG, unread: LONG }).await;
    let mut socket = server.connect().await;
    socket.write_all(NEGOTIATE.as_bytes()).await.unwrap();
    assert_eq!(answer(&mut socket, "POST").await.status, 200);
    let (mut read, mut write) = socket.into_split();
    let drip = async move {
        for byte in NEGOTIATE.bytes().cycle() {
            if byte != b'\r' && write.write_all(&[byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let mut rest = Vec::new();
    tokio::select! {
        _ = soon(read.read_to_end(&mut rest)) => {}
        () = drip => {}
    }
}

#[tokio::test]
async fn an_http2_connection_that_asks_for_nothing_is_told_and_closed() {
    let server = start(Limits { tls: LONG, head: LONG, idle: BRIEF, unread: LONG }).await;
    let io = hyper_util::rt::TokioIo::new(server.connect().await);
    let executor = hyper_util::rt::TokioExecutor::new();
    let (mut sender, connection) = soon(hyper::client::conn::http2::handshake(executor, io)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = http::Request::post(format!("http://{}/chat/negotiate", server.address));
    let answered = soon(sender.send_request(request.body(axum::body::Body::empty()).unwrap())).await.unwrap();
    assert_eq!(answered.status(), 200);
    drop(answered);
    soon(connection).await.unwrap().expect("a graceful end");
}

/// Case 19.
#[tokio::test]
async fn floods_of_http2_frames_that_ask_for_nothing_are_cut_off() {
    let server = start(Limits { tls: LONG, head: LONG, idle: LONG, unread: LONG }).await;
    let settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
    for flood in [settings.repeat(2_000), ping.repeat(2_000)] {
        let mut socket = server.connect().await;
        socket.write_all(PREFACE).await.unwrap();
        let _ = socket.write_all(&flood).await;
        is_closed(socket).await;
    }
}

#[tokio::test]
async fn an_answer_that_is_not_read_is_given_up() {
    let server = start(Limits { tls: LONG, head: LONG, idle: LONG, unread: BRIEF }).await;
    let target = format!("/chat?id={}", server.negotiate().await.1);
    assert_eq!(server.request("GET", &target, "").await.status, 200);
    server.post(&target, HANDSHAKE).await.is(200, Some("text/plain"), "");
    assert_eq!(server.request("GET", &target, "").await.body, "{}\u{1e}");
    // Far more than the buffers of both sockets hold.
    server.post(&target, &call("Large", "[20000000]")).await.is(200, Some("text/plain"), "");
    let mut socket = server.connect().await;
    tell(&mut socket, "GET", &target, "Host: a\r\n").await;
    tokio::time::sleep(BRIEF * 2).await;
    let mut come = Vec::new();
    let _ = soon(socket.read_to_end(&mut come)).await;
    assert!(come.len() < 20_000_000, "{} bytes", come.len());
}

/// Case 14.
#[tokio::test]
async fn a_request_names_its_host_once() {
    let server = start(Limits::default()).await;
    for (version, headers, status) in [
        ("1.1", "Host: a\r\n", 200),
        ("1.1", "", 400),
        ("1.1", "Host: a\r\nHost: a\r\n", 400),
        ("1.0", "", 200),
        ("1.0", "Host: a\r\nHost: b\r\n", 400),
    ] {
        let mut socket = server.connect().await;
        let head = format!("POST /chat/negotiate HTTP/{version}\r\nContent-Length: 0\r\n{headers}\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut socket, "POST").await.status, status, "HTTP/{version} {headers:?}");
    }
}
