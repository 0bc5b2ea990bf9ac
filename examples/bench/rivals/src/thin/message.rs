//! SignalR's JSON messages, as far as the bench has any.

use std::borrow::Cow;

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// What ends a message.
pub(crate) const END: char = '\u{1e}';

/// What a client sends. Arguments are parsed once their types are known.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Incoming<'a> {
    pub(crate) r#type: u8,
    #[serde(borrow, default)]
    pub(crate) invocation_id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) target: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) arguments: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) item: Option<&'a RawValue>,
    #[serde(default)]
    pub(crate) stream_ids: Vec<String>,
}

/// What the server sends.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Outgoing<'a, T: Serialize> {
    r#type: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<[T; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a, T: Serialize + Default> Outgoing<'a, T> {
    pub(crate) fn call(argument: T) -> Self {
        Self { r#type: 1, target: Some("Receive"), arguments: Some([argument]), ..Self::default() }
    }

    pub(crate) fn item(id: &'a str, item: T) -> Self {
        Self { r#type: 2, invocation_id: Some(id), item: Some(item), ..Self::default() }
    }

    pub(crate) fn result(id: &'a str, result: Option<T>) -> Self {
        Self { r#type: 3, invocation_id: Some(id), result, ..Self::default() }
    }

    pub(crate) fn failure(id: &'a str, error: &'a str) -> Self {
        Self { r#type: 3, invocation_id: Some(id), error: Some(error), ..Self::default() }
    }

    pub(crate) fn ping() -> Self {
        Self { r#type: 6, ..Self::default() }
    }

    /// The text of the message, its end included.
    pub(crate) fn encode(&self) -> Utf8Bytes {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push(END);
        text.into()
    }
}
