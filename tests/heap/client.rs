//! A client that keeps nothing but its socket.

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
    socket: TcpStream,
}

impl Client {
    /// Connects as a user of its own, joins two groups, and begins a stream in each direction.
    pub(crate) async fn come(address: SocketAddr, number: usize) -> Self {
        let socket = TcpStream::connect(address).await.expect("the server listens");
        let mut client = Self { socket };
        let request = format!("GET /hall HTTP/1.1\r\nHost: {address}\r\nX-User: user-{number}\r\n{UPGRADE}\r\n");
        client.socket.write_all(request.as_bytes()).await.expect("the server reads");
        client.until("\r\n\r\n").await;
        client.say(r#"{"protocol":"json","version":1}"#).await;
        client.until("{}").await;
        let join = format!(r#"{{"type":1,"invocationId":"1","target":"Join","arguments":["room-{number}"]}}"#);
        client.say(&join).await;
        client.until(&format!(r#""result":"room-{number}""#)).await;
        client.say(r#"{"type":4,"invocationId":"2","target":"Listen","arguments":[]}"#).await;
        client.until(r#""item":1"#).await;
        client.say(r#"{"type":1,"invocationId":"3","target":"AddUp","arguments":[],"streamIds":["4"]}"#).await;
        client.say(r#"{"type":2,"invocationId":"4","item":7}"#).await;
        client
    }

    pub(crate) async fn tell_all(&mut self) {
        self.say(&format!(r#"{{"type":1,"target":"TellAll","arguments":["{NEWS}"]}}"#)).await;
    }

    pub(crate) async fn hears_all(&mut self) {
        self.until(NEWS).await;
    }

    /// Drops off, or closes the socket, or says goodbye first.
    pub(crate) async fn leave(mut self, number: usize) {
        match number % 3 {
            0 => return,
            1 => self.say(r#"{"type":7}"#).await,
            _ => {}
        }
        self.socket.write_all(&CLOSE).await.expect("the server reads");
        let mut rest = Vec::new();
        soon(self.socket.read_to_end(&mut rest)).await.expect("the server closes");
    }

    async fn say(&mut self, message: &str) {
        let len = u8::try_from(message.len() + 1).expect("messages here are short");
        let frame = [&[0x81, 0x80 | len, 0, 0, 0, 0][..], message.as_bytes(), &[0x1e]].concat();
        self.socket.write_all(&frame).await.expect("the server reads");
    }

    /// Reads until `text` has come, and not beyond.
    async fn until(&mut self, text: &str) {
        let mut come = Vec::new();
        let read = async {
            while !come.ends_with(text.as_bytes()) {
                come.push(self.socket.read_u8().await.expect("the server goes on"));
            }
        };
        soon(read).await;
    }
}
