//! What a client of Redis sees that is no node: it publishes any bytes, and watches what nodes ask Redis for.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use hubs_tests::RedisServer;

fn connect(redis: &RedisServer) -> TcpStream {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, redis.port())).expect("it runs");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
    stream
}

/// Publishes any bytes, and returns how many connections got them.
pub(crate) fn publish(redis: &RedisServer, channel: &str, payload: &[u8]) -> usize {
    let mut stream = connect(redis);
    let head = format!("*3\r\n$7\r\nPUBLISH\r\n${}\r\n{channel}\r\n${}\r\n", channel.len(), payload.len());
    stream.write_all(&[head.as_bytes(), payload, b"\r\n"].concat()).expect("it reads");
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply).expect("it answers");
    reply.trim().strip_prefix(':').and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("{reply}"))
}

/// The channels that some node is subscribed to.
pub(crate) fn channels(redis: &RedisServer) -> Vec<String> {
    let reply = redis.command("PUBSUB CHANNELS");
    reply.lines().filter(|line| !line.starts_with(['*', '$', '+'])).map(str::to_owned).collect()
}

/// Watches all commands.
pub(crate) struct Monitor(BufReader<TcpStream>);

impl Monitor {
    pub(crate) fn start(redis: &RedisServer) -> Self {
        let mut stream = connect(redis);
        stream.write_all(b"MONITOR\r\n").expect("it reads");
        let mut monitor = Self(BufReader::new(stream));
        let mut ok = [0; 5];
        monitor.0.read_exact(&mut ok).expect("it answers");
        assert_eq!(&ok, b"+OK\r\n");
        monitor
    }

    /// The commands so far, as Redis writes them.
    pub(crate) fn commands(mut self, redis: &RedisServer) -> Vec<String> {
        redis.command("ECHO end-of-the-commands");
        let mut commands = Vec::new();
        loop {
            let mut line = Vec::new();
            self.0.read_until(b'\n', &mut line).expect("it goes on");
            let line = String::from_utf8_lossy(&line).into_owned();
            if line.contains("end-of-the-commands") {
                return commands;
            }
            commands.push(line);
        }
    }
}
