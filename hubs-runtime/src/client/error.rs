//! Why a connection did not come about.

use std::{error::Error, time::Duration};

use crate::transport::TransportKind;

/// Why a connection did not come about. No text holds a token, or the query of an address.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The address cannot be used.
    #[error("the address of the hub cannot be used: {0}")]
    Address(String),
    /// The access token provider failed.
    #[error("no access token: {0}")]
    AccessToken(#[source] Box<dyn Error + Send + Sync>),
    /// A request could not be made or answered.
    #[error("{what} failed: {why}")]
    Request {
        /// What was asked for.
        what: &'static str,
        /// Why it failed.
        why: String,
    },
    /// The server answered a request with another status than expected. 401: the token is missing or wrong. 404: there is
    /// no hub at this address.
    #[error("{what} was answered with status {status}{}{text}", if text.is_empty() { "" } else { ": " })]
    Status {
        /// What was asked for.
        what: &'static str,
        /// The status.
        status: u16,
        /// The start of the body, if it is a text.
        text: String,
    },
    /// The server declined to negotiate, with this text.
    #[error("the server declined: {0}")]
    Declined(String),
    /// What the server answered is not of SignalR's protocol.
    #[error("invalid negotiation response: {0}")]
    Negotiation(String),
    /// The server sent the client on more than a hundred times.
    #[error("negotiate redirection limit exceeded")]
    TooManyRedirects,
    /// No transport that both ends know could be opened.
    #[error("no transport could be opened{}", listed(.0))]
    NoTransport(Vec<(TransportKind, ConnectError)>),
    /// The server refused the handshake, with this text.
    #[error("server refused the handshake: {0}")]
    Refused(String),
    /// The transport ended or failed first.
    #[error("the connection was closed before the handshake could complete")]
    Closed,
    /// The server did not answer in time.
    #[error("no answer to the handshake in time")]
    TimedOut,
    /// The connection was stopped meanwhile.
    #[error("the connection was stopped before it was made")]
    Stopped,
}

fn listed(failed: &[(TransportKind, ConnectError)]) -> String {
    if failed.is_empty() {
        return ": the server and this client have none in common".to_owned();
    }
    failed.iter().map(|(kind, error)| format!("; {kind}: {error}")).collect()
}

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error("{0}")]
    Failed(String),
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    #[error("status {status}")]
    Status { status: u16, text: String },
}

impl RequestError {
    /// With what was asked for.
    pub(super) fn while_asking(self, what: &'static str) -> ConnectError {
        match self {
            Self::Status { status, text } => ConnectError::Status { what, status, text },
            other => ConnectError::Request { what, why: other.to_string() },
        }
    }

    /// An error with its causes.
    pub(super) fn of(error: &(dyn Error + 'static)) -> Self {
        let (mut texts, mut next) = (Vec::new(), Some(error));
        while let Some(error) = next {
            texts.push(error.to_string());
            next = error.source();
        }
        // Many errors repeat their cause.
        texts.dedup();
        Self::Failed(texts.join(": "))
    }
}
