//! The first request of a connection, at the calling end: which transports the server offers, and the token by which it
//! knows the connection. A server may send the client on to another address.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use serde::{Deserialize, de::IgnoredAny};

use super::{
    ConnectError,
    address::{HubAddress, is_token},
    http::{Http, Requests},
    renewal,
    token::Bearer,
};
use crate::{
    ids::{ConnectionId, TransferFormat},
    transport::TransportKind,
};

/// How often a server may send the client on, as in the official clients.
const REDIRECTS: usize = 100;

/// What was agreed on.
pub(super) struct Negotiated {
    /// Where the hub is, after all redirects.
    pub(super) address: HubAddress,
    /// Makes the requests of the connection.
    pub(super) requests: Requests,
    pub(super) id: ConnectionId,
    /// The secret by which the server knows the connection.
    pub(super) token: String,
    /// Whether a redirect gave the token of the requests.
    pub(super) redirected: bool,
    /// Whether the connection outlives its socket.
    pub(super) stateful: bool,
    /// How long the token of the request is good, where the server lets it be renewed.
    pub(super) lifetime: Option<Duration>,
    /// What the server offers, in its order.
    pub(super) transports: Vec<(TransportKind, Vec<TransferFormat>)>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    error: Option<String>,
    url: Option<String>,
    access_token: Option<String>,
    #[serde(default)]
    negotiate_version: Option<u32>,
    connection_id: Option<String>,
    connection_token: Option<String>,
    available_transports: Option<Vec<Offered>>,
    #[serde(default)]
    use_stateful_reconnect: bool,
    token_lifetime_seconds: Option<u64>,
    /// Only the ASP.NET SignalR before ASP.NET Core has it.
    #[serde(rename = "ProtocolVersion")]
    old_version: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offered {
    transport: String,
    transfer_formats: Vec<String>,
}

/// Negotiates at `address`, and where that sends the client on.
pub(super) async fn negotiate(
    http: &Arc<Http>,
    address: &HubAddress,
    bearer: Bearer,
    stateful: bool,
) -> Result<Negotiated, ConnectError> {
    let mut address = address.clone();
    let mut requests = Requests { http: Arc::clone(http), bearer };
    let mut redirected = false;
    for _ in 0..REDIRECTS {
        tracing::debug!(%address, "negotiating");
        let body = requests.post(address.negotiate(stateful), Bytes::new(), TransferFormat::Text).await;
        let body = body.map_err(|error| error.while_asking("negotiate"))?;
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|error| ConnectError::Negotiation(format!("it is not SignalR's JSON ({error})")))?;
        let Some(url) = &answer.url else { return agreed(answer, address, (requests, redirected), stateful) };
        if let Some(error) = answer.error {
            return Err(ConnectError::Declined(error));
        }
        address = HubAddress::parse(url)?;
        if let Some(token) = &answer.access_token {
            (requests.bearer, redirected) = (Bearer::new(token)?, true);
        }
        tracing::debug!(%address, "redirected");
    }
    Err(ConnectError::TooManyRedirects)
}

fn agreed(
    answer: Answer,
    address: HubAddress,
    (mut requests, redirected): (Requests, bool),
    asked_stateful: bool,
) -> Result<Negotiated, ConnectError> {
    let invalid = |text: &str| ConnectError::Negotiation(text.to_owned());
    if let Some(error) = answer.error {
        return Err(ConnectError::Declined(error));
    }
    if answer.old_version.is_some() {
        return Err(invalid(
            "this is a server of ASP.NET SignalR; only ASP.NET Core SignalR's protocol is spoken here",
        ));
    }
    if answer.use_stateful_reconnect && !asked_stateful {
        return Err(invalid("the server wants stateful reconnect, which was not asked for"));
    }
    let id = answer.connection_id.ok_or_else(|| invalid("it has no connectionId"))?;
    let token = match answer.connection_token {
        Some(token) => token,
        None if answer.negotiate_version.unwrap_or(0) == 0 => id.clone(),
        None => return Err(invalid("it has no connectionToken")),
    };
    if !is_token(&token) {
        return Err(invalid("its connectionToken cannot be part of a URL"));
    }
    let offered = answer.available_transports.ok_or_else(|| invalid("it has no availableTransports"))?;
    let transports = offered.iter().filter_map(Offered::known).collect();
    let stateful = answer.use_stateful_reconnect;
    // A ticket for this connection, which stands for the token from now on.
    if let Some(ticket) = &answer.access_token {
        requests.bearer = Bearer::new(ticket)?;
    }
    let lifetime = answer.token_lifetime_seconds.map(renewal::seconds);
    Ok(Negotiated { address, requests, id: ConnectionId::new(id), token, redirected, stateful, lifetime, transports })
}

impl Offered {
    /// The transport with what it carries, if this client knows it.
    fn known(&self) -> Option<(TransportKind, Vec<TransferFormat>)> {
        let known = [TransportKind::WebSockets, TransportKind::ServerSentEvents, TransportKind::LongPolling];
        let kind = known.into_iter().find(|kind| kind.name() == self.transport)?;
        let format = |name: &String| match name.as_str() {
            "Text" => Some(TransferFormat::Text),
            "Binary" => Some(TransferFormat::Binary),
            _ => None,
        };
        Some((kind, self.transfer_formats.iter().filter_map(format).collect()))
    }
}
