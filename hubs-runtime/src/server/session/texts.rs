//! The error texts that SignalR's clients show. They are part of the wire: see the rule of ASP.NET Core's
//! `BuildErrorMessage`.

use super::call::Panic;
use crate::ids::HubError;

pub(super) const CLOSED_WITH_ERROR: &str = "Connection closed with an error.";

pub(super) const STREAMING_FAILED: &str = "An error occurred on the server while streaming results.";

pub(super) const BINDING_FAILED: &str = "Error binding arguments. Make sure that the types of the provided values match the types of the hub method being invoked.";

/// `TEXT`, or `TEXT Type: message` where the error is made for the client or detailed errors are on.
pub(super) fn with_cause(text: &str, error: &HubError, detailed: bool) -> String {
    if detailed || error.client_text().is_some() {
        format!("{text} {}: {error}", error.type_name())
    } else {
        text.to_owned()
    }
}

/// `TEXT`, or `TEXT Type: message` where detailed errors are on.
pub(super) fn with_detail(text: &str, type_name: &str, detail: &str, detailed: bool) -> String {
    if detailed { format!("{text} {type_name}: {detail}") } else { text.to_owned() }
}

pub(super) fn failed_to_invoke(target: &str) -> String {
    format!("Failed to invoke '{target}' due to an error on the server.")
}

pub(super) fn unknown_method(target: &str) -> String {
    format!("{} HubException: Method does not exist.", failed_to_invoke(target))
}

pub(super) fn unexpected(target: &str) -> String {
    format!("An unexpected error occurred invoking '{target}' on the server.")
}

pub(super) fn method_failed(target: &str, error: &HubError, detailed: bool) -> String {
    with_cause(&unexpected(target), error, detailed)
}

pub(super) fn method_panicked(target: &str, panic: &Panic, detailed: bool) -> String {
    with_detail(&unexpected(target), "Panic", &panic.0, detailed)
}

/// A method that streams was called like one that does not, or the other way round.
pub(super) fn wrong_mode(target: &str, streams: bool) -> String {
    if streams {
        format!("The client attempted to invoke the streaming '{target}' method with a non-streaming invocation.")
    } else {
        format!("The client attempted to invoke the non-streaming '{target}' method with a streaming invocation.")
    }
}
