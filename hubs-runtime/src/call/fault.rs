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
