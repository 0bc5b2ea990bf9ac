//! A client that keeps its sockets and nothing else.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::soon;

const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const TEXT: &str = "to all";
/// A frame without a payload, masked.
const CLOSE: [u8; 6] = [0x88, 0x80, 0, 0, 0, 0];

pub(crate) struct Client {
    number: usize,
    /// What the server sends arrives here.
    socket: TcpStream,
    transport: Transport,
}

/// The transport, and what it needs besides a socket.
enum Transport {
    WebSocket,
    Events(Posts),
    Polls(Posts),
}

/// Where a client sends in separate requests.
struct Posts {
    socket: TcpStream,
    /// With its connection token.
    target: String,
}

impl Client {
    /// Connects as its own user, by one of the transports, joins two groups, and begins a stream in each direction.
    pub(crate) async fn start(address: SocketAddr, number: usize) -> Self {
        let mut socket = connect(address).await;
        let user = format!("Host: {address}\r\nX-User: user-{number}\r\n");
        let transport = if matches!(number % 6, 4 | 5) {
            let target = negotiate(&mut socket, &user).await;
            let posts = Posts { socket: connect(address).await, target };
            if number % 6 == 4 { Transport::Events(posts) } else { Transport::Polls(posts) }
        } else {
            Transport::WebSocket
        };
        let (target, headers) = match &transport {
            Transport::WebSocket => ("/heap", UPGRADE),
            Transport::Events(posts) => (&*posts.target, "Accept: text/event-stream\r\n"),
            Transport::Polls(posts) => (&*posts.target, ""),
        };
        write(&mut socket, &format!("GET {target} HTTP/1.1\r\n{user}{headers}\r\n")).await;
        until(&mut socket, "\r\n\r\n").await;
        let mut client = Self { number, socket, transport };
        client.use_everything().await;
        client
    }

    async fn use_everything(&mut self) {
        let number = self.number;
        self.send(r#"{"protocol":"json","version":1}"#).await;
        self.receives("{}").await;
        let join = format!(r#"{{"type":1,"invocationId":"1","target":"Join","arguments":["room-{number}"]}}"#);
        self.send(&join).await;
        self.receives(&format!(r#""result":"room-{number}""#)).await;
        self.send(r#"{"type":4,"invocationId":"2","target":"Numbers","arguments":[]}"#).await;
        self.receives(r#""item":1"#).await;
        self.send(r#"{"type":1,"invocationId":"3","target":"Sum","arguments":[],"streamIds":["4"]}"#).await;
        self.send(r#"{"type":2,"invocationId":"4","item":7}"#).await;
    }

    pub(crate) async fn broadcast(&mut self) {
        self.send(&format!(r#"{{"type":1,"target":"Broadcast","arguments":["{TEXT}"]}}"#)).await;
    }

    pub(crate) async fn receives_broadcast(&mut self) {
        self.receives(TEXT).await;
    }

    /// Drops its socket, or closes as its transport does, or sends a Close message first.
    pub(crate) async fn stop(mut self) {
        if self.number.is_multiple_of(2) {
            self.send(r#"{"type":7}"#).await;
        }
        match &mut self.transport {
            Transport::WebSocket if self.number.is_multiple_of(3) => {}
            Transport::WebSocket => {
                write(&mut self.socket, CLOSE).await;
                let mut rest = Vec::new();
                soon(self.socket.read_to_end(&mut rest)).await.expect("the server closes");
            }
            Transport::Events(_) => {}
            Transport::Polls(Posts { socket, target }) => {
                let request = format!("DELETE {target} HTTP/1.1\r\nHost: a\r\nX-User: user-{}\r\n\r\n", self.number);
                write(socket, request).await;
                answer(socket).await;
            }
        }
    }

    /// About a kilobyte each second, until the server closes.
    pub(crate) async fn reads_slowly(mut self) {
        if let Transport::Polls(posts) = &self.transport {
            let poll = format!("GET {} HTTP/1.1\r\nHost: a\r\nX-User: user-{}\r\n\r\n", posts.target, self.number);
            write(&mut self.socket, poll).await;
        }
        let mut some = [0; 100];
        while self.socket.read(&mut some).await.is_ok_and(|read| read > 0) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Counts the texts that come, each of which has one `#`, until the server closes. Over WebSockets.
    pub(crate) async fn counts_texts(mut self, count: Arc<AtomicUsize>) {
        let mut some = vec![0; 16 * 1024];
        while let Ok(read @ 1..) = self.socket.read(&mut some).await {
            let texts = some[..read].iter().filter(|byte| **byte == b'#').count();
            count.fetch_add(texts, Ordering::Relaxed);
        }
    }

    async fn send(&mut self, message: &str) {
        let Posts { socket, target } = match &mut self.transport {
            Transport::Events(posts) | Transport::Polls(posts) => posts,
            Transport::WebSocket => {
                let len = u8::try_from(message.len() + 1).expect("messages here are short");
                let frame = [&[0x81, 0x80 | len, 0, 0, 0, 0][..], message.as_bytes(), &[0x1e]].concat();
                return write(&mut self.socket, frame).await;
            }
        };
        let headers = format!("X-User: user-{}\r\nContent-Length: {}\r\n", self.number, message.len() + 1);
        write(socket, format!("POST {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n{message}\u{1e}")).await;
        answer(socket).await;
    }

    /// Reads until `text` has received.
    async fn receives(&mut self, text: &str) {
        let Transport::Polls(posts) = &self.transport else { return until(&mut self.socket, text).await };
        let poll = format!("GET {} HTTP/1.1\r\nHost: a\r\nX-User: user-{}\r\n\r\n", posts.target, self.number);
        let mut received = String::new();
        while !received.contains(text) {
            write(&mut self.socket, &poll).await;
            received += &answer(&mut self.socket).await;
        }
    }
}

async fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpStream::connect(address).await.expect("the server listens");
    socket.set_nodelay(true).expect("a socket of this machine");
    socket
}

/// The target of a connection that has been negotiated.
async fn negotiate(socket: &mut TcpStream, headers: &str) -> String {
    write(socket, format!("POST /heap/negotiate?negotiateVersion=1 HTTP/1.1\r\n{headers}\r\n")).await;
    let answer: serde_json::Value = serde_json::from_str(&answer(socket).await).expect("JSON");
    format!("/heap?id={}", answer["connectionToken"].as_str().expect("a token"))
}

async fn write(socket: &mut TcpStream, bytes: impl AsRef<[u8]>) {
    soon(socket.write_all(bytes.as_ref())).await.expect("the server reads");
}

/// The body of an answer.
async fn answer(socket: &mut TcpStream) -> String {
    let head = read(socket, "\r\n\r\n").await.to_ascii_lowercase();
    let length = head.split_once("content-length: ").expect("its length").1.split("\r\n").next().expect("a line");
    let mut body = vec![0; length.parse().expect("a number")];
    soon(socket.read_exact(&mut body)).await.expect("the server answers");
    String::from_utf8(body).expect("text")
}

async fn until(socket: &mut TcpStream, text: &str) {
    read(socket, text).await;
}

/// Reads to the end of `text`, and not beyond.
async fn read(socket: &mut TcpStream, text: &str) -> String {
    let mut received = Vec::new();
    let read = async {
        while !received.ends_with(text.as_bytes()) {
            received.push(socket.read_u8().await.expect("the server answers"));
        }
    };
    soon(read).await;
    String::from_utf8_lossy(&received).into_owned()
}
