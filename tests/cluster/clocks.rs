//! A node whose system clock is set while it runs: `libfaketime` gives a process of its own such a clock.

use std::{fs, net::SocketAddr, path::PathBuf, process::Stdio, time::Duration};

use hubs::testing::with_default_timeout;
use hubs_tests::RedisServer;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
};

use crate::{Node, raw::RawClient};

/// Says to the child where Redis is.
const CHILD: &str = "HUBS_TEST_CLUSTER_NODE";

/// For how long a lease holds.
const TERM: Duration = Duration::from_secs(30);

/// The other node of the test below.
#[test]
#[ignore = "serves until it is killed"]
fn child() {
    let Ok(url) = std::env::var(CHILD) else { return };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let node = Node::at(&url, "south", |redis| redis, |options| options);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        println!("listening on http://{}", listener.local_addr().expect("its address"));
        let hubs = node.server.hubs();
        hubs.serve(listener, hubs.router(), std::future::pending()).await;
    });
}

/// Where Debian's package `faketime` puts it.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").expect("a folder").filter_map(|folder| Some(folder.ok()?.path()));
    let mut paths = folders.map(|folder| folder.join("faketime/libfaketimeMT.so.1"));
    paths.find(|path| path.exists()).expect("libfaketime is not there (Debian: `apt-get install faketime`)")
}

/// Starts the child, whose clock differs from that of the system by what the file says.
async fn start(redis: &RedisServer, offset: &std::path::Path) -> (Child, SocketAddr) {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["clocks::child", "--exact", "--ignored", "--nocapture"]).env(CHILD, redis.url());
    command.env("LD_PRELOAD", library()).env("FAKETIME_TIMESTAMP_FILE", offset).env("FAKETIME_NO_CACHE", "1");
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").kill_on_drop(true).stdout(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    loop {
        let line = with_default_timeout(lines.next_line()).await.expect("its output").expect("it runs");
        if let Some((_, address)) = line.split_once("listening on http://") {
            return (child, address.parse().expect("an address"));
        }
    }
}

/// An answer of the child, with its head.
async fn get(address: SocketAddr, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    let answer = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    with_default_timeout(answer).await.expect("an answer")
}

/// For how many milliseconds each lease holds.
fn leases(redis: &RedisServer) -> Vec<i64> {
    let keys = redis.command("KEYS *:internal:owner:*");
    let keys = keys.lines().filter(|line| line.contains(":internal:owner:"));
    let left = |key| redis.command(&format!("PTTL {key}"));
    keys.map(|key| left(key).lines().next().and_then(|line| line.strip_prefix(':')?.parse().ok()).expect("a time"))
        .collect()
}

/// Resolves when the leases were renewed, which is every 10 s.
async fn renewed(redis: &RedisServer) {
    let is_renewed = async {
        let mut last = leases(redis);
        loop {
            tokio::time::sleep(Duration::from_millis(100)).await;
            let next = leases(redis);
            if next.iter().min() > last.iter().max() {
                return;
            }
            last = next;
        }
    };
    tokio::time::timeout(TERM, is_renewed).await.expect("they are renewed before they lapse");
}

/// Each client is served through the node that does not own it.
async fn all_are_served(clients: &mut [RawClient]) {
    for client in clients {
        client.send(&json!({ "type": 1, "invocationId": "1", "target": "count", "arguments": [] })).await;
        assert_eq!(client.next(3).await.expect("it is connected")["invocationId"], "1");
    }
}

/// Case 72.
#[tokio::test]
async fn test_72_a_node_whose_system_clock_is_set_keeps_its_leases_and_its_clients() {
    let redis = RedisServer::start();
    let folder = tempfile::tempdir().expect("a folder");
    let offset = folder.path().join("offset");
    let set = |text: &str| fs::write(&offset, text).expect("written");
    set("+0\n");
    let (_child, address) = start(&redis, &offset).await;
    let north = Node::start(&redis, "north");
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = RawClient::negotiate(&north).await;
        // Opens the transport, so that the other node owns it.
        let answer = get(address, &client.path).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        client.shake_hands().await;
        clients.push(client);
    }
    all_are_served(&mut clients).await;
    assert_eq!(leases(&redis).len(), 5);
    let hour = async || {
        let answer = get(address, "/").await;
        let date = answer.lines().find_map(|line| line.strip_prefix("date: ")).expect("answers have a date");
        date.get(17..19).expect("a date of HTTP").to_owned()
    };
    let before = hour().await;
    set("+1h\n");
    with_default_timeout(async { while hour().await == before {} }).await;
    all_are_served(&mut clients).await;
    if std::env::var_os("HUBS_SOAK").is_some() {
        renewed(&redis).await;
    }
    // The date of an answer does not show it: hyper makes a new one when the clock has passed the last.
    set("-1h\n");
    all_are_served(&mut clients).await;
    renewed(&redis).await;
    all_are_served(&mut clients).await;
    assert_eq!(leases(&redis).len(), 5, "none has lapsed");
}
