//! A client that keeps nothing but its sockets.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::soon;

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const NEWS: &str = "the news";
/// A frame without a payload, masked.
const CLOSE: [u8; 6] = [0x88, 0x80, 0, 0, 0, 0];

pub(crate) struct Client {
    number: usize,
    /// What comes, comes here.
    socket: TcpStream,
    way: Way,
}

/// The transport, and what it needs beside a socket.
enum Way {
    WebSocket,
    Events(Posts),
    Polls(Posts),
}

/// Where a client sends in requests of their own.
struct Posts {
    socket: TcpStream,
    /// With its token.
    target: String,
}

impl Client {
    /// Connects as a user of its own, by one of the transports, joins two groups, and begins a stream in each direction.
    pub(crate) async fn come(address: SocketAddr, number: usize) -> Self {
        let mut socket = connect(address).await;
        let user = format!("Host: {address}\r\nX-User: user-{number}\r\n");
        let way = if matches!(number % 6, 4 | 5) {
            let target = negotiate(&mut socket, &user).await;
            let posts = Posts { socket: connect(address).await, target };
            if number % 6 == 4 { Way::Events(posts) } else { Way::Polls(posts) }
        } else {
            Way::WebSocket
        };
        let (target, headers) = match &way {
            Way::WebSocket => ("/hall", UPGRADE),
            Way::Events(posts) => (&*posts.target, "Accept: text/event-stream\r\n"),
            Way::Polls(posts) => (&*posts.target, ""),
        };
        tell(&mut socket, &format!("GET {target} HTTP/1.1\r\n{user}{headers}\r\n")).await;
        until(&mut socket, "\r\n\r\n").await;
        let mut client = Self { number, socket, way };
        client.use_all().await;
        client
    }

    async fn use_all(&mut self) {
        let number = self.number;
        self.say(r#"{"protocol":"json","version":1}"#).await;
        self.hears("{}").await;
        let join = format!(r#"{{"type":1,"invocationId":"1","target":"Join","arguments":["room-{number}"]}}"#);
        self.say(&join).await;
        self.hears(&format!(r#""result":"room-{number}""#)).await;
        self.say(r#"{"type":4,"invocationId":"2","target":"Listen","arguments":[]}"#).await;
        self.hears(r#""item":1"#).await;
        self.say(r#"{"type":1,"invocationId":"3","target":"AddUp","arguments":[],"streamIds":["4"]}"#).await;
        self.say(r#"{"type":2,"invocationId":"4","item":7}"#).await;
    }

    pub(crate) async fn tell_all(&mut self) {
        self.say(&format!(r#"{{"type":1,"target":"TellAll","arguments":["{NEWS}"]}}"#)).await;
    }

    pub(crate) async fn hears_all(&mut self) {
        self.hears(NEWS).await;
    }

    /// Drops off, or closes in the way of its transport, or says goodbye first.
    pub(crate) async fn leave(mut self) {
        if self.number.is_multiple_of(2) {
            self.say(r#"{"type":7}"#).await;
        }
        match &mut self.way {
            Way::WebSocket if self.number.is_multiple_of(3) => {}
            Way::WebSocket => {
                tell(&mut self.socket, CLOSE).await;
                let mut rest = Vec::new();
                soon(self.socket.read_to_end(&mut rest)).await.expect("the server closes");
            }
            Way::Events(_) => {}
            Way::Polls(Posts { socket, target }) => {
                let request = format!("DELETE {target} HTTP/1.1\r\nHost: a\r\nX-User: user-{}\r\n\r\n", self.number);
                tell(socket, request).await;
                answer(socket).await;
            }
        }
    }

    async fn say(&mut self, message: &str) {
        let Posts { socket, target } = match &mut self.way {
            Way::Events(posts) | Way::Polls(posts) => posts,
            Way::WebSocket => {
                let len = u8::try_from(message.len() + 1).expect("messages here are short");
                let frame = [&[0x81, 0x80 | len, 0, 0, 0, 0][..], message.as_bytes(), &[0x1e]].concat();
                return tell(&mut self.socket, frame).await;
            }
        };
        let headers = format!("X-User: user-{}\r\nContent-Length: {}\r\n", self.number, message.len() + 1);
        tell(socket, format!("POST {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n{message}\u{1e}")).await;
        answer(socket).await;
    }

    /// Reads until `text` has come.
    async fn hears(&mut self, text: &str) {
        let Way::Polls(posts) = &self.way else { return until(&mut self.socket, text).await };
        let poll = format!("GET {} HTTP/1.1\r\nHost: a\r\nX-User: user-{}\r\n\r\n", posts.target, self.number);
        let mut come = String::new();
        while !come.contains(text) {
            tell(&mut self.socket, &poll).await;
            come += &answer(&mut self.socket).await;
        }
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("the server listens")
}

/// The target of a connection that has been negotiated.
async fn negotiate(socket: &mut TcpStream, headers: &str) -> String {
    tell(socket, format!("POST /hall/negotiate?negotiateVersion=1 HTTP/1.1\r\n{headers}\r\n")).await;
    let answer: serde_json::Value = serde_json::from_str(&answer(socket).await).expect("JSON");
    format!("/hall?id={}", answer["connectionToken"].as_str().expect("a token"))
}

async fn tell(socket: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    soon(socket.write_all(bytes.as_ref())).await.expect("the server reads");
}

/// The body of an answer.
async fn answer(socket: &mut TcpStream) -> String {
    let head = read(socket, "\r\n\r\n").await.to_ascii_lowercase();
    let length = head.split_once("content-length: ").expect("its length").1.split("\r\n").next().expect("a line");
    let mut body = vec![0; length.parse().expect("a number")];
    soon(socket.read_exact(&mut body)).await.expect("the server goes on");
    String::from_utf8(body).expect("text")
}

async fn until(socket: &mut TcpStream, text: &str) {
    read(socket, text).await;
}

/// Reads to the end of `text`, and not beyond.
async fn read(socket: &mut TcpStream, text: &str) -> String {
    let mut come = Vec::new();
    let read = async {
        while !come.ends_with(text.as_bytes()) {
            come.push(socket.read_u8().await.expect("the server goes on"));
        }
    };
    soon(read).await;
    String::from_utf8_lossy(&come).into_owned()
}
