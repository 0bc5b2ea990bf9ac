//! Every request that clients send, with each thing that can be wrong with it. What is answered is the table in
//! docs/authentication.md: `UPDATE_EXPECT=1` writes it there.

use std::{fmt::Write, path::PathBuf, time::Duration};

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::{
    App, Server,
    jwt::{NEGOTIATE, SECRET},
    sessions::{HANDSHAKE, frame},
    text_frame,
};
use crate::{HubCallerContext, HubOptions, HubResult, Hubs, JwtBearer, NoClient, hub};

type Cx = HubCallerContext<NoClient>;

#[hub(crate = "crate")]
#[authorize(role = "staff")]
trait StaffHub {
    async fn read(&self, cx: &Cx) -> HubResult<()>;
}

struct Staff;

impl StaffHub for Staff {
    async fn read(&self, _: &Cx) -> HubResult<()> {
        Ok(())
    }
}

/// A request that a client sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Negotiate,
    Socket,
    SocketAlone,
    NextSocket,
    Events,
    FirstPoll,
    Poll,
    EarlyPost,
    Post,
    Delete,
    Refresh,
}

const WAYS: [(Way, &str); 11] = [
    (Way::Negotiate, "negotiate: `POST /chat/negotiate`"),
    (Way::Socket, "WebSocket: `GET /chat?id=..`, upgrade"),
    (Way::SocketAlone, "WebSocket that was not negotiated: `GET /chat`, upgrade"),
    (Way::NextSocket, "the next socket of stateful reconnect: `GET /chat?id=..`, upgrade"),
    (Way::Events, "Server-Sent Events: `GET /chat?id=..`"),
    (Way::FirstPoll, "long polling, the first poll: `GET /chat?id=..`"),
    (Way::Poll, "long polling, each further poll: `GET /chat?id=..`"),
    (Way::EarlyPost, "messages before the transport is open: `POST /chat?id=..`"),
    (Way::Post, "messages: `POST /chat?id=..`"),
    (Way::Delete, "long polling, the end: `DELETE /chat?id=..`"),
    (Way::Refresh, "a new token: `POST /chat/refresh?id=..`"),
];

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Nothing,
    Origin,
    NoUser,
    BadToken,
    Expired,
    Role,
    OtherUser,
    OtherTicket,
    Unknown,
    Ended,
}

const FAULTS: [(Fault, &str); 10] = [
    (Fault::Nothing, "right"),
    (Fault::Origin, "origin"),
    (Fault::NoUser, "no user"),
    (Fault::BadToken, "bad token"),
    (Fault::Expired, "expired"),
    (Fault::Role, "role"),
    (Fault::OtherUser, "other user"),
    (Fault::OtherTicket, "ticket"),
    (Fault::Unknown, "unknown"),
    (Fault::Ended, "ended"),
];

fn jwt(user: &str, role: Option<&str>, seconds: i64) -> String {
    let now = i64::try_from(jsonwebtoken::get_current_timestamp()).expect("a time");
    let claims = json!({"sub": user, "role": role, "exp": now + seconds});
    encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).expect("it is signed")
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// A negotiated connection of ann, who may connect.
struct Negotiated {
    token: String,
    ticket: String,
}

impl Negotiated {
    fn target(&self) -> String {
        format!("/chat?id={}", self.token)
    }
}

struct Tried {
    server: Server,
    ann: String,
}

impl Tried {
    async fn start() -> Self {
        let jwt_bearer = JwtBearer::secret(SECRET).expect("a long secret").leeway(Duration::ZERO);
        let options = HubOptions::default().authentication_refresh(true).stateful_reconnect(true);
        let hubs = Hubs::new().options(options).jwt(jwt_bearer).map("/chat", StaffHubContract, Staff);
        let app = App::unused();
        let down = app.shutdown.clone().cancelled_owned();
        let server = Server::serve_until(hubs.router(), app, down).await;
        Self { server, ann: bearer(&jwt("ann", Some("staff"), 600)) }
    }

    async fn negotiate(&self, query: &str) -> Negotiated {
        let answer = self.server.request("POST", &format!("{NEGOTIATE}{query}"), &self.ann).await;
        let json: Value = serde_json::from_str(&answer.body).expect("JSON");
        let text = |name: &str| json[name].as_str().expect("a text").to_owned();
        Negotiated { token: text("connectionToken"), ticket: text("accessToken") }
    }

    /// A connection that polls, whose answer to the handshake waits for the next poll.
    async fn polling(&self) -> Negotiated {
        let negotiated = self.negotiate("").await;
        assert_eq!(self.server.request("GET", &negotiated.target(), &self.ann).await.status, 200);
        assert_eq!(self.server.post_as(&self.ann, &negotiated.target(), HANDSHAKE).await.status, 200);
        negotiated
    }

