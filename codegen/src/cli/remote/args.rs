//! What is said on the command line about a server and a call to it.

use std::{fmt, path::PathBuf};

use clap::{Args as ClapArgs, ValueEnum};
use hubs::TransportKind;

use super::access::Access;

/// A server, and how to connect to it.
#[derive(Debug, ClapArgs)]
pub(crate) struct Remote {
    /// The hub's address: `https://`, a host, and the path of the hub
    #[arg(value_name = "URL")]
    pub(super) url: String,
    /// A contract document, by which names, and numbers and types of arguments, are checked before anything is sent
    #[arg(long, value_name = "FILE")]
    pub(super) contract: Option<PathBuf>,
    #[command(flatten)]
    pub(super) access: Access,
    /// Use this transport and no other
    #[arg(long, value_enum)]
    pub(super) transport: Option<Transport>,
    /// Speak MessagePack
    #[arg(long)]
    pub(super) messagepack: bool,
    /// Give up after so many seconds without an answer or an item
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) timeout: u64,
    /// Say everything in JSON, a line for each value, on standard output
    #[arg(long)]
    pub(crate) json: bool,
}

/// A method, and what it is called with.
#[derive(Debug, ClapArgs)]
pub(crate) struct Call {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// The method's name
    #[arg(value_name = "METHOD")]
    pub(super) method: String,
    /// Its arguments, each in JSON; what is not JSON is a text
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub(super) arguments: Vec<String>,
}

/// A server whose calls are shown.
#[derive(Debug, ClapArgs)]
pub(crate) struct Listen {
    #[command(flatten)]
    pub(crate) remote: Remote,
    /// A method to call first, such as one that joins a group
    #[arg(value_name = "METHOD")]
    pub(super) method: Option<String>,
    /// Its arguments, each in JSON; what is not JSON is a text
    #[arg(value_name = "ARGS", allow_negative_numbers = true)]
    pub(super) arguments: Vec<String>,
    /// End after so many calls
    #[arg(long, value_name = "COUNT")]
    pub(super) take: Option<usize>,
}

/// A stream of results.
#[derive(Debug, ClapArgs)]
pub(crate) struct Stream {
    #[command(flatten)]
    pub(crate) call: Call,
    /// End after so many items
    #[arg(long, value_name = "COUNT")]
    pub(super) take: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Transport {
    /// WebSockets
    Websockets,
    /// Server-Sent Events
    Sse,
    /// Long polling
    Polling,
}

impl From<Transport> for TransportKind {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Websockets => Self::WebSockets,
            Transport::Sse => Self::ServerSentEvents,
            Transport::Polling => Self::LongPolling,
        }
    }
}

/// What may be written in place of a method's name and its arguments, for messages.
pub(super) struct Signature<'a> {
    pub(super) name: &'a str,
    pub(super) parameters: Vec<&'a str>,
}

impl fmt::Display for Signature<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        self.parameters.iter().try_for_each(|parameter| write!(f, " {}", parameter.to_uppercase()))
    }
}
