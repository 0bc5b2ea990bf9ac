//! A proxy between client and server: every transport goes through its tunnel, also to `https`, and the environment names it.

use std::{process::Command, sync::Arc};

use hubs::{
    HubOptions, TransportKind,
    client::{ConnectError, HubConnection},
};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::{
    hub::{LabHubContract, Screen, Server, within},
    tls,
};

/// `me:secret`, as Basic credentials.
const CREDENTIALS: &str = "Basic bWU6c2VjcmV0";
const TRANSPORTS: [TransportKind; 3] =
    [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];

/// A proxy that lets those with the credentials through to one port of this machine, whatever host they name.
struct Proxy {
    address: String,
    /// The hosts that were asked for.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    async fn start(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it has an address").to_string();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let hosts = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(tunnel(socket, target, Arc::clone(&hosts)));
            }
        });
        Self { address, asked }
    }

    fn hosts(&self) -> Vec<String> {
        let mut hosts = self.asked.lock().clone();
        hosts.sort();
        hosts.dedup();
        hosts
    }
}

async fn tunnel(socket: TcpStream, target: u16, asked: Arc<Mutex<Vec<String>>>) -> std::io::Result<()> {
    let mut socket = BufReader::new(socket);
    let (mut head, mut line) = (Vec::new(), String::new());
    while socket.read_line(&mut line).await? > 2 {
        head.push(std::mem::take(&mut line).trim_end().to_owned());
    }
    let host = head[0].strip_prefix("CONNECT ").and_then(|rest| rest.strip_suffix(" HTTP/1.1"));
    asked.lock().push(host.expect("only tunnels are asked for").to_owned());
    let allowed = head.iter().any(|line| line.eq_ignore_ascii_case(&format!("proxy-authorization: {CREDENTIALS}")));
    if !allowed {
        return socket.write_all(b"HTTP/1.1 407 Who are you?\r\n\r\n").await;
    }
    let mut server = TcpStream::connect(("127.0.0.1", target)).await?;
    socket.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut socket, &mut server).await.map(drop)
}

#[tokio::test]
async fn every_transport_goes_through_the_tunnel() {
    let server = Server::start(HubOptions::default());
    let proxy = Proxy::start(server.address.port()).await;
    for kind in TRANSPORTS {
        let builder = HubConnection::builder("http://hub.test/lab").transports([kind]);
        let lab = within(builder.proxy(&format!("http://me:secret@{}", proxy.address)).start()).await.unwrap();
        assert_eq!(within(lab.invoke::<String>("Transport", ())).await.unwrap(), kind.to_string());
        within(lab.stop()).await;
    }
    assert_eq!(proxy.hosts(), ["hub.test:80"]);
}

#[tokio::test]
async fn tls_is_spoken_with_the_server_and_not_with_the_proxy() {
    let secure = tls::serve().await;
    let proxy = Proxy::start(secure.port).await;
    let builder = HubConnection::builder("https://localhost/lab").root_certificate(secure.root.clone());
    let builder = builder.proxy(&format!("http://me:secret@{}", proxy.address));
    let screen = Screen(tokio::sync::mpsc::unbounded_channel().0);
    let lab = within(builder.connect(LabHubContract, screen)).await.unwrap();
    within(lab.nothing()).await.unwrap();
    assert_eq!(proxy.hosts(), ["localhost:443"]);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_named_without_its_password() {
    let server = Server::start(HubOptions::default());
    let proxy = Proxy::start(server.address.port()).await;
    let builder = HubConnection::builder("http://hub.test/lab").proxy(&format!("http://me:s3cr3t@{}", proxy.address));
    assert!(!format!("{builder:?}").contains("s3cr3t"));
    let refused = within(builder.start()).await.expect_err("the password is wrong");
    let text = format!("{refused} {refused:?}");
    assert!(text.contains(&proxy.address) && text.contains("proxy authorization required"), "{text}");
    assert!(!text.contains("s3cr3t"), "{text}");
    let wrong = within(HubConnection::builder("http://hub.test/lab").proxy("socks5://a:b@c").start()).await;
    assert!(matches!(wrong, Err(ConnectError::Address(why)) if why.contains("proxy") && !why.contains("a:b")));
}

/// The environment of a process is no business of one test, so this runs [`by_the_environment`] in a process of its own.
#[tokio::test]
async fn the_environment_names_the_proxy() {
    let server = Server::start(HubOptions::default());
    let port = server.address.port();
    let proxy = Proxy::start(port).await;
    let url = format!("http://me:secret@{}", proxy.address);
    for (variable, no_proxy, reached) in [
        ("HTTP_PROXY", "", true),
        ("http_proxy", "", true),
        ("ALL_PROXY", "", true),
        ("HTTPS_PROXY", "", false),
        ("HTTP_PROXY", "hub.test", false),
    ] {
        let mut child = Command::new(std::env::current_exe().expect("it has a path"));
        child.args(["--exact", "proxy::by_the_environment", "--ignored"]).env("HUBS_TEST_PORT", port.to_string());
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "no_proxy"] {
            child.env_remove(name);
        }
        child.env(variable, &url).env("NO_PROXY", no_proxy).env("HUBS_TEST_REACHED", reached.to_string());
        let ended = tokio::task::spawn_blocking(move || child.output()).await.expect("no panic").expect("it starts");
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && said.contains("1 passed"), "{variable}, NO_PROXY={no_proxy}: {said}");
    }
    assert_eq!(proxy.hosts(), ["hub.test:80"], "this machine is reached without the proxy");
}

#[tokio::test]
#[ignore = "`the_environment_names_the_proxy` runs it"]
async fn by_the_environment() {
    let variable = |name| std::env::var(name).expect("the test that runs this sets it");
    let there =
        within(HubConnection::builder("http://hub.test/lab").reconnect(hubs::client::RetryPolicy::never()).start());
    assert_eq!(there.await.is_ok().to_string(), variable("HUBS_TEST_REACHED"));
    let here = HubConnection::builder(&format!("http://127.0.0.1:{}/lab", variable("HUBS_TEST_PORT")));
    within(here.start()).await.unwrap();
}