    /// A connection that has ended.
    async fn ended(&self) -> Negotiated {
        let negotiated = self.polling().await;
        assert_eq!(self.server.request("DELETE", &negotiated.target(), &self.ann).await.status, 202);
        negotiated
    }

    /// A connection with stateful reconnect whose socket is gone.
    async fn without_socket(&self) -> Negotiated {
        let negotiated = self.negotiate("&useStatefulReconnect=true").await;
        let (answer, mut socket) = self.server.upgrade(&negotiated.target(), &self.ann).await;
        assert_eq!(answer.status, 101);
        let handshake = HANDSHAKE.replace("\"version\":1", "\"version\":2");
        socket.write_all(&text_frame(&handshake)).await.expect("it is open");
        assert!(frame(&mut socket).await.ends_with(b"{}\x1e"));
        negotiated
    }

    /// What is answered; `None` where there is no such request.
    async fn status(&self, way: Way, fault: Fault) -> Option<u16> {
        let named = !matches!(way, Way::Negotiate | Way::SocketAlone);
        if !named && matches!(fault, Fault::OtherUser | Fault::Unknown | Fault::Ended) {
            return None;
        }
        let own = match way {
            Way::NextSocket => self.without_socket().await,
            Way::Poll | Way::Post | Way::Delete | Way::Refresh => self.polling().await,
            _ => self.negotiate("").await,
        };
        let id = match fault {
            Fault::Unknown => "unknown".to_owned(),
            Fault::Ended => self.ended().await.token,
            _ => own.token,
        };
        let headers = match fault {
            Fault::Nothing | Fault::Unknown | Fault::Ended => self.ann.clone(),
            Fault::Origin => format!("{}Origin: https://evil.example\r\n", self.ann),
            Fault::NoUser => String::new(),
            Fault::BadToken => bearer("bad"),
            Fault::Expired => bearer(&jwt("ann", Some("staff"), -60)),
            Fault::Role => bearer(&jwt("ann", None, 600)),
            Fault::OtherUser => bearer(&jwt("bob", Some("staff"), 600)),
            Fault::OtherTicket => bearer(&self.negotiate("").await.ticket),
        };
        Some(self.send(way, &id, &headers).await)
    }

    async fn send(&self, way: Way, id: &str, headers: &str) -> u16 {
        let server = &self.server;
        let target = format!("/chat?id={id}");
        let answer = match way {
            Way::Negotiate => server.request("POST", NEGOTIATE, headers).await,
            Way::Socket | Way::NextSocket => server.upgrade(&target, headers).await.0,
            Way::SocketAlone => server.upgrade("/chat", headers).await.0,
            Way::Events => server.request("GET", &target, &format!("Accept: text/event-stream\r\n{headers}")).await,
            Way::FirstPoll | Way::Poll => server.request("GET", &target, headers).await,
            Way::EarlyPost | Way::Post => server.post_as(headers, &target, "{\"type\":6}\u{1e}").await,
            Way::Delete => server.request("DELETE", &target, headers).await,
            Way::Refresh => server.request("POST", &format!("/chat/refresh?id={id}"), headers).await,
        };
        answer.status
    }
}

fn documented() -> (PathBuf, String) {
    let path = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/authentication.md"));
    let text = std::fs::read_to_string(&path).expect("the page is there");
    (path, text)
}

#[tokio::test]
async fn what_is_answered_is_what_the_page_says() {
    let tried = Tried::start().await;
    let mut table = format!("| Request | {} |\n", FAULTS.map(|(_, name)| name).join(" | "));
    table += &format!("|---|{}\n", "---|".repeat(FAULTS.len()));
    for (way, name) in WAYS {
        write!(table, "| {name} |").expect("text");
        for (fault, _) in FAULTS {
            let status = tried.status(way, fault).await;
            if fault != Fault::Nothing {
                assert!(status.is_none_or(|status| (400..500).contains(&status)), "{way:?} {fault:?}: {status:?}");
            }
            write!(table, " {} |", status.map_or_else(|| "-".to_owned(), |status| status.to_string())).expect("text");
        }
        table.push('\n');
    }
    let (path, page) = documented();
    let (begin, end) = ("<!-- table: ways in -->\n", "<!-- end of the table -->");
    let (before, rest) = page.split_once(begin).expect("the table has a beginning");
    let (shown, after) = rest.split_once(end).expect("the table has an end");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let page = format!("{before}{begin}\n{table}\n{end}{after}");
        std::fs::write(path, page).expect("the page can be written");
    } else {
        assert_eq!(shown.trim(), table.trim(), "set UPDATE_EXPECT=1 to write the table into docs/authentication.md");
    }
}
