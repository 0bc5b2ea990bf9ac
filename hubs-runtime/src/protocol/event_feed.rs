//! Calls of clients as plain Server-Sent Events, for readers that have no client library: the event is the method, its data
//! the arguments as a JSON array. Written only; nothing is read.

use super::{
    EncodeError, Frame, HubMessage, HubProtocol, JsonHubProtocol, Outgoing, PayloadFormat, ProtocolError,
    TransferFormat,
};

/// What readers of a feed are written in. No client can ask for it by name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventFeed;

/// What keeps a silent stream open.
const COMMENT: &[u8] = b":\r\n\r\n";

impl HubProtocol for EventFeed {
    fn name(&self) -> &'static str {
        "event-feed"
    }

    fn transfer_format(&self) -> TransferFormat {
        TransferFormat::Text
    }

    fn payload_format(&self) -> PayloadFormat {
        PayloadFormat::Json
    }

    /// That of JSON: readers have a registry of their own, in which no other protocol is.
    fn slot(&self) -> usize {
        JsonHubProtocol.slot()
    }

    fn frame(&self, _: &[u8], _: usize, _: Option<usize>) -> Result<Option<Frame>, ProtocolError> {
        Ok(None)
    }

    fn decode<'a>(&self, _: &'a [u8]) -> Result<Option<HubMessage<'a>>, ProtocolError> {
        Ok(None)
    }

    /// `Readers` writes the events; what a connection writes by itself is a comment.
    fn encode(&self, _: &Outgoing<'_>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        out.extend_from_slice(COMMENT);
        Ok(())
    }

    /// An event has no headers.
    fn with_header(&self, _: &[u8], _: &str, _: &str) -> Option<Vec<u8>> {
        None
    }

    fn open_items(&self, _: &str, _: &mut Vec<u8>) -> Result<(), EncodeError> {
        Err(EncodeError("a feed has no streams".to_owned()))
    }

    fn close_item(&self, _: &mut Vec<u8>) -> Result<usize, EncodeError> {
        Err(EncodeError("a feed has no streams".to_owned()))
    }
}

/// The event of a call that was written for JSON clients, without its id. `None`: it is no call.
pub(crate) fn event_of(message: &[u8]) -> Option<Vec<u8>> {
    let frame = JsonHubProtocol.frame(message, 0, None).ok()??;
    let HubMessage::Invocation(call) = JsonHubProtocol.decode(&message[frame.body]).ok()?? else { return None };
    let mut data = vec![b'['];
    data.extend_from_slice(call.arguments.text()?.as_bytes());
    data.push(b']');
    let mut event = Vec::with_capacity(data.len() + 48);
    field(&mut event, "event", call.target.as_bytes());
    // A line of the data is a line of the event; a bare CR ends a line, too.
    for line in data.split(|byte| matches!(byte, b'\r' | b'\n')).filter(|line| !line.is_empty()) {
        field(&mut event, "data", line);
    }
    event.extend_from_slice(b"\r\n");
    Some(event)
}

fn field(event: &mut Vec<u8>, name: &str, value: &[u8]) {
    event.extend_from_slice(name.as_bytes());
    event.extend_from_slice(b": ");
    event.extend_from_slice(value);
    event.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_an_event_with_its_arguments() {
        let event = |text: &str| event_of(text.as_bytes()).map(|event| String::from_utf8(event).unwrap());
        let call = "{\"type\":1,\"target\":\"Receive\",\"arguments\":[\"a\\nb\",{\"x\":[1,2]}]}\u{1e}";
        assert_eq!(event(call).as_deref(), Some("event: Receive\r\ndata: [\"a\\nb\",{\"x\":[1,2]}]\r\n\r\n"));
        let empty = "{\"type\":1,\"target\":\"Tick\",\"arguments\":[]}\u{1e}";
        assert_eq!(event(empty).as_deref(), Some("event: Tick\r\ndata: []\r\n\r\n"));
        let lines = "{\"type\":1,\"target\":\"Raw\",\"arguments\":[[1,\n2\r\n]]}\u{1e}";
        assert_eq!(event(lines).as_deref(), Some("event: Raw\r\ndata: [[1,\r\ndata: 2\r\ndata: ]]\r\n\r\n"));
        assert_eq!(event("{\"type\":6}\u{1e}"), None);
    }
}
