//! What a stranger sends that no client would: requests made to be read in two ways, heads without end, names that are no
//! methods, answers to questions that others were asked.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    CLOSE_FRAME, HubOptions, Server, UPGRADE, ask, idle_sockets, resource_limits,
    resource_limits::{send, until},
    sessions,
    sessions::{EchoHubContract, EchoImpl, negotiated, websocket, websocket_at},
    soon,
};
use crate::{CloseReason, Hubs, server::serve::Limits};

/// A server with the limits of `Hubs::serve`.
async fn served() -> Server {
    idle_sockets::start(Limits::default()).await
}

/// All that comes until the server closes the socket.
async fn rest(socket: &mut TcpStream) -> String {
    let mut rest = Vec::new();
    let _ = soon(socket.read_to_end(&mut rest)).await;
    String::from_utf8_lossy(&rest).into_owned()
}

/// Case 14: requests that two servers on the way may read in two ways. None is answered twice, so that what is hidden in a
/// body is never taken for a request.
#[tokio::test]
async fn case_14_no_request_is_read_in_two_ways() {
    const HIDDEN: &str = "GET /livez HTTP/1.1\r\nHost: b\r\n\r\n";
    let server = served().await;
    let length = HIDDEN.len();
    let cases = [
        ("two lengths", format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n{HIDDEN}")),
        ("two lengths in one line", format!("Content-Length: 0, {length}\r\n\r\n{HIDDEN}")),
        (
            "a length and chunks",
            format!("Content-Length: {length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{HIDDEN}"),
        ),
        (
            "two encodings",
            format!("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{HIDDEN}"),
        ),
        ("an unknown encoding", format!("Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{HIDDEN}")),
        ("a space before the colon", format!("Content-Length : {length}\r\n\r\n{HIDDEN}")),
        (
            "a line feed in the extension of a chunk",
            format!("Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n{HIDDEN}"),
        ),
        (
            "a chunk of twenty digits",
            format!("Transfer-Encoding: chunked\r\n\r\n11111111111111111111\r\nx\r\n0\r\n\r\n{HIDDEN}"),
        ),
        ("a negative length", format!("Content-Length: -1\r\n\r\n{HIDDEN}")),
    ];
    for (what, request) in cases {
        let target = negotiated(&server).await;
        let mut socket = server.connect().await;
        let request = format!("POST {target} HTTP/1.1\r\nHost: a\r\n{request}");
        let _ = socket.write_all(request.as_bytes()).await;
        let answers = rest(&mut socket).await;
        assert!(answers.matches("HTTP/1.1 ").count() <= 1, "{what}: {answers}");
        assert!(!answers.contains("HTTP/1.1 404"), "{what}: the hidden request was answered: {answers}");
    }
    assert_eq!(server.request("POST", "/chat/negotiate", "").await.status, 200, "others go on");
}

/// Case 15: heads that are kept in memory while they come.
#[tokio::test]
async fn case_15_heads_without_end_are_refused() {
    let server = served().await;
    let many =
        |name: fn(usize) -> String| (0..10_000).map(|number| format!("{}: a\r\n", name(number))).collect::<String>();
    let cases = [
        ("10 000 headers", format!("/chat HTTP/1.1\r\n{}", many(|number| format!("x-{number}")))),
        ("one header 10 000 times", format!("/chat HTTP/1.1\r\n{}", many(|_| "x-a".to_owned()))),
        ("a header of 1 MB", format!("/chat HTTP/1.1\r\nx-a: {}\r\n", "a".repeat(1_000_000))),
        ("a query of 64 KiB", format!("/chat?a={} HTTP/1.1\r\n", "a".repeat(64 * 1024))),
    ];
    for (what, head) in cases {
        let mut socket = server.connect().await;
        // The server may close before it has read all of it, and its answer is then lost.
        let _ = socket.write_all(format!("GET {head}Host: a\r\n\r\n").as_bytes()).await;
        let answer = rest(&mut socket).await;
        let refused = ["HTTP/1.1 431 ", "HTTP/1.1 414 "].iter().any(|status| answer.starts_with(status));
        assert!(refused || answer.is_empty(), "{what}: {answer}");
    }
    assert_eq!(server.request("POST", "/chat/negotiate", "").await.status, 200, "others go on");
}

/// Case 18: a message of separators alone ends the connection at the first.
#[tokio::test]
async fn case_18_messages_without_anything_in_them_end_the_connection() {
    let hubs = Hubs::new().map("/chat", EchoHubContract, EchoImpl);
    let metrics = hubs.metrics::<EchoHubContract>();
    let server = sessions::serve(hubs).await;
    let separators = "\u{1e}".repeat(32_000);
    let mut socket = websocket(&server).await;
    send(&mut socket, &separators).await;
    let close = until(&mut socket, "\"type\":7").await;
    assert_eq!(close.matches("\"type\"").count(), 1, "one message: {close}");
    let target = sessions::polled(&server).await;
    assert_eq!(server.post(&target, &separators).await.status, 200);
    let close = server.request("GET", &target, "").await.body;
    assert!(close.starts_with(r#"{"type":7,"error":"#), "{close}");
    assert_eq!(metrics.closes(CloseReason::ProtocolError), 2);
}

/// Case 26: what is not compressed cannot be a bomb, and tells nothing of secrets by its length.
#[tokio::test]
async fn case_26_compression_is_not_agreed_to() {
    let server = served().await;
    let mut socket = server.connect().await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let answer = ask(&mut socket, "GET", "/chat", &format!("Host: a\r\n{UPGRADE}{offer}")).await;
    assert_eq!((answer.status, answer.header("sec-websocket-extensions")), (101, None));
    // A frame with the bit of that extension is against the protocol.
    socket.write_all(&[0xC1, 0x81, 0, 0, 0, 0, b'a']).await.unwrap();
    let mut rest = Vec::new();
    let read = async {
        while !rest.ends_with(&[0x88, 2, 0x03, 0xEA]) {
            rest.push(socket.read_u8().await.expect("the server closes with 1002"));
        }
    };
    soon(read).await;
    let _ = socket.write_all(&CLOSE_FRAME).await;
}

/// Case 41: only what the contract has can be called.
#[tokio::test]
async fn case_41_only_methods_of_the_contract_can_be_called() {
    let server = sessions::start(HubOptions::default()).await;
    let mut socket = websocket(&server).await;
    for name in [
        "OnConnected",
        "OnConnectedAsync",
        "on_connected",
        "OnDisconnected",
        "on_disconnected",
        "Drop",
        "drop",
        "Clone",
        "Dispose",
        "ToString",
        "__proto__",
        "constructor",
        "EchoHub.Echo",
        "Echo ",
        " Echo",
        "Echo\\u0000",
        "",
    ] {
        send(&mut socket, &format!(r#"{{"type":1,"invocationId":"1","target":"{name}","arguments":[]}}"#)).await;
        let answer = until(&mut socket, "\u{1e}").await;
        assert!(answer.contains("HubException: Method does not exist."), "{name:?}: {answer}");
    }
    // SignalR finds methods in any case, and so does this; the number of arguments has to fit.
    send(&mut socket, r#"{"type":1,"invocationId":"1","target":"eCHO","arguments":["a"]}"#).await;
    assert!(until(&mut socket, "\u{1e}").await.contains(r#""result":"a""#));
    for arguments in ["[]", r#"["a","b"]"#] {
        send(&mut socket, &format!(r#"{{"type":1,"invocationId":"1","target":"Echo","arguments":{arguments}}}"#)).await;
        let answer = until(&mut socket, "\u{1e}").await;
        assert!(answer.contains("Failed to invoke 'Echo' due to an error on the server."), "{answer}");
    }
}

/// Case 36: an answer is taken from the client that was asked alone.
#[tokio::test]
async fn case_36_no_client_answers_for_another() {
    let (server, _dropped, metrics) = resource_limits::start(HubOptions::default()).await;
    let (mut asked, mut other) = (websocket_at(&server, "/chat").await, websocket_at(&server, "/chat").await);
    send(&mut asked, r#"{"type":1,"invocationId":"1","target":"Ask","arguments":[]}"#).await;
    let question = until(&mut asked, "\u{1e}").await;
    let id = question.split(r#""invocationId":""#).nth(1).and_then(|rest| rest.split('"').next()).expect("an id");
    let answer = |id: &str, value: &str| format!(r#"{{"type":3,"invocationId":"{id}","result":{value}}}"#);
    // Of ids that no call has nothing comes, from either client.
    for unknown in ["x", "0", "18446744073709551616", "-1"] {
        send(&mut other, &answer(unknown, "7")).await;
    }
    send(&mut other, r#"{"type":1,"invocationId":"mine","target":"Nothing","arguments":[]}"#).await;
    until(&mut other, r#""invocationId":"mine""#).await;
    send(&mut other, &answer(id, "7")).await;
    until(&mut other, r#""type":7"#).await;
    assert_eq!(metrics.pending_client_results(), 1, "the call still waits");
    send(&mut asked, &answer(id, "42")).await;
    assert!(until(&mut asked, r#""result":42"#).await.contains(r#""invocationId":"1""#));
    // A second answer is to nothing, and an answer of the wrong type is an error of the call.
    send(&mut asked, &answer(id, "43")).await;
    send(&mut asked, r#"{"type":1,"invocationId":"2","target":"Ask","arguments":[]}"#).await;
    let question = until(&mut asked, "\"target\":\"Answer\"").await;
    let rest = until(&mut asked, "\u{1e}").await;
    let question = question + &rest;
    let id = question.split(r#""invocationId":""#).last().and_then(|rest| rest.split('"').next()).expect("an id");
    send(&mut asked, &answer(id, r#""text""#)).await;
    let failed = until(&mut asked, r#""invocationId":"2""#).await;
    assert!(failed.contains("\"type\":3"), "{failed}");
    assert_eq!(metrics.pending_client_results(), 0);
    assert_eq!(metrics.closes(CloseReason::ProtocolError), 1);
}
