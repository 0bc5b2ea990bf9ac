//! The texts that the peer reads when something fails. They are part of the wire: a server's are those of ASP.NET Core
//! (its `BuildErrorMessage`), a client's those of the official clients.

use super::{admission::Refusal, report::for_the_peer};
use crate::{
    call::Fault,
    connection::End,
    ids::{DisconnectError, HubError},
};

const CLOSED_WITH_ERROR: &str = "Connection closed with an error.";

const STREAMING_FAILED: &str = "An error occurred on the server while streaming results.";

const BINDING_FAILED: &str = "Error binding arguments. Make sure that the types of the provided values match the types of the hub method being invoked.";

/// Which end writes the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}

/// Writes the texts of one end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts {
    pub(crate) side: Side,
    /// Whether the peer is told what went wrong inside.
    pub(crate) detailed: bool,
}

impl Texts {
    /// Why a call of `method` does not run.
    pub(super) fn refused(self, method: &str, refusal: &Refusal) -> String {
        if self.side == Side::Client {
            let unknown = matches!(refusal, Refusal::UnknownMethod | Refusal::Kind { .. });
            let text = if unknown { "Client didn't provide a result." } else { "Client failed to parse argument(s)." };
            return text.to_owned();
        }
        let failed = |detail: &str| self.with_detail(&failed_to_invoke(method), "InvalidDataException", detail);
        let because = |text: String| format!("{} HubException: {text}", unexpected(method));
        match refusal {
            Refusal::UnknownMethod => format!("{} HubException: Method does not exist.", failed_to_invoke(method)),
            Refusal::Count { given, expected } => {
                failed(&format!("Invocation provides {given} argument(s) but target expects {expected}."))
            }
            Refusal::Argument { parameter, detail } => failed(&format!("{BINDING_FAILED} ({parameter}: {detail})")),
            Refusal::Panic(text) => self.with_detail(&failed_to_invoke(method), "Panic", text),
            Refusal::Kind { streams: true } => format!(
                "The client attempted to invoke the streaming '{method}' method with a non-streaming invocation."
            ),
            Refusal::Kind { streams: false } => format!(
                "The client attempted to invoke the non-streaming '{method}' method with a streaming invocation."
            ),
            Refusal::Unauthorized => unauthorized(method),
            Refusal::CallInUse(id) => format!("Invocation ID '{id}' is already in use."),
            Refusal::StreamInUse(id) => because(format!("Stream ID '{id}' is already in use.")),
            Refusal::Streams { given, expected } => {
                because(format!("Client sent {given} stream(s), Hub method expects {expected}."))
            }
            Refusal::TooOften(limit) => because(format!("More than {limit}.")),
            Refusal::TooMany { limit, what } => because(format!("More than {limit} {what} at once.")),
        }
    }

    /// Why a call of `method` gave no result.
    pub(super) fn failed(self, method: &str, fault: &Fault) -> String {
        match (self.side, fault) {
            (Side::Server, Fault::Error(error)) if error.is_unauthorized() => unauthorized(method),
            (Side::Server, fault) => self.with_fault(&unexpected(method), fault),
            (Side::Client, Fault::Error(error)) => error.to_string(),
            (Side::Client, Fault::Encode(error)) => error.to_string(),
            (Side::Client, Fault::Panic(_)) => {
                format!("An unexpected error occurred invoking '{method}' on the client.")
            }
        }
    }

    /// The call of `method` was cancelled by its caller.
    pub(super) fn cancelled(self, method: &str) -> String {
        format!("{} HubException: The call was cancelled.", unexpected(method))
    }

    /// Why a stream that this end sends ended early.
    pub(super) fn stream_failed(self, fault: &Fault) -> String {
        match (self.side, fault) {
            (Side::Server, fault) => self.with_fault(STREAMING_FAILED, fault),
            (Side::Client, Fault::Panic(_)) => "An error occurred on the client while streaming.".to_owned(),
            (Side::Client, Fault::Error(error)) => error.to_string(),
            (Side::Client, Fault::Encode(error)) => error.to_string(),
        }
    }

    /// `on_connected` failed.
    pub(super) fn not_connected(self, fault: &Fault) -> String {
        self.with_fault(CLOSED_WITH_ERROR, fault)
    }

    /// What the Close message says: an error, and whether the peer may connect again. `None`: the peer cannot be told.
    pub(super) fn closed(self, end: &End) -> Option<(Option<String>, bool)> {
        Some(match end {
            End::Gone | End::Lost => return None,
            _ if self.side == Side::Client => (None, false),
            End::ClosedByPeer { .. } | End::Aborted => (None, false),
            End::Shutdown | End::BackplaneLost | End::Expired => (None, true),
            End::Refused(text) => (Some(text.clone()), false),
            End::Failed(error) => (Some(self.closed_with(end, error)), true),
        })
    }

    fn closed_with(self, end: &End, error: &DisconnectError) -> String {
        if !self.detailed {
            let safe = for_the_peer(end.reason());
            return safe.map_or_else(|| CLOSED_WITH_ERROR.to_owned(), |safe| format!("{CLOSED_WITH_ERROR} ({safe})"));
        }
        let (type_name, detail) = match error {
            DisconnectError::ClientTimeout => (
                "OperationCanceledException",
                "Client hasn't sent a message/ping within the configured ClientTimeoutInterval.".to_owned(),
            ),
            DisconnectError::Protocol(text) => ("InvalidDataException", text.clone()),
            DisconnectError::MessageTooLarge(limit) => (
                "InvalidDataException",
                format!(
                    "The maximum message size of {limit}B was exceeded. The message size can be configured in AddHubOptions."
                ),
            ),
            other => ("OperationCanceledException", other.to_string()),
        };
        self.with_detail(CLOSED_WITH_ERROR, type_name, &detail)
    }

    fn with_fault(self, text: &str, fault: &Fault) -> String {
        match fault {
            Fault::Error(error) => self.with_cause(text, error),
            Fault::Encode(error) => self.with_detail(text, "EncodeError", &error.to_string()),
            Fault::Panic(panic) => self.with_detail(text, "Panic", panic),
        }
    }

    /// `TEXT`, or `TEXT Type: message` where the error is made for the client or detailed errors are on.
    fn with_cause(self, text: &str, error: &HubError) -> String {
        if self.detailed || error.client_text().is_some() {
            format!("{text} {}: {error}", error.type_name())
        } else {
            text.to_owned()
        }
    }

    /// `TEXT`, or `TEXT Type: message` where detailed errors are on.
    pub(crate) fn with_detail(self, text: &str, type_name: &str, detail: &str) -> String {
        if self.detailed { format!("{text} {type_name}: {detail}") } else { text.to_owned() }
    }
}

fn failed_to_invoke(method: &str) -> String {
    format!("Failed to invoke '{method}' due to an error on the server.")
}

/// The caller may not call `method`.
fn unauthorized(method: &str) -> String {
    format!("Failed to invoke '{method}' because user is unauthorized")
}

fn unexpected(method: &str) -> String {
    format!("An unexpected error occurred invoking '{method}' on the server.")
}
