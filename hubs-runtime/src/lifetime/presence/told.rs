//! What nodes tell each other of members. A node tells of its own connections only, and numbers what it tells of a group, so
//! that who has missed something notices and asks for all of it.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    ids::GroupName,
    protocol::{Payload as _, PayloadFormat},
};

/// A member, as far as it is connected to the node that tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entry<'a, M> {
    #[serde(rename = "k")]
    pub(super) key: Cow<'a, str>,
    #[serde(rename = "n")]
    pub(super) connections: u32,
    /// When the newest of these connections was tracked, in microseconds since 1970.
    #[serde(rename = "t")]
    pub(super) since: u64,
    /// When the first of them came, the same.
    #[serde(rename = "f")]
    pub(super) first: u64,
    #[serde(rename = "m")]
    pub(super) meta: M,
}

/// What is told of one group, on its channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Told<'a, M> {
    /// All members of the node.
    All { node: Cow<'a, str>, version: u64, members: Vec<Entry<'a, M>> },
    /// What has changed between two versions.
    Changed { node: Cow<'a, str>, from: u64, to: u64, members: Vec<Entry<'a, M>>, gone: Vec<Cow<'a, str>> },
    /// The version that others should have by now.
    Version { node: Cow<'a, str>, version: u64 },
}

/// What is told of no group in particular, on the channel of all nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Notice<'a> {
    /// The node runs. Who is `new` wants to know at once who else does.
    Alive { node: Cow<'a, str>, new: bool },
    /// The node tells no more: its connections have ended.
    Leaving { node: Cow<'a, str> },
    /// Wants all members of a group, of this node or of each.
    Ask { node: Cow<'a, str>, group: Cow<'a, str>, of: Option<Cow<'a, str>> },
}

impl<M> Told<'_, M> {
    pub(super) fn node(&self) -> &str {
        match self {
            Self::All { node, .. } | Self::Changed { node, .. } | Self::Version { node, .. } => node,
        }
    }
}

/// Where is told of a group, or of none in particular.
pub(super) fn channel(hub: &str, group: Option<&GroupName>) -> String {
    match group {
        Some(group) => format!("{hub}:presence:{}", group.as_str()),
        None => format!("{hub}:presence"),
    }
}

/// `None`: what a member shows cannot be written.
pub(super) fn write(told: &impl Serialize) -> Option<Bytes> {
    let mut out = Vec::new();
    let written = told.encode(PayloadFormat::Json, &mut out);
    written.inspect_err(|error| tracing::error!(%error, "what members show cannot be told to other nodes")).ok()?;
    Some(out.into())
}

/// `None`: this node does not know what another one tells, such as members of another version of the program.
pub(super) fn read<T: DeserializeOwned>(payload: &[u8]) -> Option<T> {
    PayloadFormat::Json.decode(payload).ok()
}
