//! Envelopes of other nodes: whatever a node, or a stranger, publishes, reading it panics nowhere, and what was read is
//! written so that it is read again as the same.

#[path = "../hubs-runtime/src/lifetime/clustered/envelope.rs"]
#[allow(dead_code, reason = "the check uses a part of it")]
mod envelopes;

use bytes::Bytes;
use envelopes::{Completion, GroupCommand, Invocation, read_ack, write_ack};

/// How large a value one byte of input can stand for: an empty id is one byte.
pub(crate) const GROWTH: usize = size_of::<String>();

/// Reads the bytes as each kind of envelope.
pub(crate) fn read(data: &[u8]) {
    let payload = Bytes::copy_from_slice(data);
    let _ = (Invocation::read(&payload), GroupCommand::read(&payload), Completion::read(&payload), read_ack(&payload));
}

/// Reads them, and what is written of them.
pub(crate) fn check(data: &[u8]) {
    let payload = Bytes::copy_from_slice(data);
    if let Ok(call) = Invocation::read(&payload) {
        assert_eq!(Invocation::read(&call.write()).as_ref(), Ok(&call));
    }
    if let Ok(command) = GroupCommand::read(&payload) {
        assert_eq!(GroupCommand::read(&command.write()).as_ref(), Ok(&command));
    }
    if let Ok(completion) = Completion::read(&payload) {
        assert_eq!(Completion::read(&completion.write()).as_ref(), Ok(&completion));
    }
    if let Ok(id) = read_ack(&payload) {
        assert_eq!(read_ack(&write_ack(id)), Ok(id));
    }
}
