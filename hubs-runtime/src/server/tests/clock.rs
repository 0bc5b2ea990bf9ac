//! A server whose system clock is set while it runs: `libfaketime` gives a process of its own such a clock.

use std::{fs, path::PathBuf};

use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::{
    Server,
    run::spawn_with,
    sessions::{RESULT, call, frame, text, websocket_at},
    soon, text_frame,
};

const PING: &str = "{\"type\":6}\u{1e}";

/// Where Debian's package `faketime` puts it.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().filter_map(|folder| Some(folder.ok()?.path()));
    let mut paths = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    paths.find(|path| path.exists()).expect("libfaketime is not there (Debian: `apt-get install faketime`)")
}

/// The hour that the server believes it is.
async fn hour(server: &Server) -> String {
    let answer = server.request("POST", "/Chat/negotiate", "").await;
    answer.header("date").expect("answers have a date").get(17..19).expect("a date of HTTP").to_owned()
}

/// The server's pings come, those of the client are heard, and calls are answered.
async fn goes_on(socket: &mut TcpStream) {
    for _ in 0..5 {
        while frame(socket).await != text(PING) {}
        socket.write_all(&text_frame(PING)).await.unwrap();
    }
    socket.write_all(&text_frame(&call("Echo", "[\"a\"]"))).await.unwrap();
    soon(async { while frame(socket).await != text(RESULT) {} }).await;
}

/// Case 72.
#[tokio::test]
async fn test_72_a_system_clock_that_is_set_ends_no_connection_and_stops_no_timer() {
    let folder = tempfile::tempdir().unwrap();
    let offset = folder.path().join("offset");
    fs::write(&offset, "+0\n").unwrap();
    let clock = format!(
        "export LD_PRELOAD={} FAKETIME_TIMESTAMP_FILE={} FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1",
        library().display(),
        offset.display()
    );
    let (_child, server) = spawn_with(&clock, "pings").await;
    let mut socket = websocket_at(&server, "/Chat").await;
    goes_on(&mut socket).await;
    let before = hour(&server).await;
    fs::write(&offset, "+1h\n").unwrap();
    soon(async { while hour(&server).await == before {} }).await;
    goes_on(&mut socket).await;
    // The date of an answer does not show it: hyper makes a new one when the clock has passed the last. Every reading of the
    // clock reads this file.
    fs::write(&offset, "-1h\n").unwrap();
    goes_on(&mut socket).await;
    goes_on(&mut websocket_at(&server, "/Chat").await).await;
}
