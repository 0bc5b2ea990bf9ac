//! The handshake that opens every connection: JSON and a record separator, whatever the protocol that follows.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{HubProtocol, brief::brief, protocol_named};
use crate::ids::TransferFormat;

/// Ends every JSON record.
pub const RECORD_SEPARATOR: u8 = 0x1e;

/// The highest version of the hub protocol that is served; clients ask for 2 when they use stateful reconnect.
const HIGHEST_VERSION: i64 = 2;

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct HandshakeRequest {
    /// Name of the hub protocol.
    pub protocol: String,
    /// Version of the hub protocol.
    pub version: i64,
}

/// Why a handshake is refused. The texts are the ones the official clients show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// Nothing complete came in time, or within the receive limit.
    #[error("Handshake was canceled.")]
    Canceled,
    /// No such protocol here.
    #[error("The protocol '{0}' is not supported.")]
    UnknownProtocol(String),
    /// A version that is newer than this server.
    #[error("The server does not support version {version} of the '{protocol}' protocol.")]
    UnknownVersion {
        /// As asked for.
        version: i64,
        /// Its name here.
        protocol: &'static str,
    },
    /// The transport cannot carry this protocol.
    #[error(
        "Cannot use the '{protocol}' protocol on the current transport. The transport does not support '{format}' transfer format."
    )]
    Format {
        /// Its name here.
        protocol: &'static str,
        /// What it needs.
        format: &'static str,
    },
    /// Not a handshake at all. The detail is for the log and for detailed errors.
    #[error("An unexpected error occurred during connection handshake.")]
    Malformed(String),
}

/// The members of a request, undecoded.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    protocol: Option<&'a RawValue>,
    #[serde(borrow)]
    version: Option<&'a RawValue>,
}

impl HandshakeRequest {
    /// Reads the record, without its separator.
    pub fn parse(record: &[u8]) -> Result<Self, HandshakeError> {
        let invalid = HandshakeError::Malformed;
        match record.trim_ascii_start().first() {
            Some(b'[') => {
                return Err(invalid("Unexpected JSON Token Type 'Array'. Expected a JSON Object.".to_owned()));
            }
            Some(b'{') => {}
            _ => return Err(invalid("Error reading JSON.".to_owned())),
        }
        let members: Members<'_> = serde_json::from_slice(record).map_err(|error| invalid(brief(error)))?;
        let missing = |name: &str| {
            let content = brief(String::from_utf8_lossy(record));
            invalid(format!("Missing required property '{name}'. Message content: {content}"))
        };
        let wrong = |name: &str, kind: &str| invalid(format!("Expected '{name}' to be of type {kind}."));
        let protocol = members.protocol.ok_or_else(|| missing("protocol"))?;
        let version = members.version.ok_or_else(|| missing("version"))?;
        Ok(Self {
            protocol: serde_json::from_str(protocol.get()).map_err(|_| wrong("protocol", "String"))?,
            version: serde_json::from_str(version.get()).map_err(|_| wrong("version", "Number"))?,
        })
    }

    /// Finds the protocol asked for, if this end and the transport can speak it. No names in `supported` mean all.
    pub fn negotiate(
        &self,
        supported: &[String],
        formats: &[TransferFormat],
    ) -> Result<&'static dyn HubProtocol, HandshakeError> {
        let protocol = protocol_named(&self.protocol)
            .filter(|found| supported.is_empty() || supported.iter().any(|name| name == found.name()))
            .ok_or_else(|| HandshakeError::UnknownProtocol(self.protocol.clone()))?;
        if self.version > HIGHEST_VERSION {
            return Err(HandshakeError::UnknownVersion { version: self.version, protocol: protocol.name() });
        }
        let needed = protocol.transfer_format();
        if !formats.contains(&needed) {
            let format = match needed {
                TransferFormat::Text => "Text",
                TransferFormat::Binary => "Binary",
            };
            return Err(HandshakeError::Format { protocol: protocol.name(), format });
        }
        Ok(protocol)
    }
}

/// Appends the server's answer: `{}`, or the error.
pub fn write_handshake_response(error: Option<&str>, out: &mut Vec<u8>) {
    match error {
        None => out.extend_from_slice(b"{}"),
        Some(text) => {
            out.extend_from_slice(b"{\"error\":");
            super::json::write_string(text, out);
            out.push(b'}');
        }
    }
    out.push(RECORD_SEPARATOR);
}

/// The server's answer to a handshake.
#[cfg(feature = "client")]
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HandshakeResponse {
    /// Why it was refused, if it was.
    pub(crate) error: Option<String>,
}

#[cfg(feature = "client")]
impl HandshakeResponse {
    /// Reads the record, without its separator.
    pub(crate) fn parse(record: &[u8]) -> Result<Self, HandshakeError> {
        serde_json::from_slice(record).map_err(|error| HandshakeError::Malformed(brief(error)))
    }
}

