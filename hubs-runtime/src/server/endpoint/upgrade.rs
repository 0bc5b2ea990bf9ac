//! Turning a request into a WebSocket: what must have been asked, the answer, and the socket that is left afterwards. It
//! is done here rather than by axum so that the plain TCP socket comes back where there is one.

use axum::{
    body::{Body, Bytes},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version,
    header::{
        CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
    },
    request::Parts,
};
use hyper::{ext::Protocol, upgrade::Upgraded};
use hyper_util::{rt::TokioIo, server::conn::auto::upgrade::downcast};
use tokio::net::TcpStream;

use crate::server::serve::LimitedSocket;
use crate::transport::websocket::{IoWebSocket, TcpWebSocket, accept_key};

/// The socket behind an upgraded request.
pub(in crate::server) enum Socket {
    /// The plain TCP socket, as `axum::serve` uses it.
    Tcp(TcpWebSocket),
    /// Anything else: TLS, Unix sockets, HTTP/2, another server.
    Other(IoWebSocket<TokioIo<Upgraded>>),
}

/// Whether the request asks for a WebSocket in the one way there is.
pub(in crate::server) fn is_asked_for(request: &Parts) -> bool {
    let headers = &request.headers;
    headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13")
        && if is_http_2(request) { is_extended_connect(request) } else { is_upgrade(request) }
}

fn is_http_2(request: &Parts) -> bool {
    request.version == Version::HTTP_2
}

/// RFC 8441, section 4: a stream of an HTTP/2 connection becomes the socket.
fn is_extended_connect(request: &Parts) -> bool {
    let protocol = request.extensions.get::<Protocol>();
    request.method == Method::CONNECT && protocol.is_some_and(|protocol| protocol.as_str() == "websocket")
}

/// RFC 6455, section 4.2.1: the HTTP/1.1 connection becomes the socket.
fn is_upgrade(request: &Parts) -> bool {
    let headers = &request.headers;
    request.method == Method::GET
        && request.version == Version::HTTP_11
        && has_token(headers, &UPGRADE, "websocket")
        && has_token(headers, &CONNECTION, "upgrade")
        && key(headers).is_some()
}

/// 101, or 200 over HTTP/2, with the subprotocol that is chosen. `None` if the request holds no valid key where it must.
pub(in crate::server) fn answer(request: &Parts, subprotocols: &[String]) -> Option<Response> {
    let mut response = Response::new(Body::empty());
    if let Some(chosen) = subprotocol(&request.headers, subprotocols) {
        response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    if is_http_2(request) {
        return Some(response);
    }
    let accept = HeaderValue::try_from(accept_key(key(&request.headers)?)).ok()?;
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Some(response)
}

/// The socket, with what the client sent together with its upgrade.
pub(in crate::server) fn socket(upgraded: Upgraded, maximum_receive_message_size: Option<usize>) -> Socket {
    match plain_tcp(upgraded) {
        Ok((tcp, leftover)) => {
            // Hub messages are small and each is awaited; a socket that refuses is slow, not broken.
            let _ = tcp.set_nodelay(true);
            Socket::Tcp(TcpWebSocket::over_tcp(tcp, &leftover, maximum_receive_message_size))
        }
        Err(upgraded) => Socket::Other(IoWebSocket::new(TokioIo::new(upgraded), &[], maximum_receive_message_size)),
    }
}

/// The TCP socket behind an upgrade, and what was read from it already, whether `axum::serve` or this library serves it.
fn plain_tcp(upgraded: Upgraded) -> Result<(TcpStream, Bytes), Upgraded> {
    let upgraded = match downcast::<TokioIo<TcpStream>>(upgraded) {
        Ok(parts) => return Ok((parts.io.into_inner(), parts.read_buf)),
        Err(upgraded) => upgraded,
    };
    let parts = downcast::<TokioIo<LimitedSocket<TcpStream>>>(upgraded)?;
    Ok((parts.io.into_inner().into_inner(), parts.read_buf))
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
}

/// The first that the client offers, or the first of `own` that it offers. A browser gives up a socket for which it has
/// offered some and got none.
fn subprotocol(headers: &HeaderMap, own: &[String]) -> Option<HeaderValue> {
    let values = headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().filter_map(|value| value.to_str().ok());
    let mut offered = values.flat_map(|value| value.split(',')).map(str::trim).filter(|name| !name.is_empty());
    let chosen = if own.is_empty() {
        offered.next()?
    } else {
        let offered: Vec<&str> = offered.collect();
        own.iter().map(String::as_str).find(|name| offered.contains(name))?
    };
    HeaderValue::from_str(chosen).ok()
}

/// The client's key: 16 bytes in base64.
fn key(headers: &HeaderMap) -> Option<&[u8]> {
    let key = headers.get(SEC_WEBSOCKET_KEY)?.as_bytes();
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An upgrade in which `name` has `value`; an empty value leaves the header out.
    fn asked_with(name: &'static str, value: &'static str) -> bool {
        let mut request = http::Request::new(());
        for (name, value) in [
            ("upgrade", "websocket"),
            ("connection", "keep-alive, Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            (name, value),
        ] {
            let name = HeaderName::from_static(name);
            if value.is_empty() {
                request.headers_mut().remove(name);
            } else {
                request.headers_mut().insert(name, HeaderValue::from_static(value));
            }
        }
        is_asked_for(&request.into_parts().0)
    }

    #[test]
    fn what_is_an_upgrade() {
        assert!(asked_with("upgrade", "WebSocket"));
        assert!(asked_with("upgrade", "h2c, websocket"));
        assert!(asked_with("connection", "upgrade"));
        for (name, value) in [
            ("upgrade", ""),
            ("upgrade", "websockets"),
            ("connection", ""),
            ("connection", "keep-alive"),
            ("sec-websocket-version", ""),
            ("sec-websocket-version", "8"),
            ("sec-websocket-key", ""),
            ("sec-websocket-key", "c2hvcnQ="),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ"),
            ("sec-websocket-key", "not base64 at all!!!!!!!"),
        ] {
            assert!(!asked_with(name, value), "{name}: {value:?}");
        }
    }

    #[test]
    fn one_subprotocol_is_chosen() {
        let own = ["b".to_owned(), "a".to_owned()];
        for (offered, first, chosen) in [
            (&["a, b"][..], Some("a"), Some("b")),
            (&["a", "b"], Some("a"), Some("b")),
            (&[" , c"], Some("c"), None),
            (&[""], None, None),
            (&[], None, None),
        ] {
            let mut headers = HeaderMap::new();
            for value in offered {
                headers.append(SEC_WEBSOCKET_PROTOCOL, value.parse().unwrap());
            }
            let name = |value: Option<HeaderValue>| value.map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(name(subprotocol(&headers, &[])).as_deref(), first, "{offered:?}");
            assert_eq!(name(subprotocol(&headers, &own)).as_deref(), chosen, "{offered:?}");
        }
    }

    #[test]
    fn the_answer_is_that_of_the_rfc() {
        let mut request = http::Request::new(()).into_parts().0;
        assert!(answer(&request, &[]).is_none());
        request.headers.insert(SEC_WEBSOCKET_KEY, HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ=="));
        let response = answer(&request, &[]).unwrap();
        assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
        assert_eq!(response.headers()[SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
}
