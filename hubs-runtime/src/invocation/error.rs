//! What a proxy fails with. Never a [`HubError`](crate::HubError): a peer's text that passes through `?` in a hub
//! method is masked like any other error.

use std::time::Duration;

#[cfg(feature = "server")]
use bytes::Bytes;
use serde::de::DeserializeOwned;

#[cfg(feature = "server")]
use crate::backplane::BackplaneError;
#[cfg(feature = "server")]
use crate::protocol::{CompletionResult, PayloadFormat, RawPayload};
use crate::{
    ids::ConnectionId,
    protocol::{ERROR_DATA, EncodeError, Headers},
};

/// Why a message could not be sent, or a connection not added to a group. A target without connections is no error.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// An argument could not be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The connection of this proxy is closed, or being made again: nothing was sent.
    #[error("the connection is closed")]
    Closed,
    /// The connection was not added to the group: it is in as many as it may.
    #[error(
        "the connection is in {0} groups, as many as HubOptions::maximum_groups_per_connection allows: leave one first"
    )]
    TooManyGroups(usize),
    /// The connection was not added to the group: the group's name is too long.
    #[error(
        "the group's name has {length} bytes, and HubOptions::maximum_group_name_length allows {limit}: take a shorter one"
    )]
    GroupNameTooLong {
        /// Of the name, in bytes.
        length: usize,
        /// The most that is allowed, in bytes.
        limit: usize,
    },
    /// The connection is not shown in the group: the key of its member is too long.
    #[error("the member's key has {length} bytes, and may have {limit}: take a shorter one")]
    MemberKeyTooLong {
        /// Of the key, in bytes.
        length: usize,
        /// The most that is allowed, in bytes.
        limit: usize,
    },
    /// The connection is not shown in the group: what its member shows is too large.
    #[error(
        "what the member shows has {length} bytes in JSON, and HubOptions::presence_member_size allows {limit}: show less"
    )]
    MemberTooLarge {
        /// Of what it shows, in bytes of JSON.
        length: usize,
        /// The most that is allowed, in bytes of JSON.
        limit: usize,
    },
    /// The other nodes of the cluster could not be reached: the connections of this process have the message, those of
    /// other nodes may not have it. Needs feature `server`.
    #[cfg(feature = "server")]
    #[error("this message may not have reached the other nodes: {0}")]
    Backplane(#[from] BackplaneError),
}

/// Why a call gave no result.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The call could not be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The peer answered with this error.
    #[error("{0}")]
    Remote(String),
    /// The peer answered with an error that the method names; [`InvokeError::decode`] reads it.
    #[error("{text}")]
    Typed {
        /// The sentence for people.
        text: String,
        /// The error, in JSON.
        data: String,
    },
    /// The peer refused the call: the user is not allowed to make it.
    #[error("{0}")]
    Unauthorized(String),
    /// There is no such connection.
    #[error("Connection '{0}' does not exist.")]
    NoSuchConnection(ConnectionId),
    /// The connection ended before the answer came.
    #[error("Connection '{0}' disconnected.")]
    Disconnected(ConnectionId),
    /// No answer came in time.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The answer is not of the expected type.
    #[error("the result is not of the expected type: {0}")]
    UnexpectedType(String),
    /// A client cannot be asked while its `on_connected` runs: nothing it sends is read yet.
    #[error("Client results inside OnConnectedAsync Hub methods are not allowed.")]
    DuringConnect,
}

impl InvokeError {
    /// The text that the peer meant for its caller, without what SignalR puts before it.
    ///
    /// A method that fails with `HubError::client("the room is full")` is answered with `An unexpected error occurred
    /// invoking 'Join' on the server. HubException: the room is full`; this is `the room is full`. `None` if the peer gave
    /// no such text: it masked the error, or never answered.
    ///
    /// ```
    /// use hubs::InvokeError;
    ///
    /// let full = "An unexpected error occurred invoking 'Join' on the server. HubException: the room is full";
    /// assert_eq!(InvokeError::Remote(full.to_owned()).client_text(), Some("the room is full"));
    /// let masked = "An unexpected error occurred invoking 'Join' on the server.";
    /// assert_eq!(InvokeError::Remote(masked.to_owned()).client_text(), None);
    /// ```
    pub fn client_text(&self) -> Option<&str> {
        let (Self::Remote(text) | Self::Typed { text, .. }) = self else { return None };
        match text.split_once(" HubException: ") {
            Some((before, meant)) if is_signalrs(before) => Some(meant),
            _ if is_signalrs(text) => None,
            // A client answers with the bare text.
            _ => Some(text),
        }
    }

    /// What a peer answered.
    #[cfg(feature = "server")]
    pub(crate) fn of_completion(
        format: PayloadFormat,
        result: &CompletionResult<'_>,
        headers: Headers<'_>,
    ) -> Result<RawPayload, Self> {
        match result {
            CompletionResult::Value(value) => Ok(RawPayload::new(format, Bytes::copy_from_slice(value))),
            CompletionResult::Error(text) => Err(Self::answered(text, headers)),
            CompletionResult::Void => Err(Self::Remote("the client gave no result".to_owned())),
        }
    }

    /// What a peer answered: a text, and in a header perhaps the error as data.
    pub(crate) fn answered(text: &str, headers: Headers<'_>) -> Self {
        let text = text.to_owned();
        match headers.get(ERROR_DATA) {
            Some(data) => Self::Typed { text, data: data.into_owned() },
            None if text.starts_with("Failed to invoke '") && text.ends_with("' because user is unauthorized") => {
                Self::Unauthorized(text)
            }
            None => Self::Remote(text),
        }
    }

    /// Whether the peer may have run the method: not if the call was never sent. A call that gave no answer in time, or
    /// whose connection was lost, may have run or may run later.
    pub fn may_have_run(&self) -> bool {
        match self {
            // Another node may have got the call, and only the answer of the backplane is lost.
            #[cfg(feature = "server")]
            Self::Send(SendError::Backplane(_)) => true,
            Self::Send(_) | Self::NoSuchConnection(_) | Self::DuringConnect => false,
            Self::Remote(_)
            | Self::Typed { .. }
            // The method itself may have refused, after it had begun.
            | Self::Unauthorized(_)
            | Self::Disconnected(_)
            | Self::TimedOut(_)
            | Self::UnexpectedType(_) => true,
        }
    }

    /// The error that the method names in its return type, `HubResult<T, E>` or `HubResult<T, CallError<E>>`. `None` if
    /// the call failed for another reason, or with an error that is not an `E`.
    pub fn decode<E: DeserializeOwned>(&self) -> Option<E> {
        match self {
            Self::Typed { data, .. } => serde_json::from_str(data).ok(),
            _ => None,
        }
    }
}

/// Whether `text` starts as one of the texts that SignalR's servers write themselves.
fn is_signalrs(text: &str) -> bool {
    ["An unexpected error occurred invoking '", "Failed to invoke '", "An error occurred on the server while streaming"]
        .iter()
        .any(|start| text.starts_with(start))
}
