//! The error texts that SignalR's clients show. They are part of the wire: see the rule of ASP.NET Core's
//! `BuildErrorMessage`.

use super::call::Panic;
use crate::ids::HubError;

pub(super) const CLOSED_WITH_ERROR: &str = "Connection closed with an error.";

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
