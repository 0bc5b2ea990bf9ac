//! The first request of a SignalR connection: what is asked, what is answered, and the names a connection gets. Must not
//! know HTTP.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use super::TransportKind;
use crate::ids::{ConnectionId, ConnectionToken};

/// The newest version of negotiation spoken here.
const NEWEST_VERSION: u32 = 1;
/// From this version on a connection has a secret token besides its public id.
const TOKEN_VERSION: u32 = 1;

/// Why a request to negotiate is declined. The text is for the client and goes out with status 200.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NegotiateError {
    #[error("The client requested a non-integer protocol version.")]
    NotAnInteger,
    #[error("The client requested version '{0}', but the server does not support this version.")]
    Unsupported(i32),
}

/// The version to answer with. `asked` is the query's value, `None` if there is none.
pub(crate) fn agree_on_version(asked: Option<&str>, minimum: u32) -> Result<u32, NegotiateError> {
    let asked = match asked {
        Some(text) => text.trim_ascii().parse::<i32>().map_err(|_| NegotiateError::NotAnInteger)?,
        None => 0,
    };
    match u32::try_from(asked) {
        Ok(version) if version >= minimum => Ok(version.min(NEWEST_VERSION)),
        _ => Err(NegotiateError::Unsupported(asked)),
    }
}

/// The names of a new connection.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) id: ConnectionId,
    pub(crate) token: ConnectionToken,
}

/// Whether a connection has a secret token besides its public id.
pub(crate) fn has_token(version: u32) -> bool {
    version >= TOKEN_VERSION
}

/// 16 random bytes.
pub(crate) fn random() -> Result<[u8; 16], getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// The public id of a connection that has not negotiated: 22 characters.
pub(crate) fn random_id() -> Result<ConnectionId, getrandom::Error> {
    Ok(ConnectionId::new(URL_SAFE_NO_PAD.encode(random()?)))
}

/// The answer. Fields are in the order in which .NET writes them; what is absent is left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NegotiateResponse<'a> {
    #[serde(skip_serializing_if = "is_false")]
    use_stateful_reconnect: bool,
    negotiate_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<&'a str>,
    connection_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_token: Option<&'a str>,
    available_transports: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_lifetime_seconds: Option<u64>,
}

/// The transports that a server offers, as every answer of it has them: written once.
pub(crate) struct Offer(Box<RawValue>);

impl Offer {
    /// In the order in which a client tries them.
    pub(crate) fn of(transports: &[TransportKind]) -> Self {
        let available: Vec<_> = transports.iter().filter_map(|kind| available(*kind)).collect();
        Self(to_raw_value(&available).expect("names can be written"))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct AvailableTransport {
    transport: &'static str,
    transfer_formats: &'static [&'static str],
}

impl<'a> NegotiateResponse<'a> {
    pub(crate) fn new(version: u32, identity: &'a Identity, Offer(transports): &'a Offer) -> Self {
        Self {
            use_stateful_reconnect: false,
            negotiate_version: version,
            access_token: None,
            connection_id: identity.id.as_str(),
            connection_token: has_token(version).then(|| identity.token.as_str()),
            available_transports: transports,
            token_lifetime_seconds: None,
        }
    }

    /// What the client sends from now on in place of its token.
    pub(crate) fn access_token(mut self, token: Option<&'a str>) -> Self {
        self.access_token = token;
        self
    }

    /// For how many seconds the client's token is good, where it may be renewed.
    pub(crate) fn lifetime(mut self, seconds: Option<u64>) -> Self {
        self.token_lifetime_seconds = seconds;
        self
    }

