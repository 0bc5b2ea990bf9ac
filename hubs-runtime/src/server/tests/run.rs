//! `Hubs::run` in a process of its own: how signals end it, what it writes, and what it does where it cannot listen.

use std::{net::SocketAddr, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};

use super::{
    App, CLOSE_FRAME, Server,
    sessions::{EchoHubContract, EchoImpl, call, frame, text, websocket_at},
    soon, text_frame,
};
use crate::{HubOptions, Hubs};

const IS_CHILD: &str = "HUBS_TEST_RUN";

const SECONDS: Duration = Duration::from_secs(10);

/// The child's part of the tests below.
#[test]
#[ignore = "serves until it is told to stop"]
fn child() {
    let Ok(how) = std::env::var(IS_CHILD) else { return };
    let options = HubOptions::default();
    let options = match how.as_str() {
        "default" => options,
        "served" => return serve(),
        "pings" => options.keep_alive_interval(Duration::from_millis(200)).client_timeout_interval(SECONDS),
        memory => options.maximum_memory(memory.parse::<usize>().unwrap()),
    };
    Hubs::new().map_with("/Chat", EchoHubContract, EchoImpl, options).run("127.0.0.1:0").unwrap();
}

/// The same, as an application that has a runtime and a router of its own.
#[tokio::main(flavor = "current_thread", crate = "tokio")]
async fn serve() {
    let hubs = Hubs::new().map("/Chat", EchoHubContract, EchoImpl);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    hubs.serve(listener, hubs.router(), crate::stop_signal()).await;
}

/// Such a child, and where it listens.
async fn spawn() -> (Child, Server) {
    spawn_with("true", "default").await
}

/// The same, after this command of a shell, with `default` options, with many `pings`, with a limit of memory,
/// or `served` by an application.
pub(super) async fn spawn_with(first: &str, how: &str) -> (Child, Server) {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{first} && exec \"$0\" \"$@\"")]).arg(std::env::current_exe().unwrap());
    command.args(["server::tests::run::child", "--exact", "--ignored", "--nocapture"]);
    command.env(IS_CHILD, how).env_remove("RUST_LOG").kill_on_drop(true);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address: SocketAddr = loop {
        let line = soon(lines.next_line()).await.unwrap().expect("it says where it listens");
        if let Some((_, address)) = line.split_once("listening on http://") {
            break address.parse().unwrap();
        }
    };
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, Server { address, app: App::unused(), serving: tokio::spawn(async { Ok(()) }) })
}

async fn signal(child: &Child, name: &str) {
    let id = child.id().expect("it runs").to_string();
    assert!(Command::new("kill").args([name, &id]).status().await.unwrap().success());
}

#[tokio::test]
async fn signals_end_it_and_its_clients_are_told() {
    for (how, name) in [("default", "-INT"), ("default", "-TERM"), ("served", "-INT"), ("served", "-TERM")] {
        let (mut child, server) = spawn_with("true", how).await;
        let mut socket = websocket_at(&server, "/Chat").await;
        signal(&child, name).await;
        assert_eq!(frame(&mut socket).await, text("{\"type\":7,\"allowReconnect\":true}\u{1e}"), "{name}");
        socket.write_all(&CLOSE_FRAME).await.unwrap();
        assert!(soon(child.wait()).await.unwrap().success(), "{name}");
    }
}

#[tokio::test]
async fn a_second_signal_does_not_wait() {
    let (mut child, server) = spawn().await;
    // Its client does not answer the Close, for which the server would wait 5 s.
    let mut socket = websocket_at(&server, "/Chat").await;
    signal(&child, "-TERM").await;
    frame(&mut socket).await;
    let begun = tokio::time::Instant::now();
    signal(&child, "-TERM").await;
    assert!(soon(child.wait()).await.unwrap().success());
    assert!(begun.elapsed() < Duration::from_secs(4));
}

#[tokio::test]
async fn what_goes_wrong_is_on_the_terminal() {
    let (mut child, server) = spawn().await;
    let mut socket = websocket_at(&server, "/Chat").await;
    socket.write_all(&text_frame(&call("Panic", "[]"))).await.unwrap();
    frame(&mut socket).await;
    signal(&child, "-TERM").await;
    let mut said = String::new();
    soon(child.stderr.take().unwrap().read_to_string(&mut said)).await.unwrap();
    assert!(said.contains("ERROR") && said.contains("as asked"), "{said}");
}

#[tokio::test]
async fn paths_match_in_any_case() {
    let (_child, server) = spawn().await;
    for path in ["/Chat", "/chat", "/CHAT"] {
        websocket_at(&server, path).await;
    }
    for (path, status) in [("/chat/Negotiate?negotiateVersion=1", 200), ("/Chat/negotiate", 200), ("/chats", 404)] {
        assert_eq!(server.request("POST", path, "").await.status, status, "{path}");
    }
}

#[tokio::test]
async fn tasks_of_the_application_learn_of_the_shutdown() {
    let hubs = Hubs::new();
    let stopping = tokio::spawn(hubs.stopping());
    tokio::task::yield_now().await;
    assert!(!stopping.is_finished());
    soon(hubs.shutdown_on(async {})).await;
    soon(stopping).await.unwrap();
    soon(hubs.stopping()).await;
}

#[test]
fn an_address_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let error = Hubs::new().run(address).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    assert!(error.to_string().starts_with(&format!("cannot listen on {address}: ")), "{error}");
}
