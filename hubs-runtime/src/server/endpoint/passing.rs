//! A request that one node passes on to the owner of its connection, and the owner's answer, as bytes. Must not know how
//! they get there.

use bytes::Bytes;
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::signed::Nonce;
use crate::server::http::answer::Refusal;

/// What a request does to a connection.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Kind {
    Post,
    /// The body is who the user is now, or nothing where the request does not say so.
    Poll,
    Delete,
    /// The next socket of the connection: the body is the name of a [`Tunnel`](super::tunnel::Tunnel).
    Resume,
    /// The user of the connection has a new token: the body is who that is.
    Refresh,
}

/// A request that is passed on, before its body.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) kind: Kind,
    /// Of the connection, as its token has them.
    pub(super) nonce: Nonce,
    pub(super) expires: u64,
    pub(super) user: Option<String>,
}

/// What the owner answers.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

impl Head {
    /// With the body of the request, for the owner of the connection.
    pub(super) fn write(&self, body: &[u8]) -> Bytes {
        let head = serde_json::to_vec(self).unwrap_or_default();
        let length = u32::try_from(head.len()).unwrap_or_default().to_be_bytes();
        [&length[..], &head, body].concat().into()
    }

    /// Also gives the body.
    pub(super) fn read(bytes: &Bytes) -> Option<(Self, Bytes)> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let (head, body) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        Some((serde_json::from_slice(head).ok()?, bytes.slice_ref(body)))
    }
}

impl Reply {
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, body: Bytes::new() }
    }

    /// For the node that has asked.
    pub(super) fn write(&self) -> Bytes {
        [&self.status.as_u16().to_be_bytes()[..], &self.body].concat().into()
    }

    pub(super) fn read(bytes: &Bytes) -> Option<Self> {
        let (status, body) = bytes.split_first_chunk::<2>()?;
        let status = StatusCode::from_u16(u16::from_be_bytes(*status)).ok()?;
        Some(Self { status, body: bytes.slice_ref(body) })
    }

    /// What the owner has said instead of doing it.
    pub(super) fn refusal(self) -> Refusal {
        Refusal { status: self.status, text: String::from_utf8_lossy(&self.body).into_owned().into() }
    }
}

impl From<Refusal> for Reply {
    fn from(Refusal { status, text }: Refusal) -> Self {
        Self { status, body: text.into_owned().into() }
    }
}
