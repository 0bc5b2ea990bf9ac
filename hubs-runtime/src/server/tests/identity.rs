//! Whose connection it is: ids that others can see, and tokens in the hands of another user. The numbers in the names are
//! those of the list of attacks in docs/authentication.md.

use super::{HubOptions, Server, echo_works, events::Events, logged::Logged, soon};

const EVENTS: &str = "Accept: text/event-stream\r\n";
const ANN: &str = "X-User: ann\r\n";
const BOB: &str = "X-User: bob\r\n";
const UNKNOWN: &str = "No Connection with that ID";
const NOT_YOURS: &str = "This connection belongs to another user.";

/// Every request that can name a connection.
async fn statuses(server: &Server, target: &str, headers: &str) -> Vec<(&'static str, u16, String)> {
    let mut all = Vec::new();
    for (way, method, accept) in
        [("poll", "GET", ""), ("events", "GET", EVENTS), ("delete", "DELETE", ""), ("put", "POST", "")]
    {
        let answer = server.request(method, target, &format!("{accept}{headers}")).await;
        all.push((way, answer.status, answer.body));
    }
    let answer = server.post_as(headers, target, "forged").await;
    all.push(("post", answer.status, answer.body));
    let (answer, _socket) = server.upgrade(target, headers).await;
    all.push(("websocket", answer.status, answer.body));
    all
}

/// One connection over each transport, opened by Ann; what follows must not affect it.
struct Owned {
    server: Server,
    socket: tokio::net::TcpStream,
    events: Events,
    /// Public ids and secret targets, by transport.
    connections: Vec<(&'static str, String, String)>,
}

impl Owned {
    async fn start() -> Self {
        let mut server = Server::start(HubOptions::default().stateful_reconnect(true)).await;
        let mut connections = Vec::new();
        for transport in ["websocket", "events", "polls"] {
            let (id, token) = server.negotiate_as(ANN).await;
            connections.push((transport, id, format!("/chat?id={token}")));
        }
        let (answer, socket) = server.upgrade(&connections[0].2, ANN).await;
        assert_eq!(answer.status, 101);
        assert_eq!(server.begun().await.id.as_str(), connections[0].1);
        let mut events = Events::open_with(&server, &connections[1].2, ANN).await;
        assert_eq!(events.next().await.expect("it goes on"), ":\r\n");
        assert_eq!(server.begun().await.id.as_str(), connections[1].1);
        assert_eq!(server.request("GET", &connections[2].2, ANN).await.status, 200);
        assert_eq!(server.begun().await.id.as_str(), connections[2].1);
        Self { server, socket, events, connections }
    }

    /// All three go on as if nothing had happened.
    async fn go_on(&mut self) {
        echo_works(&mut self.socket, "mine").await;
        for (transport, _, target) in &self.connections[1..] {
            assert_eq!(self.server.post_as(ANN, target, "mine").await.status, 200, "{transport}");
        }
        assert_eq!(self.events.next().await.expect("it goes on"), "data: mine\r\n\r\n");
        assert_eq!(self.server.request("GET", &self.connections[2].2, ANN).await.body, "mine");
        assert!(self.server.app.begun.try_recv().is_err(), "no other connection began");
        assert!(self.server.app.ended.try_recv().is_err(), "none has ended");
    }
}

#[tokio::test]
async fn b3_01_a_public_id_is_no_token() {
    let mut owned = soon(Owned::start()).await;
    let logged = Logged::start();
    for (transport, id, _) in &owned.connections {
        for (way, status, body) in statuses(&owned.server, &format!("/chat?id={id}"), ANN).await {
            assert_eq!((status, body.as_str()), (404, UNKNOWN), "{way} for a connection over {transport}");
        }
    }
    owned.go_on().await;
    assert_eq!(logged.above_debug(), [""; 0], "what strangers send fills no log");
}

#[tokio::test]
async fn b3_08_the_token_of_another_user_is_refused() {
    let mut owned = soon(Owned::start()).await;
    let logged = Logged::start();
    for headers in [BOB, ""] {
        for (transport, _, target) in &owned.connections {
            for (way, status, body) in statuses(&owned.server, target, headers).await {
                assert_eq!((status, body.as_str()), (403, NOT_YOURS), "{way} for a connection over {transport}");
            }
        }
    }
    owned.go_on().await;
    let told = logged.above_debug();
    assert!(told.iter().any(|line| line.contains("the connection belongs to another user")), "{told:?}");
}

/// A page of another origin, whose requests come with the cookies of the user.
#[tokio::test]
async fn b3_03_pages_of_other_origins_are_refused_before_anything_runs() {
    let options = HubOptions::default().allowed_origins(["https://example.com", "https://*.example.org"]);
    let mut server = Server::start(options).await;
    let target = format!("/chat?id={}", server.negotiate_as(ANN).await.1);
    let foreign = [
        "https://evil.com",
        "null",
        "https://example.com:8443",
        "http://example.com",
        "https://evil-example.com",
        "https://example.com.evil",
        "https://example.org",
        "https://evil.example.org.evil",
        "https://example.com, https://evil.com",
    ];
    for origin in foreign {
        let headers = format!("{ANN}Origin: {origin}\r\nCookie: session=1\r\n");
        for (way, status, _) in statuses(&server, &target, &headers).await {
            assert_eq!(status, 403, "{way} from {origin}");
        }
        let negotiated = server.request("POST", "/chat/negotiate?negotiateVersion=1", &headers).await;
        assert_eq!(negotiated.status, 403, "negotiate from {origin}");
        assert_eq!(server.upgrade("/chat", &headers).await.0.status, 403, "without negotiation from {origin}");
    }
    assert!(server.app.begun.try_recv().is_err(), "nothing of the hub ran");
    for origin in ["https://example.com", "https://a.example.org"] {
        server.negotiate_as(&format!("{ANN}Origin: {origin}\r\n")).await;
    }
    assert_eq!(server.upgrade(&target, ANN).await.0.status, 101, "no origin: no page");
    server.begun().await;
}

/// A stranger opens a connection and has the browser of a user poll on it: the connection must not become that user's.
#[tokio::test]
async fn b3_08_a_connection_without_a_user_gets_none() {
    let mut server = Server::start(HubOptions::default()).await;
    let target = format!("/chat?id={}", server.negotiate().await.1);
    assert_eq!(server.request("GET", &target, "").await.status, 200);
    server.begun().await;
    for (way, status, body) in statuses(&server, &target, ANN).await {
        assert_eq!((status, body.as_str()), (403, NOT_YOURS), "{way}");
    }
    assert_eq!(server.post(&target, "mine").await.status, 200);
    assert_eq!(server.request("GET", &target, "").await.body, "mine");
}
