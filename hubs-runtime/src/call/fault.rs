//! Why a call or a stream failed.

use crate::{ids::HubError, protocol::EncodeError};

/// Why a call or a stream gave no result.
#[derive(Debug)]
pub enum Fault {
    /// User code returned this error.
    Error(HubError),
    /// A value cannot be written.
    Encode(EncodeError),
    /// User code panicked with this text.
    Panic(String),
}

impl Fault {
    /// The error as data, if the method names it.
    pub(crate) fn data(&self) -> Option<&str> {
        match self {
            Self::Error(error) => error.data(),
            Self::Encode(_) | Self::Panic(_) => None,
        }
    }
}