    /// Whether the connection survives the loss of its socket: only if its client has asked for it, else it fails.
    pub(crate) fn stateful_reconnect(mut self, used: bool) -> Self {
        self.use_stateful_reconnect = used;
        self
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_false(value: &bool) -> bool {
    !value
}

/// How a transport is offered; one that has no name on the wire is not.
fn available(kind: TransportKind) -> Option<AvailableTransport> {
    let transfer_formats: &[_] = match kind {
        TransportKind::WebSockets | TransportKind::LongPolling => &["Text", "Binary"],
        TransportKind::ServerSentEvents => &["Text"],
        TransportKind::Memory => return None,
    };
    Some(AvailableTransport { transport: kind.name(), transfer_formats })
}

/// The answer to a request that is declined.
#[derive(Serialize)]
pub(crate) struct NegotiateRefusal {
    error: String,
}

impl From<NegotiateError> for NegotiateRefusal {
    fn from(error: NegotiateError) -> Self {
        Self { error: error.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let cases = [
            (None, 0, Ok(0)),
            (Some("0"), 0, Ok(0)),
            (Some("1"), 0, Ok(1)),
            (Some(" +1 "), 0, Ok(1)),
            (Some("7"), 0, Ok(1)),
            (Some("2147483647"), 1, Ok(1)),
            (Some("2147483648"), 0, Err(NegotiateError::NotAnInteger)),
            (Some("abc"), 0, Err(NegotiateError::NotAnInteger)),
            (Some(""), 0, Err(NegotiateError::NotAnInteger)),
            (Some("1,1"), 0, Err(NegotiateError::NotAnInteger)),
            (Some("1.0"), 0, Err(NegotiateError::NotAnInteger)),
            (Some("-1"), 0, Err(NegotiateError::Unsupported(-1))),
            (None, 1, Err(NegotiateError::Unsupported(0))),
            (Some("1"), 1, Ok(1)),
        ];
        for (asked, minimum, expected) in cases {
            assert_eq!(agree_on_version(asked, minimum), expected, "{asked:?}, minimum {minimum}");
        }
    }

    #[test]
    fn texts_of_refusals() {
        let text = |error| serde_json::to_string(&NegotiateRefusal::from(error)).unwrap();
        assert_eq!(
            text(NegotiateError::NotAnInteger),
            r#"{"error":"The client requested a non-integer protocol version."}"#
        );
        assert_eq!(
            text(NegotiateError::Unsupported(-1)),
            r#"{"error":"The client requested version '-1', but the server does not support this version."}"#
        );
    }

    #[test]
    fn the_answer_is_written_as_dotnet_writes_it() {
        let identity = Identity { id: "public".into(), token: "secret".into() };
        let body = |version, transports: &[TransportKind]| {
            serde_json::to_string(&NegotiateResponse::new(version, &identity, &Offer::of(transports))).unwrap()
        };
        let all = [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];
        assert_eq!(
            body(1, &all),
            r#"{"negotiateVersion":1,"connectionId":"public","connectionToken":"secret","availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]},{"transport":"ServerSentEvents","transferFormats":["Text"]},{"transport":"LongPolling","transferFormats":["Text","Binary"]}]}"#
        );
        assert_eq!(
            body(0, &[TransportKind::Memory, TransportKind::WebSockets]),
            r#"{"negotiateVersion":0,"connectionId":"public","availableTransports":[{"transport":"WebSockets","transferFormats":["Text","Binary"]}]}"#
        );
    }

    #[test]
    fn stateful_reconnect_comes_first() {
        let identity = Identity { id: "public".into(), token: "secret".into() };
        let offer = Offer::of(&[]);
        let response = NegotiateResponse::new(1, &identity, &offer).stateful_reconnect(true);
        let body = serde_json::to_string(&response).unwrap();
        assert!(body.starts_with(r#"{"useStatefulReconnect":true,"negotiateVersion":1,"#), "{body}");
    }

    #[test]
    fn ids_are_random_and_fit_a_url() {
        let id = random_id().unwrap();
        assert_eq!(id.as_str().len(), 22);
        assert!(id.as_str().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{id}");
        assert_ne!(id, random_id().unwrap());
    }
}
