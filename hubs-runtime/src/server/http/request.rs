//! The connecting request, as it is kept with its connection.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Uri, Version, header::HOST, request::Parts};

/// The same request in memory of its own. As it comes, every header and the address are slices of the HTTP server's read
/// buffer, and would keep all of it for as long as the connection lives.
pub(in crate::server) fn detached(mut request: Parts) -> Parts {
    let size = request.headers.values().map(HeaderValue::len).sum();
    let mut values = BytesMut::with_capacity(size);
    let mut headers = HeaderMap::with_capacity(request.headers.keys_len());
    for (name, value) in &request.headers {
        values.extend_from_slice(value.as_bytes());
        headers.append(name, copied(value, values.split().freeze()));
    }
    request.headers = headers;
    if let Ok(uri) = Uri::from_maybe_shared(Bytes::from(request.uri.to_string())) {
        request.uri = uri;
    }
    request
}

/// Whether the request names its host once: HTTP/1.1 must (RFC 9112, section 3.2), HTTP/1.0 may, and HTTP/2 has it in its
/// address.
pub(in crate::server) fn names_its_host<B>(request: &http::Request<B>) -> bool {
    let hosts = request.headers().get_all(HOST).iter().count();
    match request.version() {
        Version::HTTP_11 => hosts == 1,
        _ => hosts <= 1,
    }
}

/// How many bytes of it are kept.
pub(in crate::server) fn size(request: &Parts) -> usize {
    let headers = request.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
    let target = request.uri.path_and_query().map_or(0, |target| target.as_str().len());
    headers + target
}

fn copied(value: &HeaderValue, bytes: Bytes) -> HeaderValue {
    let mut copy = HeaderValue::from_maybe_shared(bytes).unwrap_or_else(|_| value.clone());
    copy.set_sensitive(value.is_sensitive());
    copy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let mut secret = HeaderValue::from_static("Bearer x");
        secret.set_sensitive(true);
        let request = http::Request::builder()
            .uri("/chat?id=1&name=%20")
            .header("cookie", "a=1")
            .header("cookie", "b=2")
            .header("x-binary", HeaderValue::from_bytes(b"\xe4").unwrap())
            .header("authorization", secret)
            .extension(7_u8)
            .body(());
        let (before, ()) = request.unwrap().into_parts();
        let (headers, uri) = (before.headers.clone(), before.uri.clone());
        let after = detached(before);
        assert_eq!((after.headers.clone(), after.uri), (headers, uri));
        assert!(after.headers["authorization"].is_sensitive());
        assert_eq!(after.extensions.get::<u8>(), Some(&7));
    }
}
