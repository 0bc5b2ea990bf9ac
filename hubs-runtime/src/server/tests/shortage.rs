//! A server that runs out of file descriptors or memory, in a process of its own.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{
    Server,
    run::spawn_with,
    sessions::{RESULT, call, frame, text, websocket_at},
    soon, text_frame,
};

const NEGOTIATE: &str = "/Chat/negotiate?negotiateVersion=1";

async fn is_served(socket: &mut TcpStream) {
    socket.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    let answered = async { while frame(socket).await != text(RESULT) {} };
    // Pings come before it on a slow machine.
    soon(answered).await;
}

async fn negotiated(server: &Server) -> u16 {
    server.request("POST", NEGOTIATE, "").await.status
}

#[tokio::test]
async fn test_71_without_descriptors_open_connections_work_and_new_ones_wait() {
    let (mut child, server) = spawn_with("ulimit -n 48", "default").await;
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut socket = websocket_at(&server, "/Chat").await;
    let mut idle = Vec::new();
    for _ in 0..100 {
        idle.push(server.connect().await);
    }
    let line = soon(log.next_line()).await.unwrap().expect("the log says it");
    assert!(line.contains("ERROR") && line.contains("no new socket can be accepted"), "{line}");
    assert!(line.contains("Too many open files") && line.contains("LimitNOFILE"), "{line}");
    is_served(&mut socket).await;
    let late = async {
        assert_eq!(negotiated(&server).await, 200);
    };
    let gone = async {
        is_served(&mut socket).await;
        idle.clear();
    };
    soon(async { tokio::join!(late, gone) }).await;
    is_served(&mut websocket_at(&server, "/Chat").await).await;
}

#[tokio::test]
async fn test_71_connections_leave_descriptors_for_the_rest() {
    let (_child, server) = spawn_with("ulimit -n 150", "default").await;
    let mut sockets = Vec::new();
    for _ in 0..86 {
        sockets.push(websocket_at(&server, "/Chat").await);
    }
    server.upgrade("/Chat", "").await.0.is(503, Some("text/plain"), "The server has as many connections as it takes.");
    assert_eq!(negotiated(&server).await, 503);
    for socket in &mut sockets {
        is_served(socket).await;
    }
}

#[tokio::test]
async fn test_71_without_memory_no_connection_is_let_in_and_those_that_are_open_work() {
    let (_child, server) = spawn_with("true", &(160_usize << 20).to_string()).await;
    let mut socket = websocket_at(&server, "/Chat").await;
    let mut slow = websocket_at(&server, "/Chat").await;
    // The client does not read the answer.
    slow.write_all(&text_frame(&call("Large", "[150000000]"))).await.unwrap();
    soon(async { while negotiated(&server).await == 200 {} }).await;
    let answer = server.upgrade("/Chat", "").await.0;
    answer.is(503, Some("text/plain"), "The server has no memory for more connections.");
    is_served(&mut socket).await;
    drop(slow);
    soon(async { while negotiated(&server).await == 503 {} }).await;
    is_served(&mut websocket_at(&server, "/Chat").await).await;
}