/// Appends a client's handshake: it asks for `protocol`, in the version that stateful reconnect needs if it is `stateful`.
#[cfg(feature = "client")]
pub(crate) fn write_handshake_request(protocol: &dyn HubProtocol, stateful: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"protocol\":");
    super::json::write_string(protocol.name(), out);
    out.extend_from_slice(if stateful { b",\"version\":2}" } else { b",\"version\":1}" });
    out.push(RECORD_SEPARATOR);
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[TransferFormat] = &[TransferFormat::Text, TransferFormat::Binary];

    fn refused(record: &str) -> String {
        let error = HandshakeRequest::parse(record.as_bytes())
            .and_then(|request| request.negotiate(&[], BOTH).map(|_| ()))
            .unwrap_err();
        error.to_string()
    }

    #[test]
    fn members_may_come_in_any_order_and_names_of_protocols_in_any_case() {
        let request = HandshakeRequest::parse(br#"{"version":1,"x":[1],"protocol":"JSON"}"#).unwrap();
        assert_eq!(request.negotiate(&[], BOTH).unwrap().name(), "json");
    }

    #[cfg(feature = "messagepack")]
    #[test]
    fn messagepack_is_a_browsers_unless_dotnets_form_is_asked_for() {
        use crate::protocol::{PayloadFormat, dotnet_form};

        let request = HandshakeRequest::parse(br#"{"protocol":"MessagePack","version":1}"#).unwrap();
        let protocol = request.negotiate(&[], BOTH).unwrap();
        assert_eq!((protocol.name(), protocol.payload_format()), ("messagepack", PayloadFormat::MessagePack));
        assert_eq!(dotnet_form(protocol).payload_format(), PayloadFormat::MessagePackDotnet);
        assert_eq!(dotnet_form(protocol).name(), "messagepack");
        let text = request.negotiate(&[], &[TransferFormat::Text]).unwrap_err().to_string();
        assert!(text.contains("The transport does not support 'Binary' transfer format."), "{text}");
        assert_eq!(dotnet_form(&crate::protocol::JsonHubProtocol).name(), "json");
        for (slot, protocol) in crate::protocol::ALL_PROTOCOLS.iter().enumerate() {
            assert_eq!(protocol.slot(), slot);
        }
    }

    /// Case 32.
    #[test]
    fn old_versions_pass_and_later_ones_do_not() {
        for version in [2, 1, 0, -3] {
            let record = format!(r#"{{"protocol":"json","version":{version}}}"#);
            assert!(HandshakeRequest::parse(record.as_bytes()).unwrap().negotiate(&[], BOTH).is_ok());
        }
        let text = refused(r#"{"protocol":"json","version":3}"#);
        assert_eq!(text, "The server does not support version 3 of the 'json' protocol.");
    }

    #[test]
    fn refusals_have_signalrs_texts() {
        assert_eq!(refused(r#"{"protocol":"foo","version":1}"#), "The protocol 'foo' is not supported.");
        for record in ["{}", "[]", r#"{"protocol":1,"version":1}"#, ""] {
            assert_eq!(refused(record), "An unexpected error occurred during connection handshake.");
        }
    }

    #[test]
    fn a_malformed_request_is_described_as_aspnet_describes_it() {
        let table = [
            (r#"{"version":1}"#, r#"Missing required property 'protocol'. Message content: {"version":1}"#),
            (r#"{"protocol":"json"}"#, r#"Missing required property 'version'. Message content: {"protocol":"json"}"#),
            (r#" {}"#, "Missing required property 'protocol'. Message content:  {}"),
            (r#"{"protocol":1,"version":1}"#, "Expected 'protocol' to be of type String."),
            (r#"{"protocol":"json","version":"1"}"#, "Expected 'version' to be of type Number."),
            ("[]", "Unexpected JSON Token Type 'Array'. Expected a JSON Object."),
            ("", "Error reading JSON."),
        ];
        for (record, text) in table {
            let expected = HandshakeError::Malformed(text.to_owned());
            assert_eq!(HandshakeRequest::parse(record.as_bytes()).unwrap_err(), expected, "{record}");
        }
        let long = format!(r#"{{"x":"{}"}}"#, "x".repeat(30_000));
        let HandshakeError::Malformed(text) = HandshakeRequest::parse(long.as_bytes()).unwrap_err() else { panic!() };
        assert!(text.len() < 700, "{}", text.len());
    }

    #[test]
    fn a_protocol_can_be_left_out() {
        let request = HandshakeRequest { protocol: "json".to_owned(), version: 1 };
        assert!(request.negotiate(&["json".to_owned()], BOTH).is_ok());
        let error = request.negotiate(&["messagepack".to_owned()], BOTH).unwrap_err();
        assert_eq!(error.to_string(), "The protocol 'json' is not supported.");
    }

    #[test]
    fn the_answer_is_escaped() {
        let mut out = Vec::new();
        write_handshake_response(Some("a \"b\""), &mut out);
        assert_eq!(out, b"{\"error\":\"a \\\"b\\\"\"}\x1e");
    }
}
