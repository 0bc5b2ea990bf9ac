//! A client of these tests that speaks frames, and keeps no count of its own.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{HUB, Running};
use crate::server::tests::{ask, soon};

/// One socket of a connection.
pub(super) struct Socket {
    io: TcpStream,
    /// What came and was not asked for yet.
    rest: String,
}

/// A connection whose client uses stateful reconnect.
pub(super) struct Client {
    pub(super) target: String,
    pub(super) socket: Socket,
}

impl Client {
    /// Negotiates and shakes hands, and then does nothing.
    pub(super) async fn connect(server: &Running) -> Self {
        Self::connect_as(server, "", 2).await
    }

    pub(super) async fn connect_as(server: &Running, headers: &str, version: u32) -> Self {
        let asked = format!("{HUB}/negotiate?negotiateVersion=1&useStatefulReconnect=true");
        let answer = server.server.request("POST", &asked, headers).await;
        let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(json["useStatefulReconnect"], true);
        let target = format!("{HUB}?id={}", json["connectionToken"].as_str().unwrap());
        let mut socket = Socket::open(server, &target, headers).await.unwrap();
        socket.send(&format!(r#"{{"protocol":"json","version":{version}}}"#)).await;
        assert_eq!(socket.next().await, "{}");
        Self { target, socket }
    }

    /// As [`Client::connect`], and pings.
    pub(super) async fn start(server: &Running) -> Self {
        let mut client = Self::connect(server).await;
        client.socket.send(r#"{"type":6}"#).await;
        client
    }

    /// Opens the next socket, and says with which message it goes on.
    pub(super) async fn resume(&mut self, server: &Running, sequence: i64) {
        self.socket = Socket::open(server, &self.target, "").await.unwrap();
        self.socket.send(&format!(r#"{{"type":9,"sequenceId":{sequence}}}"#)).await;
    }

    pub(super) async fn call(&mut self, target: &str, arguments: &str) {
        let call = format!(r#"{{"type":1,"invocationId":"1","target":"{target}","arguments":{arguments}}}"#);
        self.socket.send(&call).await;
    }

    /// Sends a message without waiting for an answer.
    pub(super) async fn tell(&mut self, target: &str, arguments: &str) {
        self.socket.send(&format!(r#"{{"type":1,"target":"{target}","arguments":{arguments}}}"#)).await;
    }
}

impl Socket {
    /// The status if the upgrade is refused.
    pub(super) async fn open(server: &Running, target: &str, headers: &str) -> Result<Self, u16> {
        let (answer, io) = server.server.upgrade(target, headers).await;
        if answer.status == 101 { Ok(Self { io, rest: String::new() }) } else { Err(answer.status) }
    }

    /// Sends hub messages, each with its end.
    pub(super) async fn send(&mut self, message: &str) {
        let text = format!("{message}\u{1e}");
        let mut frame = vec![0x81, 0x80 | 126];
        frame.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
        frame.extend([0; 4]);
        frame.extend(text.bytes());
        self.io.write_all(&frame).await.unwrap();
    }

    /// The next hub message. Pings of the transport are left out.
    pub(super) async fn next(&mut self) -> String {
        loop {
            if let Some((message, rest)) = self.rest.split_once('\u{1e}') {
                let message = message.to_owned();
                self.rest = rest.to_owned();
                return message;
            }
            let (opcode, payload) = self.frame().await;
            match opcode {
                1 => self.rest.push_str(std::str::from_utf8(&payload).unwrap()),
                8 => return format!("closed {}", u16::from_be_bytes([payload[0], payload[1]])),
                _ => {}
            }
        }
    }

    /// The next hub message that is no ping.
    pub(super) async fn next_but_ping(&mut self) -> String {
        loop {
            let message = self.next().await;
            if !message.starts_with(r#"{"type":6"#) {
                return message;
            }
        }
    }

    /// The next hub message that is no ping and no acknowledgement.
    pub(super) async fn next_counted(&mut self) -> String {
        loop {
            let message = self.next().await;
            if !message.starts_with(r#"{"type":6"#) && !message.starts_with(r#"{"type":8"#) {
                return message;
            }
        }
    }

    async fn frame(&mut self) -> (u8, Vec<u8>) {
        let mut head = [0; 2];
        soon(self.io.read_exact(&mut head)).await.unwrap();
        let length = match head[1] {
            126 => usize::from(soon(self.io.read_u16()).await.unwrap()),
            127 => usize::try_from(soon(self.io.read_u64()).await.unwrap()).unwrap(),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        soon(self.io.read_exact(&mut payload)).await.unwrap();
        (head[0] & 0xF, payload)
    }

    /// What is left until the socket ends.
    pub(super) async fn until_end(mut self) -> Vec<String> {
        let mut messages = Vec::new();
        loop {
            let message = self.next().await;
            let ends = message.starts_with("closed");
            messages.push(message);
            if ends {
                return messages;
            }
        }
    }

    /// Closes the socket as a page does that goes away.
    pub(super) async fn send_close(&mut self) {
        self.io.write_all(&crate::server::tests::CLOSE_FRAME).await.unwrap();
    }

    /// Loses the network: the server sees the end of the socket, and no Close frame.
    pub(super) fn cut(self) {
        drop(self.io);
    }
}

/// The status with which a request for a socket is answered.
pub(super) async fn status(server: &Running, target: &str, headers: &str) -> u16 {
    let mut socket = server.server.connect().await;
    let upgrade = crate::server::tests::UPGRADE;
    let head = format!("Host: {}\r\n{upgrade}{headers}", server.server.address);
    ask(&mut socket, "GET", target, &head).await.status
}
