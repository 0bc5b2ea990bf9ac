//! The command line of the load generator.

use std::fmt;

use clap::{Parser, ValueEnum};

/// Drives a hub server on 127.0.0.1 and checks every reply. Prints one line of JSON.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    /// What to do.
    pub(crate) scenario: Scenario,
    /// The port of the server.
    #[arg(long)]
    pub(crate) port: u16,
    /// The process whose CPU time and memory are measured.
    #[arg(long)]
    pub(crate) pid: Option<u32>,
    /// A further process whose CPU time is measured.
    #[arg(long)]
    pub(crate) watch: Vec<u32>,
    /// A further server, where receivers of `hop` connect; without any, they connect where the senders do.
    #[arg(long)]
    pub(crate) to: Vec<u16>,
    /// The core that the server is pinned to, to tell how much of it others used.
    #[arg(long)]
    pub(crate) core: Option<u32>,
    #[arg(long, default_value_t = Protocol::Json)]
    pub(crate) protocol: Protocol,
    /// What carries the messages. Without WebSockets: `--protocol json` and no stateful reconnect.
    #[arg(long, default_value = "websockets")]
    pub(crate) transport: Transport,
    /// Speak HTTP/2 from the first byte on, where HTTP/1.1 would be spoken. No WebSockets, no TLS.
    #[arg(long)]
    pub(crate) http2: bool,
    /// Order the members of a JSON call as the official JavaScript client does, `type` last.
    #[arg(long)]
    pub(crate) type_last: bool,
    /// Negotiate stateful reconnect: both ends count the messages, and acknowledge them. JSON only.
    #[arg(long)]
    pub(crate) stateful_reconnect: bool,
    /// Speak TLS, with the certificate in `examples/bench/tls`.
    #[arg(long)]
    pub(crate) tls: bool,
    /// How many connections take part; of `hop`, how many receive at each server.
    #[arg(long, default_value_t = 64)]
    pub(crate) connections: usize,
    /// How many further connections are open and silent.
    #[arg(long, default_value_t = 0)]
    pub(crate) neighbours: usize,
    /// How many calls are in flight on each connection; of broadcasts, how many in all.
    #[arg(long, default_value_t = 1)]
    pub(crate) window: usize,
    /// Size of the text of a call, in bytes.
    #[arg(long, default_value_t = 64)]
    pub(crate) bytes: usize,
    /// How many connections broadcast, in turns.
    #[arg(long, default_value_t = 1)]
    pub(crate) senders: usize,
    /// The hub method that broadcasts.
    #[arg(long, default_value = "Broadcast")]
    pub(crate) method: String,
    /// Calls a second, whatever the answers do (open loop); a delay counts from when the call was due. 0: closed loop.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) rate: f64,
    /// Items of one stream.
    #[arg(long, default_value_t = 500)]
    pub(crate) items: u64,
    /// Groups to join. For `fairness`, 0: no texts to a group.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) groups: usize,
    /// What the greedy clients of `fairness` do.
    #[arg(long)]
    pub(crate) greedy: Option<Greedy>,
    /// Seconds before measuring.
    #[arg(long, default_value_t = 0.4)]
    pub(crate) warmup: f64,
    /// Seconds of measuring.
    #[arg(long, default_value_t = 1.2)]
    pub(crate) seconds: f64,
    /// Do this many calls, without warming up, instead of going by the clock.
    #[arg(long)]
    pub(crate) calls: Option<u64>,
}

impl Options {
    /// How many sockets the connections need.
    pub(crate) fn sockets(&self) -> usize {
        let each = if self.transport == Transport::Websockets || self.http2 { 1 } else { 2 };
        (self.connections + self.neighbours) * each
    }
}

/// What a run does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Calls that return their text.
    Echo,
    /// Negotiations alone, one after the other on each HTTP connection.
    Negotiate,
    /// Calls that send a text to everybody.
    Broadcast,
    /// Calls that send a text to a group, whose members are on other servers.
    Hop,
    /// Streams from the server.
    Stream,
    /// Streams to the server.
    Upload,
    /// Connects, idles, calls once, leaves: CPU of a connect, memory of a connection, and what stays.
    Memory,
    /// Texts to groups; each connection is in ten of them.
    Members,
    /// All connections go and come back at once.
    Storm,
    /// Joins and leaves while another connection broadcasts.
    Groups,
    /// A broadcaster, receivers, and one more that stops reading.
    Stopped,
    /// Delays of modest clients, without and beside two greedy ones.
    Fairness,
}

/// What greedy clients do, without a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Greedy {
    /// Calls with a short text, 1 000 in flight.
    Short,
    /// Calls with 30 kB, 64 in flight.
    Long,
    /// A stream from the server.
    Stream,
    /// A stream to the server.
    Upload,
}

/// What carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Transport {
    /// WebSockets.
    Websockets,
    /// A response that does not end, and a POST for what is sent.
    ServerSentEvents,
    /// One GET after another, and a POST for what is sent.
    LongPolling,
}

/// What is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// SignalR's JSON.
    Json,
    /// SignalR's MessagePack.
    Messagepack,
    /// Socket.IO 5 over Engine.IO 4, WebSockets alone.
    Socketio,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        name(self, f)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        name(self, f)
    }
}

fn name(value: &impl ValueEnum, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(value.to_possible_value().as_ref().map_or("", |value| value.get_name()))
}
